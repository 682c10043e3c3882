// Callers over real HTTP: who is let in, and what those hear that are not.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { type RunningServer, startServer } from '../server.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createTestPdp, readOpen } from '../test-support/service.ts'
import { createApiKey } from './api-key.ts'
import { createAuthentication } from './authentication.ts'
import type { Scope } from './caller.ts'
import { FREE_CHECKS } from './check-budget.ts'
import { KEY_FILE_CHECK_MS } from './follow-file.ts'
import { addKey, changeKeyFile, type IssuedKey, revokeKeys } from './issue-keys.ts'
import { readKeyUse } from './key-use.ts'
import { createFailureLimits, networkOf } from './limits.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-callers-'))
const keyFile = join(folder, 'keys.json')
afterAll(() => rmSync(folder, { recursive: true }))

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

let names = 0
function issue(scopes: readonly Scope[], environment = 'live'): Promise<IssuedKey> {
  const wanted = { name: `web-${names++}`, environment, scopes, expiresAt: undefined }
  return changeKeyFile(keyFile, (keys) => addKey(keys, wanted, Date.now()))
}

async function start(flags: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const config = loadConfig({ flags: { keyFile, ...flags }, env: {}, cwd: folder })
  const authentication = createAuthentication(config, NO_LOG)
  const { gates, bodyGates } = authentication
  const app = createApp({ pdp: createTestPdp(), gates, bodyGates, publicUrl: 'https://pdp.example.com' })
  const server = await startServer({ app, port: 0, authenticatesCallers: true })
  stops.push(async () => {
    await server.stop()
    authentication.stop()
  })
  return server
}

async function ask(
  { url }: RunningServer,
  path: string,
  credential: string | undefined,
  body: unknown = readOpen,
) {
  const response = await fetch(`${url}${path}`, {
    ...(body !== null && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      'content-type': 'application/json',
      ...(credential !== undefined && { authorization: credential }),
    },
  })
  const text = await response.text()
  return { status: response.status, challenge: response.headers.get('www-authenticate'), text }
}

const decider = { text: '' }
beforeAll(async () => {
  decider.text = (await issue(['decide'])).text
})

describe('a caller', () => {
  it.each(['/decide', '/access/v1/evaluation', '/access/v1/evaluations'])(
    'asks %s with its key',
    async (path) => {
      const server = await start()
      const { status, text } = await ask(server, path, `Bearer ${decider.text}`)
      expect([status, JSON.parse(text).decision]).toEqual([200, path === '/decide' ? 'allow' : true])
    },
  )

  it.each<[string, () => string | undefined, string]>([
    ['nothing', () => undefined, 'Bearer realm="edict"'],
    ['another scheme', () => `Basic ${btoa('a:b')}`, 'Bearer realm="edict"'],
    ['an empty token', () => 'Bearer ', 'error="invalid_token"'],
    ['a key that nobody has', () => `Bearer ${createApiKey('live').text}`, 'there is no such API key'],
    ['a key with a slip', () => `Bearer ${decider.text.slice(0, -1)}`, 'there is no such API key'],
    ['two keys', () => `Bearer ${decider.text}, Bearer ${decider.text}`, 'error="invalid_token"'],
    ['a very long token', () => `Bearer ${'a'.repeat(9000)}`, 'error="invalid_token"'],
    [
      'a token, where there are keys alone',
      () => 'Bearer eyJhbGciOiJub25lIn0.e30.',
      'tokens are not accepted',
    ],
  ])('is unknown with %s', async (_, credential, challenge) => {
    const server = await start()
    for (const path of ['/decide', '/access/v1/evaluation', '/nowhere']) {
      const answer = await ask(server, path, credential())
      expect([answer.status, answer.challenge]).toEqual([401, expect.stringContaining(challenge)])
      expect(answer.text).not.toContain(decider.text)
    }
  })

  it('is told no code of an error where it sent no credentials', async () => {
    expect((await ask(await start(), '/decide', undefined)).challenge).toBe('Bearer realm="edict"')
  })

  it('may not use a key of another environment', async () => {
    const { text } = await issue(['decide'], 'test')
    expect((await ask(await start(), '/decide', `Bearer ${text}`)).text).toContain('another environment')
    expect((await ask(await start({ keyEnvironment: 'test' }), '/decide', `Bearer ${text}`)).status).toBe(200)
  })

  it('needs the scope of what it asks for', async () => {
    const server = await start()
    const { text } = await issue(['explain'])
    const answer = await ask(server, '/decide', `Bearer ${text}`)
    expect(answer).toMatchObject({
      status: 403,
      challenge: 'Bearer realm="edict", error="insufficient_scope", scope="decide"',
    })
    expect(answer.text).toContain('lacks the scope `decide`')
    for (const [path, scope] of [
      ['/access/v1/search/resource', 'search'],
      ['/entities', 'admin'],
      ['/metrics', 'admin'],
    ] as const) {
      const { status, challenge } = await ask(server, path, `Bearer ${decider.text}`)
      expect([path, status, challenge]).toEqual([path, 403, expect.stringContaining(`scope="${scope}"`)])
    }
  })

  it('sees explanations with the scope alone', async () => {
    const server = await start()
    const both = await issue(['decide', 'explain'])
    const explained = { ...readOpen, explain: true }
    for (const body of [
      explained,
      { ...readOpen, explain: { trace: true } },
      { requests: [readOpen], explain: true },
      { requests: [readOpen, explained] },
    ]) {
      const refused = await ask(server, '/decide', `Bearer ${decider.text}`, body)
      expect(refused).toMatchObject({ status: 403, challenge: expect.stringContaining('scope="explain"') })
      expect(refused.text).not.toContain('nearestMisses')
      expect((await ask(server, '/decide', `Bearer ${both.text}`, body)).status).toBe(200)
    }
    const plain = { ...readOpen, explain: false }
    expect((await ask(server, '/decide', `Bearer ${decider.text}`, plain)).status).toBe(200)
    expect((await ask(server, '/access/v1/evaluation', `Bearer ${decider.text}`, explained)).status).toBe(200)
  })

  it.each(['access_token', 'api_key', 'API_KEY', '%61pi_key'])(
    'is refused a key in the address: %s',
    async (name) => {
      const server = await start()
      for (const path of ['/decide', '/healthz']) {
        const answer = await ask(server, `${path}?${name}=${decider.text}`, `Bearer ${decider.text}`)
        expect(answer).toMatchObject({ status: 400, challenge: expect.stringContaining('invalid_request') })
        expect(answer.text).toContain('take this credential for leaked')
        expect(answer.text).not.toContain(decider.text)
      }
    },
  )

  it('loses access as soon as its key is revoked, and gains it with a new one', async () => {
    const server = await start()
    const { text, record } = await issue(['decide'])
    expect((await ask(server, '/decide', `Bearer ${text}`)).status).toBe(200)
    await changeKeyFile(keyFile, (keys) => revokeKeys(keys, record.id, Date.now()))
    await setTimeout(KEY_FILE_CHECK_MS)
    expect(await ask(server, '/decide', `Bearer ${text}`)).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('the API key is revoked'),
    })
  })
})

describe('what is open', () => {
  const open = ['/', '/healthz', '/readyz', '/openapi.json', '/.well-known/authzen-configuration']

  it('answers whoever asks', async () => {
    const server = await start()
    for (const path of open)
      expect([path, (await ask(server, path, undefined, null)).status]).toEqual([path, 200])
  })

  it('is what the configuration says', async () => {
    const server = await start({ openEndpoints: 'health' })
    for (const path of open) {
      const status = path.endsWith('z') ? 200 : 401
      expect([path, (await ask(server, path, undefined, null)).status]).toEqual([path, status])
      expect([path, (await ask(server, path, `Bearer ${decider.text}`, null)).status]).toEqual([path, 200])
    }
  })

  it.each(['//decide', '/decide/', '/%64ecide', '/DECIDE', '/healthz/../decide', '/healthz%2f..%2fdecide'])(
    'is not widened by writing a path as %s',
    async (path) => {
      const { status } = await ask(await start(), path, undefined)
      expect([401, 404]).toContain(status)
    },
  )
})

describe('a caller that fails too often', () => {
  const bad = () => createApiKey('live').text
  const send = async ({ url }: RunningServer, credential: string) => {
    const response = await fetch(`${url}/decide`, {
      method: 'POST',
      body: JSON.stringify(readOpen),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
    })
    const header = (name: string) => response.headers.get(name)
    const { status } = response
    return {
      status,
      policy: header('ratelimit-policy'),
      left: header('ratelimit'),
      retry: header('retry-after'),
    }
  }

  it('is told how often it may, and then to wait; a right key counts all the same', async () => {
    const server = await start({ authFailuresPerMinute: '2' })
    const first = await send(server, bad())
    expect(first).toMatchObject({ status: 401, policy: '"failures";q=2;w=60', retry: null })
    expect(first.left).toMatch(/^"failures";r=1;t=(59|60)$/)
    expect((await send(server, bad())).status).toBe(401)
    const third = await send(server, bad())
    expect(third).toMatchObject({ status: 429, retry: expect.stringMatching(/^(59|60)$/) })
    expect((await send(server, decider.text)).status).toBe(200)
    expect((await ask(server, '/decide', undefined)).status).toBe(401)
  })

  it('may be every address that tries one key', async () => {
    const { text, record } = await issue(['decide'])
    const limits = createFailureLimits(2)
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
    const quotas = []
    for (const address of addresses) quotas.push(await limits.count(address, record.id))
    expect(quotas.map(({ isExceeded }) => isExceeded)).toEqual([false, false, true])
    expect(addresses.map((address) => limits.openChecks(address))).toEqual(Array(3).fill(FREE_CHECKS))
    expect(text).toContain(record.id)
  })

  it('may be as many as it likes where that is configured', async () => {
    const server = await start({ authFailuresPerMinute: '0' })
    for (let count = 0; count < 40; count++) expect((await send(server, bad())).status).toBe(401)
  })

  it('has a quota of requests only where one is configured', async () => {
    const server = await start({ callerRequestsPerSecond: '3' })
    const replies = []
    for (let count = 0; count < 8; count++) replies.push(await send(server, decider.text))
    const statuses = replies.map(({ status }) => status)
    expect(statuses).toContain(200)
    expect(statuses).toContain(429)
    expect(replies.find(({ status }) => status === 429)).toMatchObject({
      policy: '"requests";q=3;w=1',
      left: '"requests";r=0;t=1',
      retry: '1',
    })
    expect((await send(await start(), decider.text)).policy).toBeNull()
  })
})

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '20010db800010002'],
    ['2001:db8:1:2::9', '20010db800010002'],
    ['fe80::1%eth0', 'fe80000000000000'],
    [undefined, 'unknown'],
    ['nonsense', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('the last use of a key', () => {
  it('is recorded once the service stops', async () => {
    const server = await start()
    const { text, record } = await issue(['decide'])
    const before = Date.now()
    await ask(server, '/decide', `Bearer ${text}`)
    for (const stop of stops.splice(0)) await stop()
    const at = readKeyUse(join(folder, 'keys.last-used.json')).get(record.id) ?? 0
    expect(at).toBeGreaterThanOrEqual(before)
  })
})
