// Uses the widgets of the built site as a reader does, in headless Chromium: drawing_test.mjs CHROMIUM [FOLDER]
//
// The pen follows the paths of sixty built-in digits, of which nine in ten have to be read right. They are judges of
// what has been made without them: the weights have learned digits of seed 1, and how a drawing is prepared was tried out
// on digits of seed 3. Do not choose anything by the digits of this test; give it another seed if you have.
//
// With FOLDER it also takes a picture of each widget, light and dark, wide and narrow.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Networks } from '../../docs/widgets/networks.js'
import { serve } from './serve.mjs'

const docs = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs'), site = join(docs, '.vitepress/dist')
const [executablePath, folder] = process.argv.slice(2)
const { chromium } = createRequire(join(docs, 'package.json'))('playwright-core')
const problems = [], check = (right, what) => right || problems.push(what)
const { address, close } = await serve(site)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const patience = { timeout: 120000 }

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1300, height: 1000 }, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  for (const event of ['console', 'pageerror']) {
    page.on(event, (what) => (event === 'pageerror' || ['error', 'warning'].includes(what.type())) &&
      problems.push(`${name}: ${what.text?.() ?? what}`))
  }
  page.on('request', (request) => check(/^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url()), `loads ${request.url()}`))
  await page.goto(`${address}${name}.html`, { waitUntil: 'load', ...patience })
  return page
}
async function widgetOf(page, name) {
  const widget = page.locator(`[data-widget=${name}]`)
  await page.locator(`[data-widget=${name}][data-alive=true]`).waitFor(patience)
  await widget.scrollIntoViewIfNeeded()
  return widget
}

// Draws with the pointer, path by path.
async function draw(page, widget, paths, size) {
  const box = await widget.locator('.w-pad').evaluate((element) => {
    element.scrollIntoView({ block: 'center' })
    const { x, y, width, height } = element.getBoundingClientRect()
    return { x, y, width, height }
  })
  const place = ({ x, y }) => [box.x + (x * box.width) / size, box.y + (y * box.height) / size]
  for (const path of paths) {
    await page.mouse.move(...place(path[0]))
    await page.mouse.down()
    // A real pen reports fewer places than the path has.
    for (const point of path.slice(1, -1).filter((_, i) => i % 3 === 2)) await page.mouse.move(...place(point))
    await page.mouse.move(...place(path.at(-1)))
    await page.mouse.up()
  }
}
const bytesOf = (path) => {
  const bytes = readFileSync(path)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}
const networks = await Networks.open(async (name) => bytesOf(join(site, 'widgets', name)), ['digits'])
const size = 280, count = 60, seedOfTheTest = 2027
const strokes = (i) => networks.write(i, seedOfTheTest, size)
const answerOf = (widget) => widget.locator('.w-live').getAttribute('data-answer')

async function drawDigits() {
  const page = await open('index'), widget = await widgetOf(page, 'digits')
  const times = [], wrong = []
  for (let i = 0; i < count; ++i) {
    await draw(page, widget, strokes(i), size)
    const { answer, milliseconds } = await widget.locator('.w-live').evaluate((element) => ({ ...element.dataset }))
    if (answer !== String(i % 10)) wrong.push(`${i % 10} as ${answer || 'nothing'}`)
    times.push(Number(milliseconds))
    await page.keyboard.press('c')
    check((await answerOf(widget)) === '', 'a cleared sheet still has an answer')
  }
  times.sort((a, b) => a - b)
  console.log(`${count - wrong.length} of ${count} drawn digits are read right; wrong: ${wrong.join(', ') || 'none'}`)
  console.log(`from the end of a stroke to the answer: median ${times[Math.floor(count / 2)]} ms, longest ${times.at(-1)} ms`)
  check(count - wrong.length >= 0.9 * count, 'fewer than nine in ten digits are read right')
}

async function goThroughTime() {
  const page = await open('06_mnist'), widget = await widgetOf(page, 'digits')
  await draw(page, widget, strokes(17), size)
  const slider = widget.getByRole('slider'), belief = widget.locator('.w-bars')
  const last = await belief.textContent()
  await slider.focus()
  for (let i = 0; i < 20; ++i) await page.keyboard.press('ArrowLeft')
  check((await slider.inputValue()) === '7', 'the slider does not follow the keys')
  check((await belief.textContent()) !== last, 'the slider does not move the numbers')
  await widget.getByLabel('What would change the answer?').check(patience)
  check(/Ink on red/.test(await widget.textContent()), 'the gradient is not explained')
  await widget.getByRole('button', { name: 'Undo' }).click(patience)
  await widget.getByRole('button', { name: 'Write a 3' }).click(patience)
  check((await answerOf(widget)) !== '', 'an example is not read')

  // With the keyboard alone: a one.
  await widget.getByRole('button', { name: 'Clear', exact: true }).click(patience)
  await widget.locator('.w-pad').focus()
  await page.keyboard.press(' ')
  for (let i = 0; i < 18; ++i) await page.keyboard.press('ArrowDown')
  await page.keyboard.press(' ')
  check((await answerOf(widget)) === '1', `a line drawn with the keys is read as "${await answerOf(widget)}"`)
}

async function moveOtherSliders() {
  let page = await open('01_two_steps'), widget = await widgetOf(page, 'two_steps')
  const results = async () => (await widget.locator('.w-result').allTextContents()).join(' ')
  const before = await results()
  await widget.getByLabel('W_y, row 0, column 0').fill('-1.5')
  check((await results()) !== before, 'two_steps: a weight changes nothing')
  await widget.locator('.w-result').last().hover()
  check((await widget.locator('.w-cells .w-lit').count()) >= 7, 'two_steps: a result does not show where it comes from')

  page = await open('05_backpropagation_through_time')
  widget = await widgetOf(page, 'gradients')
  const verdict = () => widget.locator('.w-answer').textContent()
  const scale = widget.getByLabel('Scale of W_y')
  for (const [value, said] of [['0.5', /vanishes.*4\.716e-16/], ['1', /arrives/], ['2', /explodes.*7\.390e\+3/]]) {
    await scale.fill(value)
    check(said.test(await verdict()), `gradients at ${value}: ${await verdict()}`)
  }

  page = await open('07_gated_cells')
  widget = await widgetOf(page, 'gates')
  const words = () => widget.locator('.w-cellviews').textContent()
  const end = await words()
  await widget.getByRole('slider').fill('10')
  check((await words()) !== end, 'gates: the slider changes nothing')
}

async function makeMusic() {
  const page = await open('08_melody'), widget = await widgetOf(page, 'melody')
  const events = async () => (await widget.locator('.w-live').getAttribute('data-events')).split(', ').filter(Boolean)
  const button = (name) => widget.getByRole('button', { name, exact: true })
  const list = () => widget.locator('.w-bars').textContent()
  const key = (name) => widget.locator(`.w-key[aria-label^="${name},"]`)
  await key('C4').click(patience)
  check(/^C4 /.test((await events())[0]), `melody: a pressed key is ${await events()}`)
  await widget.getByLabel('How long a pressed key sounds').selectOption('3/2')
  await key('E4').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  check((await events())[1] === 'F4 3/2', `melody: with the keyboard alone ${await events()}`)
  const before = await list()
  await widget.getByLabel('Temperature').fill('1.8')
  check((await list()) !== before, 'melody: the temperature moves no numbers')
  const [first] = await widget.locator('.w-event').allTextContents()
  await widget.locator('.w-long').first().click(patience)
  check((await events())[2] === first, `melody: ${first} was pressed, and there is ${await events()}`)
  await button('Undo').click(patience)
  check((await events()).length === 2, 'melody: the last event is not taken back')
  await widget.getByLabel('Temperature').fill('0.5')
  await button('Play on').click(patience)
  await page.waitForFunction(() => document.querySelector('[data-events]').dataset.events.split(', ').length >= 6, null, patience)
  await button('Stop').click(patience)
  const stopped = await events()
  await page.waitForTimeout(1500)
  check((await events()).length === stopped.length, 'melody: it cannot be stopped')
  await button('Hear it').click(patience)
  await button('Stop').click(patience)
  await button('Start over').click(patience)
  check((await events()).length === 0, 'melody: there is no new tune')
  await button('Let chance pick').click(patience)
  check((await events()).length === 1, 'melody: chance picks nothing')
}

async function fitOnPhones() {
  for (const [name, widgetName] of pagesOfWidgets) {
    const page = await open(name, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
    await widgetOf(page, widgetName)
    const wide = await page.evaluate(() => [...document.querySelectorAll('.w-live *')]
      .filter((part) => part.getBoundingClientRect().right > innerWidth + 1).map((part) => part.outerHTML.slice(0, 60)))
    check(wide.length === 0, `${name}: wider than a phone: ${wide[0]}`)
  }
}

async function keepPicturesWithoutScripts() {
  const page = await open('06_mnist', { javaScriptEnabled: false })
  check(await page.locator('[data-widget=digits] img').isVisible(), 'without JavaScript there is no picture')
}

const pagesOfWidgets = [['06_mnist', 'digits'], ['01_two_steps', 'two_steps'],
  ['05_backpropagation_through_time', 'gradients'], ['07_gated_cells', 'gates'], ['08_melody', 'melody']]

async function takePictures() {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1300, 390]) {
      for (const [name, widgetName] of pagesOfWidgets) {
        const page = await open(name, { colorScheme, viewport: { width, height: 1000 } })
        const widget = await widgetOf(page, widgetName)
        if (widgetName === 'digits') await draw(page, widget, strokes(17), size)
        for (const name of widgetName === 'melody' ? ['C4', 'E4', 'G4'] : []) await widget.locator(`.w-key[aria-label^="${name},"]`).click()
        await page.mouse.move(0, 0)
        await page.addStyleTag({ content: '.VPNav, .VPLocalNav { display: none !important }' })
        await page.evaluate(() => document.activeElement.blur())
        await widget.screenshot({ path: join(folder, `${widgetName}-${colorScheme}-${width}.png`) })
        await page.close()
      }
    }
  }
}

const tasks = [drawDigits, goThroughTime, moveOtherSliders, makeMusic, fitOnPhones, keepPicturesWithoutScripts, ...(folder ? [takePictures] : [])]
for (const task of tasks) await task().catch((error) => problems.push(`${task.name}: ${error}`))
await browser.close()
close()
for (const problem of new Set(problems)) console.log(problem)
process.exit(problems.length ? 1 : 0)
