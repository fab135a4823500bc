// Chapters 03 and 05: a network unrolled over many steps, forward, and the gradient on its way back.
import { color, drawGrid, element, slider } from './elements.js'
import { rowsOf } from './networks.js'
import { WasmModule } from './wasm.js'

export const neurons = 20, seed = 1
const orders = 20 // the picture of norms goes from 10^−20 to 10^5
const highest = 5

export class Unrolling {
  static async open(load) {
    const made = new Unrolling()
    made.module = await WasmModule.open(await load('gradients.wasm'))
    return made
  }
  run(steps, scale, inputSize) {
    const count = 2 * steps * neurons + steps + 2
    const numbers = this.module.doubles(this.module.call('unroll', steps, neurons, seed, scale, inputSize), count)
    const part = steps * neurons
    return {
      states: rowsOf(numbers.subarray(0, part), neurons),
      gradients: rowsOf(numbers.subarray(part, 2 * part), neurons),
      norms: numbers.subarray(2 * part, 2 * part + steps + 1),
      meanState: numbers[count - 1],
    }
  }
}

export async function mount(root, load) {
  new GradientsWidget(root, await Unrolling.open(load))
}

class GradientsWidget {
  constructor(root, unrolling) {
    this.root = root
    this.unrolling = unrolling
    const change = () => this.#show()
    this.scale = slider('Scale of W_y', { min: 0, max: 2.5, step: 0.05, value: 1, show: (x) => x.toFixed(2) }, change)
    this.steps = slider('Steps T', { min: 5, max: 50, value: 50 }, change)
    this.large = element('input', { type: 'checkbox', onchange: change })
    const picture = (label, height) => element('canvas', { width: 1000, height, class: 'w-strip', role: 'img', 'aria-label': label })
    this.states = picture('The states of each neuron at each step', 120)
    this.gradients = picture('The gradient of the last step’s first neuron in each state', 120)
    this.norms = picture('The norm of the gradient at each step, on a logarithmic scale', 200)
    this.verdict = element('p', { class: 'w-answer', role: 'status' })
    const figure = (canvas, words) => element('figure', {}, canvas, element('figcaption', {}, words))
    root.append(
      this.scale.row, this.steps.row,
      element('label', { class: 'w-check' }, this.large, ' Inputs 30 times as large'),
      this.verdict,
      figure(this.states, `Forward → the states h_t of ${neurons} neurons; red is above zero, blue below.`),
      figure(this.gradients, '← Back: the gradient of the last step’s first neuron. The fainter, the closer to nothing; each shade is a factor of ten.'),
      figure(this.norms, '← Back: the norm ‖∂h_T/∂h_t‖. A line of the grid is a factor of 10⁵.'))
    this.#show()
  }

  #show() {
    const steps = Number(this.steps.input.value), scale = Number(this.scale.input.value)
    const { states, gradients, norms, meanState } = this.unrolling.run(steps, scale, this.large.checked ? 3 : 0.1)
    drawGrid(this.states, neurons, steps, (i, t) => color(states[t][i]))
    drawGrid(this.gradients, neurons, steps, (i, t) => color(shade(gradients[t][i])))
    this.#drawNorms(norms)
    this.root.dataset.norm = norms[0]
    this.root.dataset.meanState = meanState
    const left = norms[0]
    const what = left < 1e-3 ? 'The gradient vanishes' : left > 1e3 ? 'The gradient explodes' : 'The gradient arrives'
    this.verdict.textContent = `${what}: after ${steps} steps back its norm is ${left.toExponential(3)}. ` +
      `The mean of |h| is ${meanState.toPrecision(3)}.`
  }

  #drawNorms(norms) {
    const canvas = this.norms, context = canvas.getContext('2d')
    const x = (t) => (t * canvas.width) / (norms.length - 1)
    const y = (norm) => (canvas.height * (highest - Math.max(-orders, Math.log10(norm)))) / (highest + orders)
    context.clearRect(0, 0, canvas.width, canvas.height)
    for (let power = -orders; power <= highest; power += 5) {
      context.fillStyle = power === 0 ? 'rgba(128, 128, 128, 0.9)' : 'rgba(128, 128, 128, 0.35)'
      context.fillRect(0, y(10 ** power) - 1, canvas.width, 2)
    }
    context.strokeStyle = '#dc2626'
    context.lineWidth = 5
    context.beginPath()
    norms.forEach((norm, t) => context.lineTo(x(t), y(norm)))
    context.stroke()
  }
}

// The sign of a number and how many powers of ten it is above 10^−10, as a color's number.
function shade(number) {
  return Math.sign(number) * Math.min(1, Math.max(0, 1 + Math.log10(Math.abs(number) + 1e-30) / 10))
}
