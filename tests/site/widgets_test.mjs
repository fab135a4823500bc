// What the widgets compute equals what the chapters' programs print: widgets_test.mjs WIDGETS BUILD
//
// WIDGETS is the folder of the WebAssembly modules, BUILD that of the native programs. These compute with the kernel
// that has no fused multiply-add, as WebAssembly has none.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { Unrolling, neurons, seed } from '../../docs/widgets/gradients.js'
import { Improviser } from '../../docs/widgets/melody.js'
import { Networks, side } from '../../docs/widgets/networks.js'
import { TwoSteps, matrices } from '../../docs/widgets/two_steps.js'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const [widgets, build] = process.argv.slice(2)
const weights = (name) => join(root, 'data/weights', `${name}.safetensors`)
const load = async (name) => {
  const bytes = readFileSync(name.endsWith('.wasm') ? join(widgets, name) : join(root, 'data/weights', name))
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}
const scratch = mkdtempSync(join(tmpdir(), 'widgets-'))
process.on('exit', () => rmSync(scratch, { recursive: true }))

function chapter(name, ...words) {
  const program = join(build, 'chapters', name, name)
  const ended = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, RNN_KERNEL: 'baseline' } })
  assert.equal(ended.status, 0, `${name} ${words.join(' ')}: ${ended.stderr}`)
  return ended.stdout
}

// The same floats, whatever the digits that they are written with.
function assertSame(got, wanted, where) {
  assert.equal(got.length, wanted.length, where)
  wanted.forEach((number, i) => assert.equal(got[i], Math.fround(number), `${where}, number ${i}`))
}

for (const name of ['digits', 'two_steps', 'gradients', 'melody']) {
  test(`${name}.wasm is small enough for a page`, () => {
    const path = join(widgets, `${name}.wasm`)
    assert.ok(statSync(path).size <= 600e3, `${statSync(path).size} bytes`)
    assert.ok(gzipSync(readFileSync(path), { level: 9 }).length <= 200e3, 'more than 200 kB when it is packed')
  })
}

const files = ['digits', 'digits_gru', 'digits_lstm']
const networks = await Networks.open(load, files)
const indices = Array.from({ length: 100 }, (_, i) => String(i))
files.forEach((name, which) => {
  test(`${name} is as sure of 100 images after each row as the native program, to the last digit`, () => {
    const printed = chapter('06_mnist', 'predict', '--json', '--data', 'digits', '--init', weights(name), ...indices)
    const { predictions } = JSON.parse(printed)
    assert.equal(predictions.length, 100)
    for (const { image, pixels, rows } of predictions) {
      const { probabilities } = networks.read(which, Uint8Array.from(pixels.flat()))
      rows.forEach((row, t) => assertSame(probabilities[t], row, `image ${image}, row ${t}`))
    }
  })
})

const drawn = () => Uint8Array.from({ length: 100 * 100 }, (_, i) => (Math.abs((i % 100) - 50) < 6 && i > 2000 && i < 8000 ? 0 : 255))

test('three thousand errors in a row do no harm', async () => {
  const networks = await Networks.open(load, ['digits'])
  const image = networks.prepare(drawn(), 100, 100), before = networks.read(0, image).probabilities.at(-1)
  for (let i = 0; i < 3000; ++i) {
    assert.throws(() => networks.prepare(new Uint8Array(20 * 20).fill(255), 20, 20), /^Error: drawing: \S/)
  }
  assertSame(networks.read(0, networks.prepare(drawn(), 100, 100)).probabilities.at(-1), before, 'afterwards')
})

test('a picture is prepared as the native program prepares it', () => {
  const file = join(scratch, 'drawn.pgm')
  writeFileSync(file, Buffer.concat([Buffer.from('P5 100 100 255\n'), drawn()]))
  const [{ pixels }] = JSON.parse(chapter('06_mnist', 'predict', '--json', '--init', weights('digits'), file)).predictions
  assert.deepEqual([...networks.prepare(drawn(), 100, 100)], pixels.flat())
})

test('the gradient in the pixels is what a small change makes of the logits', () => {
  const image = networks.prepare(drawn(), 100, 100)
  const gradient = networks.gradient(0, image, 1, 7)
  // log p1 − log p7 is the difference of the logits.
  const difference = (pixels) => {
    const p = networks.read(0, pixels).probabilities.at(-1)
    return Math.log(p[1]) - Math.log(p[7])
  }
  const most = gradient.reduce((best, x, i) => (Math.abs(x) > Math.abs(gradient[best]) ? i : best), 0)
  const more = Uint8Array.from(image), less = Uint8Array.from(image)
  more[most] = Math.min(255, image[most] + 2)
  less[most] = Math.max(0, image[most] - 2)
  const slope = (difference(more) - difference(less)) / ((more[most] - less[most]) / 255)
  assert.ok(Math.abs(slope - gradient[most]) < 0.05 * Math.abs(slope), `${slope} and ${gradient[most]}`)
})

test('the gates are those that make the states', () => {
  const image = networks.prepare(drawn(), 100, 100), near = (a, b) => assert.ok(Math.abs(a - b) < 1e-5, `${a}, ${b}`)
  files.forEach((_, which) => {
    const gates = networks.gates(which, image), { states } = networks.read(which, image)
    for (let t = 0; t < side; ++t) assertSame(gates.h[t], [...states[t]], `network ${which}, row ${t}`)
  })
  const gru = networks.gates(1, image), lstm = networks.gates(2, image)
  for (let t = 1; t < side; ++t) {
    for (let j = 0; j < networks.sizes[1]; ++j) {
      near(gru.h[t][j], (1 - gru.z[t][j]) * gru.n[t][j] + gru.z[t][j] * gru.h[t - 1][j])
      near(lstm.c[t][j], lstm.f[t][j] * lstm.c[t - 1][j] + lstm.i[t][j] * lstm.g[t][j])
      near(lstm.h[t][j], lstm.o[t][j] * Math.tanh(lstm.c[t][j]))
    }
  }
})

test('two steps are those of chapter 01', async () => {
  const network = await TwoSteps.open(load)
  const changed = matrices.map(({ start }, k) => start.map((number, i) => Math.fround(number + 0.37 * k - 0.21 * i)))
  for (const numbers of [matrices.map(({ start }) => start), changed]) {
    const rows = (k) => Array.from({ length: matrices[k].rows }, (_, i) =>
      numbers[k].slice(i * matrices[k].columns, (i + 1) * matrices[k].columns))
    const file = join(scratch, 'two_steps.json')
    writeFileSync(file, JSON.stringify({ inputs: [rows(0)], initial_state: rows(4),
      weights: { w_x: rows(1), w_y: rows(2), b: numbers[3] } }))
    const { outputs } = JSON.parse(chapter('01_two_steps', '--replay', file, '--json'))
    const got = network.compute(numbers.flat()).outputs
    outputs[0].forEach((row, t) => assertSame(got[t], row, `step ${t}`))
  }
})

test('gradients through time are those that chapter 05 prints', async () => {
  const unrolling = await Unrolling.open(load), file = join(scratch, 'norms.csv')
  chapter('05_backpropagation_through_time', '--seed', String(seed), '--neurons', String(neurons), '--steps', '50', '--csv', file)
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(','))
  for (const [name, scale, size] of [['tanh x 0.5', 0.5, 0.1], ['tanh x 1', 1, 0.1], ['tanh x 2', 2, 0.1], ['saturated x 2', 2, 3]]) {
    const column = head.findIndex((title) => title.replaceAll('"', '') === name)
    assert.ok(column > 0, `${head}: no ${name}`)
    const { norms } = unrolling.run(50, scale, size)
    lines.forEach((line) => {
      const wanted = Number(line[column]), got = norms[Number(line[0])]
      assert.ok(Math.abs(got - wanted) <= 1e-9 * wanted, `${name}, t = ${line[0]}: ${got}, not ${wanted}`)
    })
  }
})

// What `08_melody generate` shows while it makes a tune: the place, the five most likely events, an arrow at what was picked.
function generated(file, ...words) {
  const program = join(build, 'chapters/08_melody/08_melody')
  const ended = spawnSync(program, ['generate', '--init', weights('melody'), '--wav', file, ...words],
    { encoding: 'utf8', env: { ...process.env, RNN_KERNEL: 'baseline' } })
  assert.equal(ended.status, 0, ended.stderr)
  const steps = []
  for (const line of ended.stderr.split('\n')) {
    const event = line.match(/^ *(→?) +(\S+(?: [\d/]+)?|the end) +([\d.]+)%/)
    if (line.startsWith('bar ')) steps.push({ bar: line.slice(4), events: [] })
    else if (event) steps.at(-1).events.push({ picked: event[1] !== '', words: event[2], percent: event[3] })
  }
  return steps
}
const quarter = 10080

test('a melody goes on as chapter 08 expects it, event by event', async () => {
  const tune = await Improviser.open(load), file = join(scratch, 'tune.wav')
  for (const [temperature, seed] of [[0.8, 4], [1.5, 7]]) {
    const steps = generated(file, '--start', 'C4:1 E4:1/2', '--bars', '6', '--temperature', String(temperature), '--seed', String(seed))
    assert.ok(steps.length >= 10, `${steps.length} steps`)
    tune.tell([{ pitch: 60, ticks: quarter }, { pitch: 64, ticks: quarter / 2 }])
    for (const { bar, events } of steps) {
      assert.ok(Math.abs(1 + tune.bars - Number(bar)) < 0.006, `bar ${bar}: ${1 + tune.bars}`)
      const expected = tune.expect(temperature).events
      for (const [i, { words, percent, picked }] of events.entries()) {
        // What was picked stands below the five most likely where it is none of them.
        const event = i < 5 ? expected[i] : expected.find((one) => tune.inWords(one) === words)
        assert.equal(tune.inWords(event), words, `bar ${bar}, line ${i}`)
        assert.equal((100 * event.probability).toFixed(1), percent, `bar ${bar}, ${words}`)
        if (picked && words !== 'the end') tune.hear({ pitch: event.pitch, ticks: event.ticks })
      }
    }
  }
})

test('the keys are as likely as all that may be played on them', async () => {
  const tune = await Improviser.open(load)
  tune.tell([{ pitch: 67, ticks: quarter }])
  const { events, pitches } = tune.expect(1)
  const sums = new Map([...pitches.keys()].map((pitch) => [pitch, 0]))
  for (const { pitch, probability } of events) sums.set(pitch, sums.get(pitch) + probability)
  for (const [pitch, sum] of sums) assert.ok(Math.abs(sum - pitches.get(pitch)) < 1e-12)
  assert.ok(Math.abs([...sums.values()].reduce((a, b) => a + b) - 1) < 1e-9)
  // Chance takes each with its probability: from the first one on, in the order of the list.
  assert.equal(tune.pick(0), 0)
  assert.equal(tune.pick(events[0].probability + 1e-9), 1)
  assert.equal(tune.pick(1 - 1e-12), events.length - 1)
})

test('a note that the network does not know is refused, and the tune is still there', async () => {
  const tune = await Improviser.open(load), start = [{ pitch: 60, ticks: quarter }, { pitch: 62, ticks: quarter }]
  tune.tell(start)
  const before = tune.expect(1).events
  for (let i = 0; i < 100; ++i) {
    assert.throws(() => tune.hear({ pitch: 61, ticks: quarter }), /^Error: no tune of the training has the pitch C#4$/)
    assert.throws(() => tune.hear({ pitch: 60, ticks: 1 }), /^Error: no tune of the training has the duration/)
  }
  assert.deepEqual(tune.events, start)
  assert.deepEqual(tune.expect(1).events, before)
})

test('a note sounds as the chapter writes it in a file', async () => {
  const tune = await Improviser.open(load), file = join(scratch, 'note.wav')
  generated(file, '--start', 'G4:4', '--bars', '1')
  const wav = readFileSync(file), sound = tune.sound({ pitch: 67, ticks: 4 * quarter })
  const largest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  sound.forEach((sample, i) => {
    const wanted = wav.readInt16LE(44 + 2 * i) / 32767
    assert.ok(Math.abs((0.9 * sample) / largest - wanted) < 1e-4, `sample ${i}: ${(0.9 * sample) / largest}, not ${wanted}`)
  })
})
