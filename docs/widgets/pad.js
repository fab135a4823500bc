// A sheet of paper to draw on, with finger, pen, mouse or the arrow keys.
import { element } from './elements.js'

export const padSize = 280
const penWidth = 22

// The picture that is read is five times as fine as an image of MNIST, where a digit is 20 pixels high or wide, and a
// line 2.44 pixels on average. So small and large drawings get the same pen.
const fineness = 5
const graySize = 28 * fineness, grayDigit = 20 * fineness, grayPen = 2.44 * fineness
const most = 3 // times that a drawing is enlarged: a dot stays a dot

export class Pad {
  strokes = []
  #cursor = { x: padSize / 2, y: padSize / 4, down: false, seen: false }

  // `onChange(finished, when)` is called while something is drawn and, with finished = true, after each stroke.
  constructor(onChange) {
    this.onChange = onChange
    this.canvas = element('canvas', {
      width: padSize, height: padSize, class: 'w-pad', tabindex: 0, role: 'application',
      'aria-label': 'A sheet to draw a digit on. Arrow keys move the pen, space lowers and lifts it, U takes the last ' +
        'stroke back, C clears the sheet.',
      onpointerdown: (event) => this.#begin(event),
      onpointermove: (event) => this.#move(event),
      onpointerup: (event) => this.#end(event),
      onpointercancel: (event) => this.#end(event),
      onkeydown: (event) => this.#key(event),
      onblur: () => this.#hideCursor(),
    })
    this.context = this.canvas.getContext('2d')
    this.small = element('canvas', { width: graySize, height: graySize })
    this.#draw()
  }

  get empty() {
    return this.strokes.length === 0
  }

  set(strokes, when = performance.now()) {
    this.strokes = strokes.map((stroke) => [...stroke])
    this.#draw()
    this.onChange(true, when)
  }
  clear(when) {
    this.set([], when)
  }
  undo(when) {
    this.set(this.strokes.slice(0, -1), when)
  }

  // The sheet as a gray picture: bytes row by row, and its size.
  gray() {
    const context = this.small.getContext('2d', { willReadFrequently: true })
    const { x, y, extent } = extentOf(this.strokes.flat())
    const scale = Math.min(most, (grayDigit - grayPen) / extent)
    context.fillStyle = 'white'
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillRect(0, 0, graySize, graySize)
    context.setTransform(scale, 0, 0, scale, graySize / 2 - scale * x, graySize / 2 - scale * y)
    this.#ink(context, grayPen / scale)
    const { data } = context.getImageData(0, 0, graySize, graySize)
    return [Uint8Array.from({ length: graySize * graySize }, (_, i) => data[4 * i]), graySize, graySize]
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect()
    return { x: ((event.clientX - box.left) * padSize) / box.width, y: ((event.clientY - box.top) * padSize) / box.height }
  }
  #begin(event) {
    if (event.button > 0 || this.pointer !== undefined) return
    event.preventDefault()
    this.canvas.focus({ preventScroll: true })
    this.pointer = event.pointerId
    this.canvas.setPointerCapture(event.pointerId)
    this.#cursor.seen = false
    this.strokes.push([this.#place(event)])
    this.#drawn(event.timeStamp)
  }
  #move(event) {
    if (event.pointerId !== this.pointer) return
    const events = event.getCoalescedEvents?.() ?? []
    for (const one of events.length ? events : [event]) this.strokes.at(-1).push(this.#place(one))
    this.#drawn(event.timeStamp)
  }
  #end(event) {
    if (event.pointerId !== this.pointer) return
    this.pointer = undefined
    this.#draw()
    this.onChange(true, event.timeStamp)
  }
  // While the pen moves, the page is asked to read once a frame.
  #drawn(when) {
    this.#draw()
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      if (this.pointer !== undefined) this.onChange(false, when)
    })
  }

  #key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const cursor = this.#cursor
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === ' ') {
      cursor.down = !cursor.down
      if (cursor.down) this.strokes.push([{ x: cursor.x, y: cursor.y }])
    } else if (steps[event.key]) {
      const inside = (number) => Math.min(padSize - 20, Math.max(20, number))
      cursor.x = inside(cursor.x + 8 * steps[event.key][0])
      cursor.y = inside(cursor.y + 8 * steps[event.key][1])
      if (cursor.down) this.strokes.at(-1).push({ x: cursor.x, y: cursor.y })
    } else if (event.key === 'u') {
      cursor.down = false
      this.undo(event.timeStamp)
    } else if (event.key === 'c') {
      cursor.down = false
      this.clear(event.timeStamp)
    } else {
      return
    }
    event.preventDefault()
    cursor.seen = true
    this.#draw()
    this.onChange(!cursor.down, event.timeStamp)
  }
  #hideCursor() {
    this.#cursor.seen = this.#cursor.down = false
    this.#draw()
  }

  // Between the places of the pen the line is curved: it goes through the middle of every two of them.
  #ink(context, width) {
    context.strokeStyle = 'black'
    context.lineWidth = width
    context.lineCap = context.lineJoin = 'round'
    for (const stroke of this.strokes) {
      context.beginPath()
      context.moveTo(stroke[0].x, stroke[0].y)
      for (let i = 1; i + 1 < stroke.length; ++i) {
        const { x, y } = stroke[i], next = stroke[i + 1]
        context.quadraticCurveTo(x, y, (x + next.x) / 2, (y + next.y) / 2)
      }
      context.lineTo(stroke.at(-1).x, stroke.at(-1).y)
      context.stroke()
    }
  }
  #draw() {
    const { context } = this
    context.fillStyle = 'white'
    context.fillRect(0, 0, padSize, padSize)
    this.#ink(context, penWidth)
    if (!this.#cursor.seen) return
    context.lineWidth = 3
    context.strokeStyle = this.#cursor.down ? '#d97706' : '#808080'
    context.beginPath()
    context.arc(this.#cursor.x, this.#cursor.y, penWidth / 2 + 3, 0, 2 * Math.PI)
    context.stroke()
  }
}

// The middle of a drawing, and its longer side.
function extentOf(points) {
  const range = (numbers) => [Math.min(...numbers), Math.max(...numbers)]
  const [left, right] = range(points.map(({ x }) => x)), [top, bottom] = range(points.map(({ y }) => y))
  return { x: (left + right) / 2, y: (top + bottom) / 2, extent: Math.max(right - left, bottom - top, 1e-3) }
}
