import { spawnSync } from 'node:child_process'

// What anybody can clone, for a remote of git's; '' for a folder or another place that only its owner reaches.
export function cloneable(remote) {
  const [, host, path] = remote.match(/^(?:ssh:\/\/)?git@([\w.-]+)[:/](.+?)\/?$/) ?? []
  if (host) return `https://${host}/${path}`
  return /^https:\/\/[\w.-]+\/[^?#\s]+$/.test(remote) ? remote.replace(/\/$/, '') : ''
}

// The address that this clone came from.
export function origin(folder) {
  const { stdout } = spawnSync('git', ['-C', folder, 'remote', 'get-url', 'origin'], { encoding: 'utf8' })
  return cloneable((stdout ?? '').trim())
}
