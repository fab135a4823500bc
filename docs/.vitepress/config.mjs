// The site: ./course site builds what is in docs/, whatever pages there are.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { origin } from './address.mjs'

const docs = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const root = dirname(docs)

function titleOf(page) {
  const heading = readFileSync(join(docs, page), 'utf8').match(/^# (.+)$/m)
  return heading ? heading[1].replace(/[`*]/g, '') : page
}

const pages = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'index.md').sort()
const itemOf = (page) => ({ text: titleOf(page), link: '/' + page.slice(0, -3) })
const isChapter = (page) => /^\d\d_/.test(page)
// The pages to read in order: the chapters, and between the first two what a gradient is.
const course = pages.filter(isChapter)
course.splice(1, 0, 'gradient.md')

// A heading's anchor as GitHub makes it, so that the same link works in both places.
const slugify = (heading) => heading.toLowerCase().trim().replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-')

// A link to a sound is a player as well.
function soundLinks(md) {
  const open = md.renderer.rules.link_open ?? ((tokens, i, options, env, self) => self.renderToken(tokens, i, options))
  md.renderer.rules.link_open = (tokens, i, options, env, self) => {
    const target = tokens[i].attrGet('href')
    if (!env.path || !/^[^:#]+\.mp3$/.test(target ?? '')) return open(tokens, i, options, env, self)
    const copy = join('sounds', basename(target))
    const place = join(docs, '.vitepress/public', copy)
    mkdirSync(dirname(place), { recursive: true })
    cpSync(resolve(dirname(env.path), decodeURIComponent(target)), place)
    tokens[i].attrSet('href', '/' + copy)
    tokens[i].attrSet('target', '_blank')
    return `<audio controls preload="none" src="/${copy}"></audio> ` + open(tokens, i, options, env, self)
  }
}

// A link to a file beside docs/, such as ../chapters/01_two_steps/main.cpp, leads to a copy of it in the site, as text;
// one to a folder leads to a list of what is in it.
function sourceLinks(md) {
  const open = md.renderer.rules.link_open ?? ((tokens, i, options, env, self) => self.renderToken(tokens, i, options))
  md.renderer.rules.link_open = (tokens, i, options, env, self) => {
    const target = tokens[i].attrGet('href')
    if (env.path && target && !/^[a-z]+:|^[/#]/.test(target)) {
      const file = resolve(dirname(env.path), decodeURIComponent(target.split('#')[0]))
      if (relative(docs, file).startsWith('..') && existsSync(file)) {
        const isFolder = statSync(file).isDirectory()
        const copy = join('source', relative(root, file), isFolder ? 'files' : '').replace(/\/$/, '') + '.txt'
        const place = join(docs, '.vitepress/public', copy)
        mkdirSync(dirname(place), { recursive: true })
        if (isFolder) {
          writeFileSync(place, readdirSync(file, { recursive: true }).sort().join('\n') + '\n')
        } else {
          cpSync(file, place)
        }
        tokens[i].attrSet('href', '/' + copy)
        tokens[i].attrSet('target', '_blank')
      }
    }
    return open(tokens, i, options, env, self)
  }
}

// On a phone a row of a table becomes a card, so that no column is out of sight: each cell then says what its column is.
// Tables of numbers stay tables, and are scrolled: their point is what stands in one column.
function cards(md) {
  const plain = (inline) => inline.children.map((token) => token.content).join('')
    .replaceAll('\\ge', '≥').replaceAll('\\le', '≤').replaceAll(/[$`*\\]/g, '')
  md.core.ruler.push('cards', ({ tokens }) => {
    let table, headers, cells, column
    tokens.forEach((token, i) => {
      if (token.type === 'table_open') [table, headers, cells] = [token, [], []]
      if (token.type === 'tr_open') column = 0
      if (token.type === 'th_open') headers.push(plain(tokens[i + 1]))
      if (token.type === 'td_open') {
        cells.push(tokens[i + 1].content)
        if (headers[column]) token.attrSet('data-column', headers[column])
        column++
      }
      const isNumber = (text) => /^[−-]?[\d.,]+(%| (s|ms|to [\d.]+))?$/.test(text)
      if (token.type === 'table_close' && cells.filter(isNumber).length < cells.length / 3) table.attrJoin('class', 'cards')
    })
  })
  md.renderer.rules.table_open = (tokens, i, options, env, self) => {
    tokens[i].attrSet('tabindex', '0') // as VitePress does: it can be scrolled with the keyboard
    return self.renderToken(tokens, i, options)
  }
}

// Figures are drawn to fit a phone. The graphs that programs draw, and what needs room, keep a size that can be read there,
// and are scrolled.
function wideFigures(md) {
  const image = md.renderer.rules.image
  md.renderer.rules.image = (tokens, i, options, env, self) => {
    const file = env.path && resolve(dirname(env.path), decodeURIComponent(tokens[i].attrGet('src')))
    const width = file?.endsWith('.svg') && existsSync(file) && readFileSync(file, 'utf8').match(/ width="(\d+)(pt)?/)
    if (width && width[1] * (width[2] ? 4 / 3 : 1) > 500) tokens[i].attrJoin('class', 'wide')
    return image(tokens, i, options, env, self)
  }
}

// The first commands of the home page begin with the one that clones the course, where it came from a public address.
function cloneFirst(md) {
  md.core.ruler.push('clone', ({ tokens, env }) => {
    const commands = tokens.find(({ type, content }) => type === 'fence' && content.startsWith('./course run 01\n'))
    const address = env.path === join(docs, 'index.md') && commands && origin(root)
    if (address) commands.content = `git clone ${address} unrolled\ncd unrolled\n${commands.content}`
  })
}

// The widgets: their modules, where ./course wasm has compiled them, and the weights. Without them the pages show
// pictures.
const modules = join(root, 'build-wasm/docs/widgets'), weights = join(root, 'data/weights')
const compiled = existsSync(modules) ? readdirSync(modules).filter((name) => name.endsWith('.wasm')) : []
const served = join(docs, '.vitepress/public/widgets')
rmSync(served, { recursive: true, force: true })
mkdirSync(served, { recursive: true })
for (const name of compiled) cpSync(join(modules, name), join(served, name))
if (compiled.length) {
  for (const name of readdirSync(weights)) if (name.endsWith('.safetensors')) cpSync(join(weights, name), join(served, name))
}

export default {
  title: 'Unrolled',
  description: 'Recurrent networks from first principles, in C++20 modules',
  lang: 'en',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcExclude: ['tools/**', 'widgets/**', 'node_modules/**', 'figures/**/*.md'],
  vite: { publicDir: '.vitepress/public', define: { __WIDGETS__: JSON.stringify(compiled.length > 0) } },
  markdown: {
    math: true,
    anchor: { slugify },
    languageAlias: { meson: 'python' },
    attrs: { disable: true }, // {fmt} is a library's name
    image: { lazyLoading: false },
    config: (md) => md.use(sourceLinks).use(soundLinks).use(cards).use(wideFigures).use(cloneFirst),
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      { text: 'Chapters', items: course.map(itemOf) },
      { text: 'Further pages', items: pages.filter((page) => !course.includes(page)).map(itemOf) },
    ],
  },
}
