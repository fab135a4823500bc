// Networks that read digits: the weights of data/weights/ in the course's own modules (digits.cpp).
import { WasmModule } from './wasm.js'

export const side = 28

// The tensors of a safetensors file: a length, a header in JSON, and the numbers.
export function tensorsOf(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true))
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)))
  const tensors = {}
  for (const [name, { shape, data_offsets: [begin, end] }] of Object.entries(entries)) {
    tensors[name] = { shape, numbers: new Float32Array(buffer.slice(8 + length + begin, 8 + length + end)) }
  }
  return { metadata, tensors }
}

export class Networks {
  #module

  // `load` fetches a file of the widgets by its name; `names` are files of weights without ".safetensors".
  static async open(load, names) {
    const [program, ...weights] = await Promise.all(['digits.wasm', ...names.map((name) => `${name}.safetensors`)].map(load))
    const files = weights.map(tensorsOf)
    const networks = new Networks()
    networks.sizes = files.map(({ tensors }) => tensors.w_out.shape[0])
    networks.cells = files.map(({ metadata }) => metadata.cell ?? 'rnn')
    networks.#module = await WasmModule.open(program, (module) => files.forEach((file) => add(module, file)))
    return networks
  }

  // A gray picture, bytes row by row, as an image like MNIST's: 28 × 28 bytes.
  prepare(gray, rows, columns) {
    return this.#module.bytes(this.#module.call('prepare', this.#module.put(gray), rows, columns), side * side)
  }

  // What a network makes of an image after each row.
  read(which, image) {
    const n = this.sizes[which]
    const numbers = this.#module.floats(this.#module.call('read_digit', which, this.#module.put(image)), side * (10 + n))
    return { probabilities: rowsOf(numbers.subarray(0, side * 10), 10), states: rowsOf(numbers.subarray(side * 10), n) }
  }

  // How much more ink in each pixel would speak for one digit rather than another.
  gradient(which, image, one, other) {
    return this.#module.floats(this.#module.call('pixel_gradient', which, this.#module.put(image), one, other), side * side)
  }

  // What the cells compute after each row, by name.
  gates(which, image) {
    const n = this.sizes[which]
    const names = { rnn: ['h'], gru: ['h', 'r', 'z', 'n', 'q'], lstm: ['h', 'c', 'i', 'f', 'g', 'o'] }[this.cells[which]]
    const numbers = this.#module.floats(this.#module.call('gates', which, this.#module.put(image)), side * n * names.length)
    const carried = { rnn: 1, gru: 1, lstm: 2 }[this.cells[which]]
    const gates = {}
    names.forEach((name, k) => {
      const of_carry = k < carried
      const first = of_carry ? 0 : side * n * carried, width = n * (of_carry ? carried : names.length - carried)
      const column = n * (of_carry ? k : k - carried)
      gates[name] = Array.from({ length: side }, (_, t) =>
        numbers.subarray(first + t * width + column, first + t * width + column + n))
    })
    return gates
  }

  // The paths of the pen of a built-in digit, each a list of points, scaled to a square of `size` with a margin.
  write(number, seed, size) {
    const address = this.#module.call('write_digit', number, seed)
    const [count] = this.#module.floats(address, 1)
    const lengths = [...this.#module.floats(address + 4, count)]
    let place = address + 4 * (1 + count)
    const paths = lengths.map((length) => {
      const points = rowsOf(this.#module.floats(place, 2 * length), 2).map(([x, y]) => ({ x, y }))
      place += 8 * length
      return points
    })
    return fit(paths, size)
  }
}

// Puts the numbers of all tensors into a module; `place(name, rows, columns)` is where those of one belong.
export function fillWeights(module, tensors, place) {
  for (const [name, { shape, numbers }] of Object.entries(tensors)) {
    const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape
    module.write(place(module.put(name), rows, columns), numbers)
  }
}

function add(module, { metadata, tensors }) {
  const which = module.call('add_network', module.put(metadata.cell ?? 'rnn'), tensors.w_out.shape[0])
  fillWeights(module, tensors, (...of) => module.call('weights', which, ...of))
}

export function rowsOf(numbers, columns) {
  return Array.from({ length: numbers.length / columns }, (_, i) => numbers.subarray(i * columns, (i + 1) * columns))
}

function fit(paths, size) {
  const xs = paths.flat().map(({ x }) => x), ys = paths.flat().map(({ y }) => y)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = (0.66 * size) / Math.max(right - left, bottom - top)
  const place = ({ x, y }) => ({ x: size / 2 + scale * (x - (left + right) / 2), y: size / 2 + scale * (y - (top + bottom) / 2) })
  return paths.map((path) => path.map(place))
}

export function largest(numbers) {
  return numbers.reduce((best, number, i) => (number > numbers[best] ? i : best), 0)
}
