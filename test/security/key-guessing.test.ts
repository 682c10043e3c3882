// Whoever tries keys learns nothing, is slowed down, and locks nobody out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '../service/create-key.ts'
import { createFolder, READ, type Service, serveHere } from '../service/serve.ts'

const folder = createFolder()
let service: Service
let key: string
let admin: string
beforeAll(async () => {
  key = await createKey(folder, 'app', 'decide')
  admin = await createKey(folder, 'admin', 'admin')
  service = await serveHere(
    folder,
    '--key-file',
    'keys.json',
    '--auth-failures-per-minute',
    '20',
    '--metrics',
  )
})
afterAll(async () => {
  await service.stop()
  folder.remove()
})

const ask = async (credential: string, path = '/decide') => {
  const response = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(READ),
  })
  const headers = Object.fromEntries(response.headers)
  return { status: response.status, headers, text: await response.text() }
}

/** The same key but for its secret, with a sum that fits, as a guesser who knows the id would make it. */
async function guess(text: string, at: number): Promise<string> {
  const { createApiKey } = await import('../../packages/pdp-server/src/authentication/api-key.ts')
  const { crc32 } = await import('node:zlib')
  const other = createApiKey('live').text
  const body = `${text.slice(0, at)}${other.slice(at, -6)}`
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  let [sum, rest] = ['', crc32(body)]
  for (let place = 0; place < 6; place++) {
    sum = digits.charAt(rest % 62) + sum
    rest = Math.floor(rest / 62)
  }
  return body + sum
}

describe('guessing keys', { timeout: 60_000 }, () => {
  const ID_END = 'edict_live_'.length + 12

  it('tells a right id from a wrong one by nothing, and is slowed down', async () => {
    const right = await ask(await guess(key, ID_END))
    const wrong = await ask(await guess(key, 'edict_live_'.length))
    const plain = ({ headers, ...reply }: typeof right) => ({
      ...reply,
      challenge: headers['www-authenticate'],
      names: Object.keys(headers).sort(),
    })
    expect(right.status).toBe(401)
    expect(plain(right)).toEqual(plain(wrong))
    const more = await Promise.all(Array.from({ length: 30 }, () => ask('x')))
    const refused = more.filter(({ status }) => status === 429)
    expect(more.map(({ status }) => status).filter((status) => status !== 401 && status !== 429)).toEqual([])
    expect(refused.length).toBe(12)
    for (const { headers } of refused) {
      expect(headers['ratelimit-policy']).toBe('"failures";q=20;w=60')
      expect(headers.ratelimit).toMatch(/^"failures";r=0;t=\d+$/)
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60)
    }
  })

  it('does not lock out a right key at the same address', async () => {
    expect((await ask('x')).status).toBe(429)
    expect((await ask(key)).status).toBe(200)
  })

  it('finds no key in names of the language of the engine, nor near a right one', async () => {
    for (const credential of [
      '__proto__',
      'constructor',
      'edict_live___proto__',
      key.slice(0, -1),
      `${key}x`,
      key.toLowerCase(),
    ]) {
      expect([401, 429]).toContain((await ask(credential)).status)
    }
  })

  it('shows, by the name of the key whose id was tried', async () => {
    const response = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${admin}` } })
    const text = await response.text()
    const [, id] = /^edict_live_(.{12})/.exec(key) ?? []
    expect(text).toContain(
      `edict_authentication_failures_total{caller="key:app",key="${id}",reason="invalid"}`,
    )
    expect(text).toContain(`edict_caller_decisions_total{caller="key:app",key="${id}",decision="allow"} 1`)
    for (const secret of [key, admin]) expect(text).not.toContain(secret.slice(ID_END))
  })
})
