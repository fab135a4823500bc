// What the widgets that read a digit have in common: a sheet to draw it on, with buttons, and a slider over its rows.
import { element, slider } from './elements.js'
import { side } from './networks.js'
import { Pad, padSize } from './pad.js'

export const invitation = 'Draw a digit, or choose one below the sheet.'

export class Sheet {
  #networks
  #example = 0

  // `onChange` is the pad's; `more` are further buttons.
  constructor(networks, onChange, ...more) {
    this.#networks = networks
    this.pad = new Pad(onChange)
    const example = (digit) => element('button', { 'aria-label': `Write a ${digit}`, onclick: () => this.write(digit) }, String(digit))
    this.column = element('div', { class: 'w-column' },
      this.pad.canvas,
      element('div', { class: 'w-buttons' },
        element('button', { onclick: (event) => this.pad.clear(event.timeStamp) }, 'Clear'),
        element('button', { onclick: (event) => this.pad.undo(event.timeStamp) }, 'Undo'),
        ...more),
      element('div', { class: 'w-buttons w-examples', role: 'group', 'aria-label': 'Example digits' },
        ...Array.from({ length: 10 }, (_, digit) => example(digit))))
  }

  // Another built-in digit of this kind each time.
  write(digit) {
    this.#example = (this.#example + 1) % 1000
    this.pad.set(this.#networks.write(10 * this.#example + digit, 1, padSize))
  }

  // Gives what is drawn, as an image like MNIST's, to `use`. Returns why there was nothing to use, or ''.
  read(use) {
    if (this.pad.empty) return invitation
    try {
      use(this.#networks.prepare(...this.pad.gray()))
      return ''
    } catch (error) {
      return `Nothing to read yet: ${error.message.replace(/^drawing: /, '')}.`
    }
  }
}

export const rowSlider = (onChange) =>
  slider('After row', { min: 0, max: side - 1, value: side - 1, show: (row) => String(row + 1) }, onChange)
