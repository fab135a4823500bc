// Serves the built site to a browser, as any host of static files does.
import { createServer } from 'node:http'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.json': 'application/json', '.woff2': 'font/woff2', '.txt': 'text/plain', '.wasm': 'application/wasm' }

// The file of the site that an address leads to, or undefined.
export function fileOf(site, url) {
  const path = decodeURIComponent(new URL(url, 'http://site').pathname)
  const candidates = [path, path + '.html', join(path, 'index.html')].map((name) => join(site, name))
  return candidates.find((name) => existsSync(name) && statSync(name).isFile())
}

export async function serve(site) {
  const server = createServer((request, response) => {
    const file = fileOf(site, request.url)
    response.writeHead(file ? 200 : 404, { 'content-type': types[extname(file ?? '')] ?? 'application/octet-stream' })
    response.end(file ? readFileSync(file) : '')
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}
