// A widget's WebAssembly module: called many times, and after an error as it was at the beginning.

// What the C library asks of a system. There are no files and no environment here: each says so with an error number.
const badDescriptor = 8
function systemCalls(memory) {
  return {
    environ_sizes_get(count, bytes) {
      const numbers = new DataView(memory().buffer)
      numbers.setUint32(count, 0, true)
      numbers.setUint32(bytes, 0, true)
      return 0
    },
    environ_get: () => 0,
    fd_close: () => badDescriptor,
    fd_seek: () => badDescriptor,
    fd_write: () => badDescriptor,
    proc_exit() {
      throw new Error('the module has given up')
    },
  }
}

function textAt(memory, address) {
  const bytes = new Uint8Array(memory.buffer, address)
  return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)))
}

export class WasmModule {
  #compiled
  #setUp
  #exports = null // of the instance, or null when the next call has to make one
  #start // its memory and its stack pointer when it was new
  #scratch = { address: 0, size: 0 }

  // `setUp` is called with the module whenever a new instance has been made: to load weights, say.
  constructor(compiled, setUp = () => {}) {
    this.#compiled = compiled
    this.#setUp = setUp
  }

  static async open(bytes, setUp) {
    return new WasmModule(await WebAssembly.compile(bytes), setUp)
  }

  call(name, ...numbers) {
    try {
      return this.#instance()[name](...numbers)
    } catch (error) {
      this.#putBack()
      throw error
    }
  }

  // Copies of what lies in the module's memory.
  bytes(address, count) {
    return new Uint8Array(this.#instance().memory.buffer, address, count).slice()
  }
  floats(address, count) {
    return new Float32Array(this.#instance().memory.buffer, address, count).slice()
  }
  doubles(address, count) {
    return new Float64Array(this.#instance().memory.buffer, address, count).slice()
  }

  // The text that begins there and ends with a zero.
  text(address) {
    return textAt(this.#instance().memory, address)
  }

  // Puts an array of numbers, or a text, where the next call can read it; returns its address. The next put overwrites it.
  put(data) {
    const from = typeof data === 'string' ? new TextEncoder().encode(data + '\0') : data
    if (from.byteLength > this.#scratch.size) {
      const address = this.call('allocate', from.byteLength)
      this.#scratch = { address, size: from.byteLength }
    }
    this.write(this.#scratch.address, from)
    return this.#scratch.address
  }
  write(address, data) {
    const from = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    new Uint8Array(this.#instance().memory.buffer).set(from, address)
  }

  // An error of C++ arrives here as one of JavaScript. No destructor has run, and the stack is as it was deep inside: so
  // all memory becomes what it was before the first call. Memory that has grown cannot shrink; then there has to be a
  // new instance, which takes much longer.
  #putBack() {
    this.#scratch = { address: 0, size: 0 }
    const { memory, __stack_pointer: stackPointer } = this.#exports ?? {}
    if (this.#start?.memory.length !== memory?.buffer.byteLength) {
      this.#exports = null
    } else if (memory) {
      new Uint8Array(memory.buffer).set(this.#start.memory)
      stackPointer.value = this.#start.stackPointer
    }
  }

  #instance() {
    if (this.#exports) return this.#exports
    this.#start = null
    const memory = () => instance.exports.memory
    const page = {
      fail(message) {
        throw new Error(textAt(memory(), message))
      },
    }
    const instance = new WebAssembly.Instance(this.#compiled, { page, wasi_snapshot_preview1: systemCalls(memory) })
    instance.exports._initialize()
    this.#exports = instance.exports
    this.#scratch = { address: 0, size: 0 }
    this.#setUp(this)
    this.#scratch = { address: 0, size: 0 } // what it has put there is part of the beginning
    this.#start = { memory: new Uint8Array(memory().buffer).slice(), stackPointer: instance.exports.__stack_pointer.value }
    return this.#exports
  }
}
