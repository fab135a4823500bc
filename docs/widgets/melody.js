// Chapter 08: press a note; the network says what it expects next; pick, or let chance pick; hear it.
import { element, percent, slider } from './elements.js'
import { fillWeights, tensorsOf } from './networks.js'
import { WasmModule } from './wasm.js'

const endOfTune = -2, rest = -1
const ticksOfQuarter = 10080, samplesPerSecond = 44100
const meter = { beats: 4, unit: 4 }, tempo = 112 // quarter notes a minute
const barTicks = (4 * ticksOfQuarter * meter.beats) / meter.unit
const mostBars = 16

const seconds = (ticks) => (60 * ticks) / (tempo * ticksOfQuarter)
const isBlack = (pitch) => [1, 3, 6, 8, 10].includes(pitch % 12)

// The network in the middle of a tune (melody.cpp). After an error the module has forgotten the tune, which is therefore
// kept here too.
export class Improviser {
  events = []
  #module

  static async open(load) {
    const [program, weights] = await Promise.all(['melody.wasm', 'melody.safetensors'].map(load))
    const made = new Improviser()
    made.#module = await WasmModule.open(program, (module) => fill(module, tensorsOf(weights)))
    made.tell([])
    return made
  }

  // The tune becomes this one.
  tell(events) {
    this.#module.call('begin', meter.beats, meter.unit)
    for (const { pitch, ticks } of events) this.#module.call('hear', pitch, ticks)
    this.events = [...events]
  }
  hear(event) {
    try {
      this.#module.call('hear', event.pitch, event.ticks)
      this.events.push(event)
    } catch (error) {
      this.tell(this.events)
      throw error
    }
  }

  // What may come next, the most likely first, and the probability of each pitch with whatever duration.
  expect(temperature) {
    const address = this.#module.call('expect', temperature)
    const [count] = this.#module.doubles(address, 1), list = this.#module.doubles(address + 8, 3 * count)
    const after = address + 8 + 24 * count
    const [pitches] = this.#module.doubles(after, 1), sums = this.#module.doubles(after + 8, 2 * pitches)
    return {
      events: Array.from({ length: count }, (_, i) => ({ pitch: list[3 * i], ticks: list[3 * i + 1], probability: list[3 * i + 2] })),
      pitches: new Map(Array.from({ length: pitches }, (_, i) => [sums[2 * i], sums[2 * i + 1]])),
    }
  }
  // The number, in the list of what was expected last, of the event that a number from 0 to 1 falls on.
  pick(uniform) {
    return this.#module.call('pick', uniform)
  }
  get bars() {
    return this.#module.call('bars')
  }
  nameOf(pitch) {
    return this.#module.text(this.#module.call('name_of_pitch', pitch))
  }
  durationName(ticks) {
    return this.#module.text(this.#module.call('name_of_duration', ticks))
  }
  inWords({ pitch, ticks }) {
    return pitch === endOfTune ? 'the end' : `${this.nameOf(pitch)} ${this.durationName(ticks)}`
  }
  // How a note sounds, 44,100 numbers a second.
  sound({ pitch, ticks }) {
    const samples = Math.floor((seconds(ticks) + 0.1) * samplesPerSecond)
    return this.#module.floats(this.#module.call('sound', pitch, samples), samples)
  }
}

function fill(module, { metadata, tensors }) {
  const [cell, vocabulary] = [metadata.cell, metadata.vocabulary].map((text) => {
    const bytes = new TextEncoder().encode(text + '\0'), address = module.call('allocate', bytes.length)
    module.write(address, bytes)
    return address
  })
  module.call('make_network', cell, vocabulary, tensors.w_pitch.shape[0], tensors.pitch_embedding.shape[1])
  fillWeights(module, tensors, (...of) => module.call('weights', ...of))
}

// Sound, once somebody has pressed something: browsers allow none before. Where there is none, all else still works.
class Speaker {
  on = true
  #context = null
  #notes = []

  // Plays notes one after another, each given with its samples; returns how long that takes, in seconds.
  play(events, samplesOf) {
    const length = events.reduce((sum, { ticks }) => sum + seconds(ticks), 0)
    try {
      this.#context ??= new AudioContext()
      this.#context.resume()
    } catch {
      return length
    }
    let when = this.#context.currentTime + 0.02
    for (const event of this.on ? events : []) {
      if (event.pitch !== rest) this.#note(samplesOf(event), when)
      when += seconds(event.ticks)
    }
    return length
  }
  stop() {
    for (const note of this.#notes) note.stop()
    this.#notes = []
  }
  #note(samples, when) {
    const buffer = this.#context.createBuffer(1, samples.length, samplesPerSecond)
    buffer.copyToChannel(samples, 0)
    const note = new AudioBufferSourceNode(this.#context, { buffer })
    note.connect(new GainNode(this.#context, { gain: 0.5 })).connect(this.#context.destination)
    note.start(when)
    note.onended = () => (this.#notes = this.#notes.filter((other) => other !== note))
    this.#notes.push(note)
  }
}

export async function mount(root, load) {
  new MelodyWidget(root, await Improviser.open(load))
}

const shownEvents = 8

class MelodyWidget {
  ended = false
  playing = null // the timer of what goes on by itself

  constructor(root, tune) {
    this.root = root
    this.tune = tune
    this.speaker = new Speaker()
    this.temperature = slider('Temperature', { min: 0.1, max: 2, step: 0.1, value: 0.8, show: (x) => x.toFixed(1) }, () => this.#show())
    this.answer = element('p', { class: 'w-answer', role: 'status' })
    this.roll = element('canvas', { width: 1200, height: 260, class: 'w-strip', role: 'img' })
    root.append(
      this.answer,
      element('figure', {}, this.roll, element('figcaption', {}, 'The tune so far: time goes to the right, pitch goes up, a line is a bar’s end.')),
      this.#keyboard(),
      element('p', { class: 'w-note' }, 'On each key: how likely it is to come next, in percent. The marked key was the last one.'),
      element('div', { class: 'w-columns' },
        element('div', { class: 'w-column w-wide' }, element('p', { class: 'w-title' }, 'What may come next'), this.#proposals()),
        element('div', { class: 'w-column w-wide' }, this.#controls())))
    this.#show()
  }

  // Keys from the white key at or below the lowest pitch to that at or above the highest.
  #keyboard() {
    const known = [...this.tune.expect(1).pitches.keys()].filter((pitch) => pitch > rest)
    const first = Math.min(...known), last = Math.max(...known)
    const low = isBlack(first) ? first - 1 : first, high = isBlack(last) ? last + 1 : last
    const all = Array.from({ length: high - low + 1 }, (_, i) => low + i)
    const whites = all.filter((pitch) => !isBlack(pitch)).length
    this.keys = new Map()
    let white = 0
    const keys = all.map((pitch) => {
      const fill = element('span', { class: 'w-fill' }), number = element('span', { class: 'w-number' })
      const black = isBlack(pitch)
      const style = black ? `left: ${(100 * (white - 0.3)) / whites}%; width: ${60 / whites}%` : `left: ${(100 * white) / whites}%; width: ${100 / whites}%`
      if (!black) ++white
      const name = pitch % 12 === 0 ? element('span', { class: 'w-key-name' }, this.tune.nameOf(pitch)) : ''
      const key = element('button', { class: `w-key ${black ? 'w-black' : 'w-white'}`, style, tabindex: pitch === first ? 0 : -1,
        disabled: !known.includes(pitch), onclick: () => this.#press(pitch), onkeydown: (event) => this.#walk(event, pitch) },
        fill, number, name)
      if (known.includes(pitch)) this.keys.set(pitch, { key, fill, number })
      return key
    })
    return element('div', { class: 'w-keyboard', role: 'group',
      'aria-label': 'A keyboard: what the network expects next. Arrow keys go from key to key.' }, ...keys)
  }
  #walk(event, pitch) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], order = [...this.keys.keys()]
    const next = step && order[order.indexOf(pitch) + step]
    if (next === undefined) return
    event.preventDefault()
    this.keys.get(pitch).key.tabIndex = -1
    this.keys.get(next).key.tabIndex = 0
    this.keys.get(next).key.focus()
  }

  #proposals() {
    this.bars = Array.from({ length: shownEvents }, (_, i) => {
      const name = element('span', { class: 'w-event' }), fill = element('span', { class: 'w-fill' }), number = element('span', { class: 'w-number' })
      const bar = element('button', { class: 'w-bar w-long', onclick: () => this.#take(i) }, name,
        element('span', { class: 'w-track' }, fill), number)
      return { bar, name, fill, number }
    })
    return element('div', { class: 'w-bars', role: 'group', 'aria-label': 'The most likely next events' }, ...this.bars.map(({ bar }) => bar))
  }

  #controls() {
    const button = (words, onclick) => element('button', { onclick }, words)
    this.chance = button('Let chance pick', () => this.#take(this.tune.pick(Math.random())))
    this.goOn = button('Play on', () => (this.playing ? this.#stop() : this.#playOn()))
    this.hearIt = button('Hear it', () => this.#hearAll())
    this.back = button('Undo', () => this.#begin(this.tune.events.slice(0, -1)))
    this.again = button('Start over', () => this.#begin([]))
    this.length = element('select', { 'aria-label': 'How long a pressed key sounds' },
      element('option', { value: '' }, 'as is most likely'),
      ...[0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4].map((quarters) => element('option', { value: quarters * ticksOfQuarter }, this.tune.durationName(quarters * ticksOfQuarter))))
    const sound = element('input', { type: 'checkbox', checked: true, onchange: () => (this.speaker.on = sound.checked) })
    return element('div', {},
      element('div', { class: 'w-buttons' }, this.chance, this.goOn),
      element('div', { class: 'w-buttons' }, this.hearIt, this.back, this.again),
      this.temperature.row,
      element('label', { class: 'w-slider' }, element('span', {}, 'A pressed key sounds'), this.length),
      element('label', { class: 'w-check' }, sound, ' Sound'),
      element('p', { class: 'w-note' }, 'Durations are in quarter notes. Below temperature 1, what is likely gets likelier; above, everything more alike.'))
  }

  // A key is pressed. How long it sounds is said beside, or the network says what is most likely for this pitch.
  #press(pitch) {
    const likely = this.expected.events.find((event) => event.pitch === pitch)
    this.#hear({ pitch, ticks: Number(this.length.value) || likely.ticks })
  }
  #take(number) {
    const event = this.expected.events[number]
    if (event.pitch !== endOfTune) return this.#hear({ pitch: event.pitch, ticks: event.ticks })
    this.#stop()
    this.ended = true
    this.#show()
  }
  #hear(event) {
    this.#stop()
    try {
      this.#add(event)
    } catch (error) {
      this.#show()
      this.answer.textContent = `That cannot come next: ${error.message}.`
    }
  }
  #add(event) {
    this.tune.hear(event)
    const length = this.speaker.play([event], (one) => this.tune.sound(one))
    this.#show()
    return length
  }
  #begin(events) {
    this.#stop()
    this.ended = false
    this.tune.tell(events)
    this.#show()
  }

  // Event after event by chance, each when the one before has sounded.
  #playOn() {
    if (this.ended || this.tune.bars >= mostBars) this.#begin([])
    const next = () => {
      const event = this.expected.events[this.tune.pick(Math.random())]
      if (event.pitch === endOfTune || this.tune.bars >= mostBars) {
        this.ended = event.pitch === endOfTune
        this.#stop()
        return this.#show()
      }
      this.playing = setTimeout(next, 1000 * this.#add({ pitch: event.pitch, ticks: event.ticks }))
      this.#showPlaying()
    }
    next()
  }
  #hearAll() {
    this.#stop()
    const length = this.speaker.play(this.tune.events, (one) => this.tune.sound(one))
    this.playing = setTimeout(() => this.#stop(), 1000 * length)
    this.#showPlaying()
  }
  #stop() {
    clearTimeout(this.playing)
    if (this.playing) this.speaker.stop()
    this.playing = null
    this.#showPlaying()
  }
  #showPlaying() {
    this.goOn.textContent = this.playing ? 'Stop' : 'Play on'
  }

  #show() {
    const { tune, ended } = this, empty = tune.events.length === 0
    this.expected = tune.expect(Number(this.temperature.input.value))
    const { events, pitches } = this.expected, most = Math.max(...[...this.keys.keys()].map((pitch) => pitches.get(pitch)))
    for (const [pitch, { key, fill, number }] of this.keys) {
      const probability = pitches.get(pitch)
      fill.style.height = ended ? '0' : `${(100 * probability) / most}%`
      number.textContent = ended || probability < 0.005 ? '' : Math.round(100 * probability)
      key.setAttribute('aria-label', `${this.tune.nameOf(pitch)}, ${percent(probability)}`)
      key.classList.toggle('w-last', tune.events.at(-1)?.pitch === pitch)
    }
    this.bars.forEach(({ bar, name, fill, number }, i) => {
      const event = events[i]
      name.textContent = this.tune.inWords(event)
      fill.style.width = `${100 * event.probability}%`
      number.textContent = percent(event.probability)
      bar.setAttribute('aria-label', `${this.tune.inWords(event)}, ${percent(event.probability)}`)
      bar.disabled = ended
    })
    this.chance.disabled = ended
    for (const control of [this.hearIt, this.back, this.again]) control.disabled = empty && !ended
    const said = ended ? `The tune has ended, after ${count(tune.bars, 'bar')}.`
      : empty ? 'Press a key: how does the tune begin?'
      : `${this.tune.inWords(tune.events.at(-1))}. Next, most likely: ${this.tune.inWords(events[0])}.`
    if (this.answer.textContent !== said) this.answer.textContent = said
    this.root.dataset.events = tune.events.map((one) => tune.inWords(one)).join(', ')
    this.#showRoll()
  }

  #showRoll() {
    const { roll, tune } = this, context = roll.getContext('2d')
    const pitches = [...this.keys.keys()], low = Math.min(...pitches) - 1, high = Math.max(...pitches) + 1
    const end = tune.events.reduce((sum, { ticks }) => sum + ticks, 0)
    const shownBars = Math.max(4, Math.ceil(end / barTicks)), x = (ticks) => (roll.width * ticks) / (shownBars * barTicks)
    const row = roll.height / (high - low + 1)
    context.clearRect(0, 0, roll.width, roll.height)
    context.fillStyle = 'rgba(128, 128, 128, 0.15)'
    for (let pitch = low; pitch <= high; ++pitch) if (isBlack(pitch)) context.fillRect(0, (high - pitch) * row, roll.width, row)
    context.fillStyle = 'rgba(128, 128, 128, 0.6)'
    for (let bar = 1; bar < shownBars; ++bar) context.fillRect(x(bar * barTicks) - 1, 0, 2, roll.height)
    let now = 0
    for (const { pitch, ticks } of tune.events) {
      context.fillStyle = '#2563eb'
      if (pitch !== rest) context.fillRect(x(now) + 1, (high - pitch) * row, x(ticks) - 2, row)
      now += ticks
    }
    const last = tune.events.slice(-8).map((one) => tune.inWords(one)).join(', ')
    roll.setAttribute('aria-label', last ? `${count(tune.bars, 'bar')} so far; the last events: ${last}` : 'No notes yet')
  }
}

const count = (number, what) => `${Number(number.toFixed(2))} ${what}${number === 1 ? '' : 's'}`
