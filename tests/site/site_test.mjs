// Opens every page of the built site in headless Chromium: site_test.mjs CHROMIUM [SITE [FOLDER FOR SCREENSHOTS]]
import { createRequire } from 'node:module'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

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

// Runs in the page.
function look() {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const scrolls = (element) => element &&
    (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
  const sticksOut = (element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element)
  return {
    anchors: all('[id]').map((element) => element.id),
    links: all('a[href]').map((a) => a.href),
    shown: all('.vp-doc img').filter((image) => !image.closest('.widget') && image.naturalWidth && image.width > 50).length,
    dollars: all('.vp-doc p, .vp-doc td, .vp-doc li').some((p) => /\$[^$]*\\[a-z]/.test(p.textContent)),
    formulas: all('.vp-doc mjx-container svg').length,
    errors: all('[data-mml-node=merror], mjx-merror').length,
    wide: all('.vp-doc *').filter(sticksOut).map((element) => element.outerHTML.slice(0, 60)),
    scrolls: document.documentElement.scrollWidth > innerWidth + 1,
  }
}

const pages = readdirSync(site).filter((name) => name.endsWith('.html') && name !== '404.html')
check(pages.length === readdirSync(docs).filter((name) => name.endsWith('.md')).length, 'a page is missing')
const anchors = {}, links = []
const views = [['light', 390], ['dark', 1300], ['light', 1300], ['dark', 390]]
for (const [colorScheme, width] of screenshots ? views : views.slice(0, 2)) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } })
  for (const name of pages) {
    const page = await context.newPage()
    const where = `${name}, ${width} wide`
    page.on('console', (message) => message.type() === 'error' && problems.add(`${where}: console: ${message.text()}`))
    page.on('pageerror', (error) => problems.add(`${where}: ${error}`))
    await page.goto(address + name, { waitUntil: 'load', ...patience })
    const found = await page.evaluate(look), source = sourceOf(name)
    check(found.shown === source.images, `${where}: ${source.images} images, ${found.shown} shown`)
    check(found.formulas > 0 === source.formulas, `${where}: ${found.formulas} formulas are rendered`)
    check(!found.dollars && !found.errors, `${where}: a formula stands there as it was written`)
    check(!found.scrolls && !found.wide.length, `${where}: wider than the window: ${found.wide[0]}`)
    anchors[join(site, name)] = found.anchors
    links.push(...found.links.map((link) => [name, link]))
    const picture = `${name.slice(0, -5)}-${colorScheme}-${width}.png`
    if (screenshots) await page.screenshot({ path: join(screenshots, picture), fullPage: true })
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
