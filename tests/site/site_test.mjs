// Opens every page of the built site in headless Chromium: site_test.mjs [FOLDER FOR SCREENSHOTS]
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const docs = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs')
const dist = join(docs, '.vitepress/dist')
const { chromium } = createRequire(join(docs, 'package.json'))('playwright-core')
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.json': 'application/json', '.woff2': 'font/woff2', '.txt': 'text/plain' }

const problems = []
const check = (right, what) => right || problems.push(what)

function fileOf(url) {
  const path = decodeURIComponent(new URL(url, 'http://site').pathname)
  const candidates = [path, path + '.html', join(path, 'index.html')].map((name) => join(dist, name))
  return candidates.find((name) => existsSync(name) && statSync(name).isFile())
}

const server = createServer((request, response) => {
  const file = fileOf(request.url)
  response.writeHead(file ? 200 : 404, { 'content-type': types[extname(file ?? '')] ?? 'application/octet-stream' })
  response.end(file ? readFileSync(file) : '')
})
await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
const address = `http://127.0.0.1:${server.address().port}/`
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const context = await browser.newContext({ viewport: { width: 390, height: 800 } })

const pages = readdirSync(dist).filter((name) => name.endsWith('.html') && name !== '404.html')
for (const name of pages) {
  const page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && problems.push(`${name}: console: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`${name}: ${error}`))
  await page.goto(address + name, { waitUntil: 'load' })
  const found = await page.evaluate(() => ({
    links: [...document.querySelectorAll('a[href]')].map((a) => a.href),
    broken: [...document.images].filter((image) => !image.naturalWidth).map((image) => image.src),
    dollars: [...document.querySelectorAll('.vp-doc p, .vp-doc td')].some((p) => /\$[^$]*\\[a-z]/.test(p.textContent)),
    wide: document.documentElement.scrollWidth > window.innerWidth + 1,
  }))
  check(pages.length > 1 && !found.broken.length, `${name}: not shown: ${found.broken}`)
  check(!found.dollars, `${name}: a formula stands there as it was written`)
  check(!found.wide, `${name}: wider than a phone`)
  for (const link of found.links) {
    if (link.startsWith(address)) check(fileOf(link), `${name}: leads nowhere: ${link.slice(address.length)}`)
  }
  await page.close()
}

const wide = await browser.newContext({ viewport: { width: 1300, height: 900 } })
const page = await wide.newPage()
await page.goto(address + '01_two_steps.html', { waitUntil: 'load' })
check(await page.locator('mjx-container svg').count() > 0, 'no formula is rendered')
await page.locator('button.DocSearch-Button').first().click()
await page.locator('#localsearch-input').fill('dynamic unrolling')
const result = page.locator('.VPLocalSearchBox .result').first()
await result.waitFor({ timeout: 30000 }).catch(() => problems.push('the search finds nothing for "dynamic unrolling"'))
if (await result.count()) check(/dynamic/i.test(await result.textContent()), 'the search finds something else')

const folder = process.argv[2]
for (const [scheme, width] of folder ? [['light', 1300], ['dark', 1300], ['light', 390], ['dark', 390]] : []) {
  const shown = await (await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } })).newPage()
  await shown.goto(address + '01_two_steps.html', { waitUntil: 'load' })
  await shown.screenshot({ path: join(folder, `site-${scheme}-${width}.png`) })
}

await browser.close()
server.close()
console.log(problems.length ? problems.join('\n') : `${pages.length} pages`)
process.exit(problems.length ? 1 : 0)
