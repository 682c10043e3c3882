// A clock that is set back by an hour while the service runs: nobody is let in for it, nor kept out.
import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '../service/create-key.ts'
import { createFolder, READ, type Service, serveHere, until } from '../service/serve.ts'

const ISSUER = 'https://login.example.com/'
const HOUR_MS = 3_600_000
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const folder = createFolder()
const realNow = Date.now
let offset = 0
let service: Service
let key: string

beforeAll(async () => {
  // Before it starts, so that all parts read this clock.
  Date.now = () => realNow() + offset
  key = await createKey(folder, 'ops', 'decide,admin')
  folder.write(
    'jwks.json',
    JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256' }] }),
  )
  const issuers = JSON.stringify([{ issuer: ISSUER, audience: 'pdp', jwksFile: `${folder.path}/jwks.json` }])
  const flags = ['--decision-log', 'file', '--decision-log-file', 'decisions.log', '--metrics']
  service = await serveHere(
    folder,
    ...['--key-file', 'keys.json', '--caller-issuers', issuers, '--auth-failures-per-minute', '3', ...flags],
  )
})
afterEach(() => {
  offset = 0
})
afterAll(async () => {
  await service.stop()
  Date.now = realNow
  folder.remove()
})

function createToken(sub: string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: 'pdp', sub, jti: sub, iat, exp: iat + 300, scope: 'edict:decide' }
  const text = `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const ask = async (credential: string, path = '/decide', body: unknown = READ) => {
  const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
  const response = await fetch(`${service.url}${path}`, {
    headers,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('a clock that is set back', { timeout: 60_000 }, () => {
  it('changes nothing for callers with a key, and their decisions are recorded', async () => {
    expect((await ask(key)).status).toBe(200)
    offset = -HOUR_MS
    const { status, headers } = await ask(key)
    expect(status).toBe(200)
    const id = headers.get('edict-decision-id') ?? 'none'
    await until('the record', () => folder.read('decisions.log').includes(id))
    const { text } = await ask(key, '/metrics', undefined)
    expect(text).not.toMatch(/_age_seconds -/)
  })

  it('makes a token one of the future, though it was known', async () => {
    const token = createToken('future')
    expect((await ask(token)).status).toBe(200)
    offset = -HOUR_MS
    expect((await ask(token)).status).toBe(401)
    offset = 0
    expect((await ask(token)).status).toBe(200)
  })

  it('brings no revoked token back', async () => {
    const token = createToken('revoked')
    const expiresAt = Math.floor(Date.now() / 1000) + 300
    const body = { revocations: [{ issuer: ISSUER, jti: 'revoked', expiresAt }] }
    expect((await ask(key, '/revocations', body)).status).toBe(200)
    for (const hours of [-1, 0]) {
      offset = hours * HOUR_MS
      expect((await ask(token)).status).toBe(401)
    }
  })

  it('shuts an address out for no longer than its minute', async () => {
    for (let tries = 0; tries < 4; tries++) await ask('x')
    offset = -HOUR_MS
    const { status, headers } = await ask('x')
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect((await ask(key)).status).toBe(200)
  })
})
