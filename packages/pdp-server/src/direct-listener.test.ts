import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, type AppOptions, createApp } from './app.ts'
import { createPdp } from './decide/pdp.ts'
import type { Gate } from './middleware/gate.ts'
import { type RunningServer, startServer } from './server.ts'
import { NO_LOG } from './telemetry/log.ts'
import { createTestPdp, exportOpen, open, readOpen, readShut } from './test-support/service.ts'
import { toProblem } from './wire/problem.ts'

/** One service behind both listeners. */
interface Pair {
  readonly direct: RunningServer
  readonly routed: RunningServer
  /** How many requests were answered directly. */
  readonly countDirect: () => number
}

const pairs: Pair[] = []
afterAll(() => Promise.all(pairs.flatMap(({ direct, routed }) => [direct.stop(), routed.stop()])))

async function startPair(options: Partial<AppOptions> = {}, insecureNoAuth = false): Promise<Pair> {
  const app = createApp({ pdp: createTestPdp(), limits: { maxBodyBytes: 20_000 }, ...options })
  let count = 0
  const answerDirectly: App['answerDirectly'] = (...request) => {
    const isAnswered = app.answerDirectly?.(...request) === true
    if (isAnswered) count++
    return isAnswered
  }
  const settings = { port: 0, insecureNoAuth, stopTimeoutMs: 100 }
  const pair = {
    direct: await startServer({ app: { ...app, answerDirectly }, ...settings }),
    routed: await startServer({ app: { fetch: app.fetch }, ...settings }),
    countDirect: () => count,
  }
  pairs.push(pair)
  return pair
}

interface RawRequest {
  readonly method?: string
  readonly path?: string
  /** Beside those that every request needs; one of the same name stands instead. */
  readonly headers?: readonly string[]
  readonly body?: unknown
  readonly version?: string
}

function toBytes({
  method = 'POST',
  path = '/decide',
  headers = [],
  body,
  version = '1.1',
}: RawRequest): Buffer {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const bytes = Buffer.from(isRaw ? body : (JSON.stringify(body) ?? ''))
  const usual = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${bytes.byteLength}`]
  const isSaid = (line: string) => headers.some((said) => said.split(':')[0] === line.split(':')[0])
  const lines = [...usual.filter((line) => !isSaid(line)), ...headers.filter((line) => !line.endsWith(':-'))]
  const head = [`${method} ${path} HTTP/${version}`, ...lines, 'Connection: close', '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

/** What changes from one answer to the next by itself. */
const CHANGING = /^(date|connection|keep-alive|edict-decision-id|transfer-encoding)$/

async function ask(port: number, bytes: Buffer) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  let reply = ''
  for await (const chunk of socket) reply += (chunk as Buffer).toString('latin1')
  const [head = '', body = ''] = reply.split('\r\n\r\n')
  const [status, ...lines] = head.split('\r\n')
  const headers = lines.map((line) => [
    line.split(':')[0]?.toLowerCase() ?? '',
    line.replace(/^[^:]*: */, ''),
  ])
  const changing = headers.filter(([name = '']) => CHANGING.test(name)).map(([name]) => name)
  return {
    status,
    headers: Object.fromEntries(headers.filter(([name = '']) => !CHANGING.test(name))),
    body: Buffer.from(body, 'latin1').toString(),
    names: changing.includes('edict-decision-id'),
  }
}

async function checkAlike({ direct, routed, countDirect }: Pair, request: RawRequest, isDirect = true) {
  const before = countDirect()
  const [one, other] = await Promise.all([
    ask(direct.port, toBytes(request)),
    ask(routed.port, toBytes(request)),
  ])
  expect(one).toEqual(other)
  expect(countDirect() - before).toBe(isDirect ? 1 : 0)
  return one
}

const bytes = (...values: number[]) => Uint8Array.from(values)
const DECISION_PATHS = ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']
const asJson = JSON.stringify(readOpen)

describe.each(DECISION_PATHS)('POST %s, answered directly and by its route', (path) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair()
  })

  it.each<[string, unknown]>([
    ['a question', readOpen],
    ['one that is denied', readShut],
    ['one with obligations', exportOpen],
    ['one with other letters', { ...readOpen, resource: { ...open, id: 'é😀' } }],
    ['an explanation', { ...readOpen, explain: { trace: true } }],
    [
      'roles, parents and entities',
      {
        ...readOpen,
        subject: { type: 'User', id: 'eve', roles: ['editor', 7], parents: [] },
        entities: [{ type: 'User', id: 'zoe', properties: {}, parents: [] }],
      },
    ],
    ['odd names', `{"__proto__":{"a":1},"constructor":1,${asJson.slice(1)}`],
    ['unknown types and actions', { ...readOpen, resource: { type: '__proto__', id: 'x' } }],
    ['a batch', { requests: [readOpen, readShut, 7, { subject: 1 }, { requests: [] }], explain: false }],
    ['a batch that is explained', { requests: [readOpen, { ...readShut, explain: false }], explain: true }],
    ['no batch', { requests: 7 }],
    ['an empty batch', { requests: [] }],
    ['a long batch', { requests: Array(1001).fill(0) }],
    [
      'evaluations',
      { ...readOpen, evaluations: [{}, { resource: exportOpen.resource }, exportOpen, null, { action: 7 }] },
    ],
    [
      'evaluations that end',
      { ...readOpen, evaluations: [readShut, {}], options: { evaluations_semantic: 'deny_on_first_deny' } },
    ],
    ['an unknown semantic', { evaluations: [readOpen], options: { evaluations_semantic: 'x' } }],
    ['a member of the wrong kind', { ...readOpen, subject: { type: 7 }, context: [] }],
    ['many members of the wrong kind', { ...readOpen, entities: Array(50).fill(7) }],
    ['a clock', { ...readOpen, context: { now: 0 } }],
    ['nothing', ''],
    ['blanks', '  '],
    ['half of it', asJson.slice(0, 40)],
    ['too much', `${asJson}x`],
    ['an array', []],
    ['null', 'null'],
    ['a string', '"x"'],
    ['no UTF-8', bytes(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['a byte order mark', `\ufeff${asJson}`],
    ['a member twice', '{"subject":{"type":"User","id":"a","id":"b"}}'],
    ['a member twice, once escaped', '{"subject":{"type":"User","id":"a","\\u0069d":"b"}}'],
    ['an object twice', `{"subject":{"x":{}},${asJson.slice(1)}`],
    ['a lone surrogate', '{"subject":{"type":"User","id":"\\ud800"}}'],
    ['escapes', `{"\\"":"\\\\","a\\nb":"\\/",${asJson.slice(1)}`],
    ['depth', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`],
    ['all the depth there may be', `{"a":${'['.repeat(63)}${']'.repeat(63)},${asJson.slice(1)}`],
  ])('is the same for %s', async (_, body) => {
    await checkAlike(pair, { path, body })
  })

  it.each<[string, readonly string[]]>([
    ['another case', ['Content-Type: APPLICATION/JSON ; Charset = UTF-8']],
    ['another type', ['Content-Type: text/plain']],
    ['two types', ['Content-Type: application/json', 'Content-Type: application/json']],
    ['no type', ['Content-Type:-']],
    ['another alphabet', ['Content-Type: application/json; charset=latin1']],
    ['an encoding', ['Content-Encoding: gzip']],
    ['no encoding', ['Content-Encoding: Identity']],
    ['an id', ['X-Request-ID: a b']],
    ['an empty id', ['X-Request-ID: ']],
    ['two ids', ['X-Request-ID: a', 'x-request-id: b']],
    ['an odd id', ['X-Request-ID: caf\u00e9']],
    ['a long id', [`X-Request-ID: ${'x'.repeat(257)}`]],
    ['another host', ['Host: attacker.example', 'X-Request-ID: id-1']],
    ['a port', ['Host: 127.0.0.1:8181']],
    ['text preferred', ['Accept: text/plain', 'Content-Type: text/plain']],
    ['method override', ['X-HTTP-Method-Override: GET', 'X-Forwarded-Host: evil.example']],
  ])('is the same with %s', async (_, headers) => {
    await checkAlike(pair, { path, headers, body: readOpen })
  })

  it.each<[string, RawRequest]>([
    [
      'in chunks',
      { headers: ['Content-Length:-', 'Transfer-Encoding: chunked'], body: '2\r\n{}\r\n0\r\n\r\n' },
    ],
    ['that is too large', { body: { ...readOpen, pad: 'x'.repeat(20_000) } }],
    ['of another host form', { headers: ['Host: [::1]:80'], body: readOpen }],
    ['for no host', { headers: ['Host:-'], version: '1.0', body: readOpen }],
    ['by another method', { method: 'PUT', body: readOpen }],
    ['with a query', { path: `${path}?a=b`, body: readOpen }],
    ['with an absolute address', { path: `http://localhost${path}`, body: readOpen }],
    ['below', { path: `${path}/x`, body: readOpen }],
    ['with encoded letters', { path: path.replace('e', '%65'), body: readOpen }],
    ['with dots', { path: `/x/..${path}`, body: readOpen }],
    ['with slashes', { path: `/${path}`, body: readOpen }],
  ])('is left to its route %s', async (_, request) => {
    await checkAlike(pair, { path, ...request }, false)
  })

  it('is the same before policies are loaded', async () => {
    const empty = await startPair({ pdp: createPdp() })
    expect((await checkAlike(empty, { path, body: readOpen })).status).toMatch(/503/)
    await checkAlike(empty, { path, body: '{' })
  })

  it('is the same where records or the engine fail', async () => {
    const onDecision = () => {
      throw new TypeError('secret')
    }
    const failing = await startPair({ pdp: createTestPdp(undefined, undefined, { onDecision }) })
    const { body } = await checkAlike(failing, { path, body: readOpen })
    expect(body).not.toContain('secret')
  })
})

describe('gates', () => {
  const outcomes: Readonly<Record<string, Gate>> = {
    'lets through': () => undefined,
    'lets through later': async () => undefined,
    refuses: () => toProblem(401, 'say who you are'),
    'refuses later': async () => toProblem(429, 'too often'),
    throws: () => {
      throw new TypeError('secret')
    },
    'throws later': async () => {
      throw new TypeError('secret')
    },
    'sets headers': ({ setHeader }) => {
      setHeader('WWW-Authenticate', 'Bearer')
      setHeader('www-authenticate', 'Bearer realm="x"')
      setHeader('Cache-Control', 'private')
      return toProblem(401, 'say who you are')
    },
    'sets a header that cannot be': ({ setHeader }) => {
      setHeader('X-Odd', 'a\r\nSet-Cookie: b')
      return undefined
    },
  }

  it.each(Object.entries(outcomes))('stand before both: one that %s', async (_, gate) => {
    const pair = await startPair({ gates: [gate] })
    const { body, headers } = await checkAlike(pair, { body: readOpen })
    await checkAlike(pair, { body: '{' })
    expect(body).not.toContain('secret')
    expect(headers).not.toHaveProperty('set-cookie')
    expect(headers).toHaveProperty('x-content-type-options')
  })

  it('are asked in turn, once each, and see the same', async () => {
    const seen: unknown[] = []
    const look =
      (name: string): Gate =>
      (exchange) => {
        const { method, path, header, incoming } = exchange
        seen.push([name, method, path, header('x-a'), header('x-none'), incoming?.socket.remoteAddress])
        return undefined
      }
    const pair = await startPair({ gates: [look('first'), look('second')] })
    await checkAlike(pair, { headers: ['X-A: 1', 'x-a: 2'], body: readOpen })
    const expected = ['first', 'second'].map((name) => [
      name,
      'POST',
      '/decide',
      '1, 2',
      undefined,
      '127.0.0.1',
    ])
    expect(seen).toEqual(expect.arrayContaining(expected))
    expect(seen).toHaveLength(4)
  })

  it('keep a body from being read, and the connection usable', async () => {
    const { direct } = await startPair({ gates: [() => toProblem(401, 'no')] })
    const socket = connect(direct.port, '127.0.0.1')
    const request = toBytes({ body: readOpen }).toString().replace('Connection: close\r\n', '')
    socket.write(request.repeat(3))
    let reply = ''
    socket.on('data', (chunk) => {
      reply += String(chunk)
      if (reply.match(/HTTP\/1.1 401/g)?.length === 3) socket.end()
    })
    await once(socket, 'close')
    expect(reply.match(/"status":401/g)).toHaveLength(3)
  })
})

describe('observers', () => {
  it('are told of every answer, and harm none', async () => {
    const told: unknown[] = []
    const faults: unknown[] = []
    const pair = await startPair({
      log: { ...NO_LOG, error: (fields) => faults.push(fields) },
      observers: [
        ({ path, requestId, decisionId }, status, durationMs) => {
          told.push([path, status, requestId, typeof decisionId, durationMs > 0])
          throw new Error('no room')
        },
      ],
    })
    const one = await checkAlike(pair, { headers: ['X-Request-ID: id-1'], body: readOpen })
    expect([one.status, one.names]).toEqual(['HTTP/1.1 200 OK', true])
    await checkAlike(pair, { body: '{' })
    expect(told).toEqual([
      ...Array(2).fill(['/decide', 200, 'id-1', 'string', true]),
      ...Array(2).fill(['/decide', 400, undefined, 'undefined', true]),
    ])
    expect(faults).toHaveLength(4)
  })
})

describe('a connection', () => {
  it('is answered in order, however its requests come', async () => {
    const { direct } = await startPair()
    const socket = connect(direct.port, '127.0.0.1')
    let reply = ''
    socket.on('data', (chunk) => {
      reply += String(chunk)
    })
    const bodies = [readOpen, { requests: [readShut] }, '{', readShut]
    const all = bodies
      .map((body) => toBytes({ body }).toString().replace('Connection: close\r\n', ''))
      .join('')
    // In pieces that end anywhere.
    for (let at = 0; at < all.length; at += 97) {
      socket.write(all.slice(at, at + 97))
      if (at % 291 === 0) await setTimeout(1)
    }
    while (reply.match(/HTTP\/1.1 /g)?.length !== 4) await setTimeout(2)
    socket.destroy()
    expect(reply.match(/HTTP\/1.1 \d+/g)?.map((line) => line.slice(-3))).toEqual(['200', '200', '400', '200'])
    expect(reply).toMatch(/"allow".*"answers".*is not JSON.*"deny"/s)
  })

  it('that breaks off leaves the others alone', async () => {
    const { direct } = await startPair()
    const socket = connect(direct.port, '127.0.0.1')
    socket.write(toBytes({ body: readOpen }).subarray(0, -20))
    await setTimeout(10)
    socket.destroy()
    expect((await ask(direct.port, toBytes({ body: readOpen }))).status).toBe('HTTP/1.1 200 OK')
  })
})
