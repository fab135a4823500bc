// Chapter 01: two time steps of two neurons, with every number of the formula.
import { element } from './elements.js'
import { WasmModule } from './wasm.js'

const steps = 2, inputs = 2, neurons = 2
const decimals = (number) => number.toFixed(3).replace('-', '−')

// What can be changed, in the order in which the module takes it: a name, its rows and columns, its first numbers.
export const matrices = [
  { name: 'x', rows: steps, columns: inputs, start: [0.5, -1, 0, 0] },
  { name: 'W_x', rows: inputs, columns: neurons, start: [1.2, -0.4, 0.3, 0.9] },
  { name: 'W_y', rows: neurons, columns: neurons, start: [0.8, -1.1, 0.6, 0.5] },
  { name: 'b', rows: 1, columns: neurons, start: [0.1, -0.2] },
  { name: 'y_start', rows: 1, columns: neurons, start: [0, 0] },
]

export class TwoSteps {
  static async open(load) {
    const made = new TwoSteps()
    made.module = await WasmModule.open(await load('two_steps.wasm'))
    return made
  }
  // What tanh is applied to, and the outputs, [step][neuron].
  compute(numbers) {
    const results = this.module.floats(
      this.module.call('compute', this.module.put(Float32Array.from(numbers)), inputs, neurons), 2 * steps * neurons)
    const at = (first) => [0, 1].map((t) => results.subarray(first + t * neurons, first + (t + 1) * neurons))
    return { sums: at(0), outputs: at(steps * neurons) }
  }
}

export async function mount(root, load) {
  new TwoStepsWidget(root, await TwoSteps.open(load))
}

class TwoStepsWidget {
  constructor(root, network) {
    this.root = root
    this.network = network
    this.fields = {} // by source: "W_x 0 1"
    const tables = matrices.map((matrix) => this.#table(matrix))
    this.formulas = [0, 1].map((t) => element('div', { class: 'w-formulas' }))
    this.said = element('p', { class: 'w-note', role: 'status' })
    root.append(
      element('div', { class: 'w-matrices' }, ...tables),
      element('div', { class: 'w-columns' }, ...this.formulas.map((formulas, t) =>
        element('div', { class: 'w-column w-wide' }, element('p', { class: 'w-title' }, `Step t = ${t}`), formulas))),
      this.said,
      element('div', { class: 'w-buttons' },
        element('button', { onclick: () => this.#set(matrices.flatMap(({ start }) => start)) }, 'Start again'),
        element('button', { onclick: () => this.#set(matrices.flatMap(({ name, start }) => start.map((number) => (name === 'W_y' ? 0 : number)))) },
          'Forget: W_y = 0')))
    root.addEventListener('pointerover', (event) => this.#light(event.target))
    root.addEventListener('focusin', (event) => this.#light(event.target))
    root.addEventListener('pointerleave', () => this.#light(root))
    this.#compute()
  }

  #table({ name, rows, columns, start }) {
    const cells = start.map((number, k) => {
      const source = `${name} ${Math.floor(k / columns)} ${k % columns}`
      const field = element('input', { type: 'number', step: 0.1, value: number, 'data-source': source,
        'aria-label': `${name}, row ${Math.floor(k / columns)}, column ${k % columns}`,
        oninput: () => this.#compute(), onpointerdown: (event) => this.#drag(event, field) })
      this.fields[source] = field
      return field
    })
    return element('figure', { class: 'w-matrix' },
      element('div', { class: 'w-cells', style: `grid-template-columns: repeat(${columns}, 1fr)` }, ...cells),
      element('figcaption', {}, `${name} (${rows} × ${columns})`))
  }

  // A number changes as one drags on it, to the left and to the right.
  #drag(down, field) {
    const start = Number(field.value)
    const move = (event) => {
      const way = event.clientX - down.clientX
      if (Math.abs(way) < 4) return
      field.setPointerCapture(down.pointerId)
      field.value = (start + Math.round(way / 4) / 20).toFixed(2)
      this.#compute()
    }
    const end = () => ['pointermove', 'pointerup', 'pointercancel'].forEach((name, k) =>
      field.removeEventListener(name, k === 0 ? move : end))
    field.addEventListener('pointermove', move)
    field.addEventListener('pointerup', end)
    field.addEventListener('pointercancel', end)
  }

  #set(numbers) {
    Object.values(this.fields).forEach((field, k) => (field.value = numbers[k]))
    this.#compute()
  }

  #compute() {
    const value = (source) => Number(this.fields[source].value) || 0
    const { sums, outputs } = this.network.compute(Object.keys(this.fields).map(value))
    this.results = outputs
    const number = (source, shown) =>
      element('span', { class: 'w-part', 'data-source': source }, shown < 0 ? `(${decimals(shown)})` : decimals(shown))
    for (let t = 0; t < steps; ++t) {
      const before = (i) => (t === 0 ? number(`y_start 0 ${i}`, value(`y_start 0 ${i}`)) : number(`y ${t - 1} ${i}`, outputs[t - 1][i]))
      this.formulas[t].replaceChildren(...[0, 1].map((j) => {
        const product = (a, b) => [element('span', { class: 'w-term' }, a, '·', b), ' + ']
        const own = (source) => number(source, value(source))
        return element('p', { class: 'w-formula' },
          element('b', {}, `y${t}[${j}] = tanh(`),
          ...[0, 1].flatMap((i) => product(own(`x ${t} ${i}`), own(`W_x ${i} ${j}`))),
          ...[0, 1].flatMap((i) => product(before(i), own(`W_y ${i} ${j}`))),
          own(`b 0 ${j}`), ') = tanh(', element('span', { class: 'w-part', 'data-source': `a ${t} ${j}` }, decimals(sums[t][j])), ') = ',
          element('output', { class: 'w-part w-result', 'data-source': `y ${t} ${j}`, 'data-exact': outputs[t][j], tabindex: 0 },
            decimals(outputs[t][j])))
      }))
    }
  }

  // Shows where a number comes from, or where it is used.
  #light(target) {
    const source = target.closest?.('[data-source]')?.dataset.source
    const result = source?.match(/^[ya] (\d) (\d)$/)
    const parts = result ? partsOf(Number(result[1]), Number(result[2])) : []
    for (const other of this.root.querySelectorAll('[data-source]')) {
      other.classList.toggle('w-lit', other.dataset.source === source || parts.includes(other.dataset.source))
    }
    this.said.textContent = result
      ? `y${result[1]}[${result[2]}] comes from row ${result[1]} of x, ${Number(result[1]) ? 'the outputs y0' : 'y_start'}, and column ${result[2]} of W_x, W_y and b.`
      : source ? `${source.replace(/ (\d) (\d)$/, '[$1][$2]')} is used where it lights up.` : 'Drag a number, or type; hover over one to see where it comes from.'
  }
}

function partsOf(t, j) {
  const before = (i) => (t === 0 ? `y_start 0 ${i}` : `y ${t - 1} ${i}`)
  return [`b 0 ${j}`, ...[0, 1].flatMap((i) => [`x ${t} ${i}`, `W_x ${i} ${j}`, before(i), `W_y ${i} ${j}`])]
}
