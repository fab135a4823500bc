// Opens every page of the built site in headless Chromium: site_test.mjs CHROMIUM [SITE [FOLDER FOR SCREENSHOTS]]
import { createRequire } from 'node:module'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { cloneable, origin } from '../../docs/.vitepress/address.mjs'
import { fileOf, serve } from './serve.mjs'

const docs = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs')
const [executablePath, site = join(docs, '.vitepress/dist'), screenshots] = process.argv.slice(2)
const { chromium } = createRequire(join(docs, 'package.json'))('playwright-core')
const problems = new Set()
const check = (right, what) => right || problems.add(what)

const patience = { timeout: 120000 }  // a busy machine is slow
const { address, close } = await serve(site)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })

// What has to be seen on a page: the images and formulas of its source. Pictures that stand in for a widget may be hidden.
function sourceOf(name) {
  const text = readFileSync(join(docs, name.replace(/html$/, 'md')), 'utf8').replace(/^(`{3,}).*?^\1$/gms, '')
  const prose = text.replace(/<Widget .*?<\/Widget>/gs, '').replace(/`[^`]*`/g, '')
  return { images: (prose.match(/!\[/g) ?? []).length, formulas: /\$[^$\s]/.test(prose) }
}

// Runs in the page. Nothing is clipped: what is wider than its place can be scrolled, and what a reader has to see in one
// glance is not wider. That is code with the shapes in its comments, the column of a table that says the shapes, and
// every picture but those that were drawn for a wide page.
function look() {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const scrolls = (element) => element &&
    (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
  const wider = (element) => element.scrollWidth > element.clientWidth + 1
  const isCut = (element) => wider(element) && /hidden|clip/.test(getComputedStyle(element).overflowX) &&
    element.clientWidth > 1 && !element.closest('mjx-container')
  const outOfSight = (element) => element.getBoundingClientRect().right > innerWidth + 1 ||
    (element.closest('table')?.scrollWidth > element.closest('table')?.clientWidth + 1)
  const print = '.vp-doc [class="language-"] pre, .vp-doc .language-text pre'
  const is120 = (element) => element.textContent.split('\n').every((line) => line.length <= 120)
  const begin = (element) => element.outerHTML.slice(0, 60) + ' … ' + element.textContent.trim().slice(0, 60)
  const sticksOut = (element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element)
  return {
    anchors: all('[id]').map((element) => element.id),
    links: all('a[href]').map((a) => a.href),
    shown: all('.vp-doc img').filter((image) => !image.closest('.widget') && image.naturalWidth && image.width > 50).length,
    dollars: all('.vp-doc p, .vp-doc td, .vp-doc li').some((p) => /\$[^$]*\\[a-z]/.test(p.textContent)),
    formulas: all('.vp-doc mjx-container svg').length,
    errors: all('[data-mml-node=merror], mjx-merror').length,
    wide: all('.vp-doc *').filter(sticksOut).map((element) => element.outerHTML.slice(0, 60)),
    cut: all('.vp-doc *').filter(isCut).map(begin),
    code: all('.vp-doc :is(.language-cpp, .language-python, .language-meson) pre').filter(wider).map(begin),
    shapes: all('.vp-doc td[data-column*="shape" i]').filter(outOfSight).map(begin),
    // A picture that a working widget has replaced is not seen.
    pictures: all('.vp-doc img:not(.wide)').filter((image) => image.offsetParent && image.width > image.closest('p').clientWidth)
      .map(begin),
    lines: innerWidth < 1900 ? [] : all(print).filter((element) => is120(element) && wider(element)).map(begin),
    scrolls: document.documentElement.scrollWidth > innerWidth + 1,
  }
}

// The home page says how to clone the course where anybody can.
for (const [remote, address] of [
  ['https://example.org/a/b.git', 'https://example.org/a/b.git'], ['git@example.org:a/b.git', 'https://example.org/a/b.git'],
  ['ssh://git@example.org/a/b', 'https://example.org/a/b'], ['/home/me/b', ''], ['file:///b', ''], ['', ''],
  ['https://me:secret@example.org/b', ''], ['https://example.org/b; rm', ''],
]) check(cloneable(remote) === address, `to clone ${remote}: ${cloneable(remote)}`)
const from = origin(dirname(docs)), home = readFileSync(join(site, 'index.html'), 'utf8').replace(/<[^>]*>/g, '')
check(from ? home.includes(`git clone ${from} unrolled`) : !home.includes('git clone'), `the home page does not clone ${from}`)

const pages = readdirSync(site).filter((name) => name.endsWith('.html') && name !== '404.html')
check(pages.length === readdirSync(docs).filter((name) => name.endsWith('.md')).length, 'a page is missing')
const anchors = {}, links = []
const widths = { light: [360, 768, 1280, 1920], dark: screenshots ? [360, 1280] : [1280] }
for (const colorScheme of ['light', 'dark']) {
  const context = await browser.newContext({ colorScheme })
  for (const name of pages) {
    const page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && problems.add(`${name}: console: ${message.text()}`))
    page.on('pageerror', (error) => problems.add(`${name}: ${error}`))
    await page.setViewportSize({ width: widths[colorScheme][0], height: 900 })
    await page.goto(address + name, { waitUntil: 'load', ...patience })
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))
    for (const width of widths[colorScheme]) {
      await page.setViewportSize({ width, height: 900 })
      const found = await page.evaluate(look), source = sourceOf(name), where = `${name}, ${width} wide`
      check(found.shown === source.images, `${where}: ${source.images} images, ${found.shown} shown`)
      check(found.formulas > 0 === source.formulas, `${where}: ${found.formulas} formulas are rendered`)
      check(!found.dollars && !found.errors, `${where}: a formula stands there as it was written`)
      check(!found.scrolls && !found.wide.length, `${where}: wider than the window: ${found.wide[0]}`)
      for (const [what, elements] of Object.entries({
        'is cut off': found.cut, 'is code wider than its column': found.code, 'is a shape out of sight': found.shapes,
        'is a picture wider than its page': found.pictures, 'is wider than its column': found.lines })) {
        check(!elements.length, `${where}: ${elements[0]} ${what}`)
      }
      anchors[join(site, name)] = found.anchors
      links.push(...found.links.map((link) => [name, link]))
      const picture = `${name.slice(0, -5)}-${colorScheme}-${width}.png`
      if (screenshots) await page.screenshot({ path: join(screenshots, picture), fullPage: true })
    }
    await page.close()
  }
}

for (const [name, link] of links.filter(([, link]) => link.startsWith(address))) {
  const { hash } = new URL(link), file = fileOf(site, link)
  const there = file && (!hash || anchors[file]?.includes(decodeURIComponent(hash.slice(1))))
  check(there, `${name}: leads nowhere: ${link.slice(address.length)}`)
}

// Where the first result of a search leads.
async function search(words) {
  const page = await (await browser.newContext({ viewport: { width: 1300, height: 900 } })).newPage()
  await page.goto(address, { waitUntil: 'load', ...patience })
  await page.locator('button.DocSearch-Button').first().click(patience)
  await page.locator('#localsearch-input').fill(words, patience)
  return page.locator('.VPLocalSearchBox .result').first().getAttribute('href', patience)
}
const leads = await search('dynamic unrolling').catch(() => 'nowhere')
check(leads.includes('03_dynamic_unrolling'), `the search for "dynamic unrolling" leads ${leads}`)

await browser.close()
close()
console.log(problems.size ? [...problems].join('\n') : `${pages.length} pages`)
process.exit(problems.size ? 1 : 0)
