// Chapter 06: draw a digit, and see it read row by row.
import { color, drawGrid, element, percent } from './elements.js'
import { Networks, largest, side } from './networks.js'
import { Sheet, invitation, rowSlider } from './sheet.js'

const millisecondsPerRow = 45

export async function mount(root, load) {
  const networks = await Networks.open(load, ['digits'])
  new DigitsWidget(root, networks)
}

class DigitsWidget {
  row = side - 1
  rival = null // the digit that the answer is compared with; null: the second most likely

  constructor(root, networks) {
    this.root = root
    this.networks = networks
    this.play = element('button', { onclick: () => this.#play() }, 'Read it again')
    this.sheet = new Sheet(networks, (finished, when) => this.#drawn(finished, when), this.play)
    this.answer = element('p', { class: 'w-answer', role: 'status' }, invitation)
    this.belief = element('p', { class: 'w-note' })
    this.time = rowSlider((row) => {
      this.#stop()
      this.row = row
      this.#show()
    })
    this.why = element('input', { type: 'checkbox', onchange: () => this.#show() })
    root.append(
      element('div', { class: 'w-columns' }, this.sheet.column, this.#right()),
      this.time.row,
      this.#memory(),
    )
    this.#drawn(true)
  }

  #right() {
    this.seen = element('canvas', { width: side * 8, height: side * 8, class: 'w-seen', role: 'img' })
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const fill = element('span', { class: 'w-fill' }), number = element('span', { class: 'w-number' })
      const bar = element('button', { class: 'w-bar', onclick: () => this.#compareWith(digit) },
        element('span', { class: 'w-digit' }, String(digit)), element('span', { class: 'w-track' }, fill), number)
      return { bar, fill, number }
    })
    this.explanation = element('p', { class: 'w-note' })
    return element('div', { class: 'w-column w-wide' },
      this.answer,
      element('div', { class: 'w-beside' },
        element('figure', {}, this.seen, element('figcaption', {}, 'as the network sees it')),
        element('div', { class: 'w-bars', role: 'group', 'aria-label': 'How much the network believes in each digit' },
          ...this.bars.map(({ bar }) => bar))),
      this.belief,
      element('label', { class: 'w-check' }, this.why, ' What would change the answer?'),
      this.explanation)
  }

  #memory() {
    const n = this.networks.sizes[0]
    this.states = element('canvas', { width: n * 8, height: side * 4, class: 'w-strip', role: 'img' })
    return element('figure', {}, this.states,
      element('figcaption', {}, `Its memory: a line for each row read so far, a column for each of ${n} neurons; red is ` +
        'above zero, blue below.'))
  }

  #compareWith(digit) {
    if (!this.reading) return
    this.rival = digit === largest(this.reading.probabilities.at(-1)) ? null : digit
    this.why.checked = true
    this.#show()
  }

  // A stroke goes on, or has ended; `when` is the time of the event.
  #drawn(finished, when) {
    this.#stop()
    this.rival = null
    this.reading = null
    const problem = this.sheet.read((image) => {
      this.image = image
      this.reading = this.networks.read(0, image)
    })
    this.row = side - 1
    this.#show(problem)
    if (when !== undefined) this.root.dataset.milliseconds = (performance.now() - when).toFixed(1)
    if (finished && this.reading && !matchMedia('(prefers-reduced-motion: reduce)').matches) this.#play()
  }

  // Goes through the rows as the network does.
  #play() {
    this.#stop()
    if (!this.reading) return
    const begin = performance.now()
    const next = (now) => {
      this.row = Math.max(0, Math.min(side - 1, Math.floor((now - begin) / millisecondsPerRow)))
      this.#show()
      if (this.row < side - 1) this.frame = requestAnimationFrame(next)
    }
    this.frame = requestAnimationFrame(next)
  }
  #stop() {
    cancelAnimationFrame(this.frame)
  }

  #show(problem = invitation) {
    const { reading, row } = this
    this.time.set(row)
    for (const control of [this.time.input, this.play, this.why]) control.disabled = !reading
    const now = reading?.probabilities[row], end = reading?.probabilities.at(-1)
    this.bars.forEach(({ bar, fill, number }, digit) => {
      fill.style.width = now ? `${100 * now[digit]}%` : '0'
      number.textContent = now ? percent(now[digit]) : ''
      bar.disabled = !now
      bar.setAttribute('aria-label', `${digit}: ${now ? percent(now[digit]) : 'nothing read'}`)
      bar.classList.toggle('w-best', Boolean(now) && digit === largest(now))
    })
    const answer = reading ? `I read a ${largest(end)}.` : problem
    if (this.answer.textContent !== answer) this.answer.textContent = answer
    this.root.dataset.answer = reading ? largest(end) : ''
    this.belief.textContent = now ? `After ${row + 1} of 28 rows: ${largest(now)}, ${percent(now[largest(now)])}.` : ''
    this.#showImage(end)
    this.#showMemory()
  }

  #showImage(end) {
    const { image, reading, row } = this, why = reading && this.why.checked
    let gradient = null
    if (why) {
      const one = largest(end)
      const other = this.rival ?? largest(end.map((probability, digit) => (digit === one ? -1 : probability)))
      gradient = this.networks.gradient(0, image, one, other)
      this.explanation.textContent = `Ink on red would make it more of a ${one}, ink on blue more of a ${other}. ` +
        'Press a bar to compare with its digit.'
    } else {
      this.explanation.textContent = ''
    }
    const most = gradient?.reduce((size, number) => Math.max(size, Math.abs(number)), 1e-30)
    drawGrid(this.seen, side, side, (i, j) => (reading ? `rgb(${Array(3).fill(image[i * side + j])})` : 'black'))
    const context = this.seen.getContext('2d'), size = this.seen.width / side
    for (let i = 0; gradient && i < side * side; ++i) {
      context.fillStyle = color((0.85 * gradient[i]) / most)
      context.fillRect((i % side) * size, Math.floor(i / side) * size, size, size)
    }
    if (reading && !why) { // what has not been read yet is dimmed
      context.fillStyle = 'rgba(0, 90, 60, 0.75)'
      context.fillRect(0, (row + 1) * size, this.seen.width, this.seen.height)
    }
    this.seen.setAttribute('aria-label', reading ? `The drawing as 28 by 28 pixels, of which ${row + 1} rows are read` : 'No image')
  }

  #showMemory() {
    const { reading, row } = this, n = this.networks.sizes[0]
    drawGrid(this.states, side, n, (t, j) => (reading && t <= row ? color(reading.states[t][j]) : 'transparent'))
    this.states.setAttribute('aria-label', reading
      ? `The states of ${n} neurons after each of ${row + 1} rows` : 'No states yet')
  }
}
