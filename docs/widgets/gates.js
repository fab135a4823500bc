// Chapter 07: what goes on in three kinds of cells while they read the same digit.
import { color, drawGrid, element, percent } from './elements.js'
import { Networks, largest, side } from './networks.js'
import { Sheet, rowSlider } from './sheet.js'

const cells = [
  { file: 'digits', name: 'Basic cell', shown: { h: 'state' } },
  { file: 'digits_gru', name: 'GRU', shown: { z: 'update gate: what stays', r: 'reset gate', h: 'state' } },
  { file: 'digits_lstm', name: 'LSTM',
    shown: { f: 'forget gate: what stays', i: 'input gate', o: 'output gate', c: 'cell state', h: 'output' } },
]
const isGate = (name) => 'zrfio'.includes(name)

export async function mount(root, load) {
  new GatesWidget(root, await Networks.open(load, cells.map(({ file }) => file)))
}

class GatesWidget {
  row = side - 1

  constructor(root, networks) {
    this.root = root
    this.networks = networks
    this.sheet = new Sheet(networks, () => this.#read())
    this.time = rowSlider((row) => {
      this.row = row
      this.#show()
    })
    this.said = element('p', { class: 'w-answer', role: 'status' })
    this.views = cells.map((cell, which) => this.#view(cell, which))
    root.append(
      element('div', { class: 'w-columns' },
        this.sheet.column,
        element('div', { class: 'w-column w-wide' }, this.said, this.time.row,
          element('p', { class: 'w-note' }, 'From left to right in each picture: the 28 rows of the image, as they are read. From top ' +
            'to bottom: neurons. The greener a gate, the further it is open; of a state, red is above ' +
            'zero and blue below.'))),
      element('div', { class: 'w-cellviews' }, ...this.views.map(({ box }) => box)))
    this.sheet.write(3)
  }

  #view({ name, shown }, which) {
    const belief = element('p', { class: 'w-note' })
    const pictures = Object.entries(shown).map(([part, words]) => {
      const canvas = element('canvas', { width: 224, height: 2 * this.networks.sizes[which], class: 'w-gate', role: 'img' })
      const caption = element('figcaption')
      return { part, words, canvas, caption, figure: element('figure', {}, canvas, caption) }
    })
    return { belief, pictures,
      box: element('section', {}, element('p', { class: 'w-title' }, name), belief,
        element('div', { class: 'w-gates' }, ...pictures.map(({ figure }) => figure))) }
  }

  #read() {
    this.results = null
    this.#show(this.sheet.read((image) => {
      this.results = cells.map((_, which) =>
        ({ ...this.networks.read(which, image), parts: this.networks.gates(which, image) }))
    }))
  }

  #show(problem = '') {
    const { results, row } = this
    this.said.textContent = results
      ? `After ${row + 1} of 28 rows: ` + cells.map(({ name }, which) => `${name} ${largest(results[which].probabilities[row])}`).join(', ') + '.'
      : problem
    this.views.forEach(({ belief, pictures }, which) => {
      const result = results?.[which], now = result?.probabilities[row]
      belief.textContent = now ? `believes in a ${largest(now)}: ${percent(now[largest(now)])}` : ''
      for (const { part, words, canvas, caption } of pictures) {
        drawPart(canvas, result?.parts[part], isGate(part), row)
        const mean = result ? meanSize(result.parts[part][row]) : 0
        const size = result ? `; ${isGate(part) ? 'on average' : 'mean size'} ${mean.toFixed(2)}` : ''
        caption.textContent = `${part}, ${words}${size}`
        canvas.setAttribute('aria-label', caption.textContent)
      }
    })
  }
}

const meanSize = (numbers) => numbers.reduce((sum, x) => sum + Math.abs(x), 0) / numbers.length

function drawPart(canvas, rows, gate, row) {
  const n = canvas.height / 2
  const green = (x) => `rgba(5, 150, 105, ${x})`
  drawGrid(canvas, n, side, (j, t) => (rows ? (gate ? green(rows[t][j]) : color(rows[t][j])) : 'transparent'))
  if (!rows) return
  const context = canvas.getContext('2d'), width = canvas.width / side
  context.fillStyle = 'rgba(128, 128, 128, 0.6)'
  context.fillRect((row + 1) * width, 0, canvas.width, canvas.height)
}
