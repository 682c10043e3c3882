// Requests that mean one thing to whoever guards a service and another to the service itself. Whatever they say, nobody
// gets a decision that may not have one, and nobody's answer goes to somebody else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '../service/create-key.ts'
import { exchange, toHead, toPost } from '../service/raw.ts'
import { createFolder, OWN, READ, type Service, serveHere, WRITE } from '../service/serve.ts'

const folder = createFolder()
let service: Service
let decider: string
let searcher: string
beforeAll(async () => {
  decider = `Authorization: Bearer ${await createKey(folder, 'app', 'decide')}`
  searcher = `Authorization: Bearer ${await createKey(folder, 'searcher', 'search')}`
  service = await serveHere(folder, '--key-file', 'keys.json', '--auth-failures-per-minute', '0')
})
afterAll(async () => {
  await service.stop()
  folder.remove()
})

const send = (text: string) => exchange(service.port, text)
const DECISION = /"decision":("(allow|deny)"|true|false)/
const CLOSE = 'Connection: close'
const CHUNKED = 'Transfer-Encoding: chunked'
const inChunks = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`

describe('a path', { timeout: 60_000 }, () => {
  const TARGETS = [
    ...[
      '//decide',
      '/decide/',
      '/decide//',
      '/./decide',
      '/x/../decide',
      '/%64ecide',
      '/decide%2f',
      '/DECIDE',
    ],
    ...[
      '/%2e/decide',
      '/x/%2e%2e/decide',
      '/%2e%2e/decide',
      '/healthz/../decide',
      '/docs/../decide',
      '/docs/%2e%2e/decide',
    ],
    ...[
      '/decide;x=1',
      '/decide?',
      '/decide?x=1',
      '/decide%00',
      '/decide%20',
      '/decide\\',
      '/\\decide',
      '/decide%3f',
      '/decide%23',
    ],
    ...[
      'http://localhost/decide',
      'http://evil.example/decide',
      'HTTP://localhost/decide',
      '/access/v1/search/../evaluation',
    ],
    ...[
      '/access/v1//evaluation',
      '/access/v1/%65valuation',
      '/.well-known/authzen-configuration/../../decide',
      '*',
      'decide',
    ],
  ]

  it('leads nobody without a key, or without the scope, to a decision', async () => {
    const others = ['Authorization: Basic eDp5', searcher]
    const asked = TARGETS.flatMap((target) => others.map((header) => ({ target, header })))
    await Promise.all(
      asked.map(async ({ target, header }) => {
        for (const reply of await send(toPost(target, OWN, header, CLOSE))) {
          expect([target, reply.body]).toEqual([target, expect.not.stringMatching(DECISION)])
          expect([400, 401, 403, 404, 405, 421]).toContain(reply.status)
        }
      }),
    )
  })

  it('gives who may ask the decision of its question, or none', async () => {
    const replies = await Promise.all(TARGETS.map((target) => send(toPost(target, WRITE, decider, CLOSE))))
    for (const [reply] of replies) {
      expect(reply?.status).toBeLessThan(500)
      if (DECISION.test(reply?.body ?? '')) expect(reply?.body).toMatch(/"decision":("deny"|false)/)
    }
    expect(replies.filter(([reply]) => reply?.status === 200).length).toBeGreaterThan(2)
  })

  it('that no key opens is not told from one that is not there', async () => {
    const [there, nowhere] = await Promise.all([
      send(toPost('/metrics', {}, CLOSE)),
      send(toPost('/nowhere', {}, CLOSE)),
    ])
    expect([there?.[0]?.status, nowhere?.[0]?.status]).toEqual([401, 401])
  })
})

describe('a method', { timeout: 60_000 }, () => {
  const ask = (method: string, path: string, ...more: readonly string[]) =>
    send(toHead(`${method} ${path} HTTP/1.1`, 'Host: localhost', decider, ...more, CLOSE))

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s gets no decision, and hears what does',
    async (method) => {
      for (const path of ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']) {
        const [reply] = await ask(method, path)
        expect([method, reply?.status]).toEqual([method, expect.toBeOneOf([400, 405])])
        expect(reply?.body).not.toMatch(DECISION)
        if (reply?.status === 405) expect(reply.head).toMatch(/^allow: POST$/im)
        // No page of another origin may ask, either.
        expect(reply?.head).not.toMatch(/access-control-/i)
      }
    },
  )

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method'])(
    'is not what %s says',
    async (name) => {
      expect((await ask('GET', '/decide', `${name}: POST`))[0]?.status).toBe(405)
      const [reply] = await send(toPost('/decide', READ, decider, `${name}: GET`, CLOSE))
      expect([reply?.status, reply?.body]).toEqual([200, expect.stringContaining('"allow"')])
    },
  )

  it('HEAD has the head of GET and no body', async () => {
    const [reply] = await ask('HEAD', '/healthz')
    expect([reply?.status, reply?.body]).toEqual([200, ''])
  })

  it('CONNECT and other protocols end the connection', async () => {
    for (const text of [
      toHead('CONNECT localhost:80 HTTP/1.1', 'Host: localhost'),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01',
    ]) {
      for (const { status } of await send(text)) expect(status).toBe(400)
    }
    expect((await send(toPost('/decide', READ, decider)))[0]?.status).toBe(200)
  })
})

describe('the end of a request', { timeout: 60_000 }, () => {
  const HIDDEN = toPost('/decide', OWN)
  const POST = ['POST /decide HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
  const body = JSON.stringify(READ)

  const DOUBTS: readonly (readonly [what: string, text: string])[] = [
    [
      'two lengths that differ',
      toHead(...POST, `Content-Length: ${body.length}`, 'Content-Length: 4') + body + HIDDEN,
    ],
    [
      'two lengths that are one',
      toHead(...POST, `Content-Length: ${body.length}`, `Content-Length: ${body.length}`) + body,
    ],
    ['a list of lengths', toHead(...POST, `Content-Length: ${body.length}, ${body.length}`) + body],
    [
      'a length and chunks',
      toHead(...POST, CHUNKED, `Content-Length: ${body.length}`) + inChunks(body) + HIDDEN,
    ],
    ['a length of 0 and chunks', toHead(...POST, 'Content-Length: 0', CHUNKED) + inChunks(body) + HIDDEN],
    ['chunks that are named oddly', toHead(...POST, 'Transfer-Encoding: xchunked') + inChunks(body)],
    [
      'chunks and something after them',
      toHead(...POST, 'Transfer-Encoding: chunked, identity') + inChunks(body),
    ],
    ['chunks twice', toHead(...POST, CHUNKED, 'Transfer-Encoding: cow') + inChunks(body)],
    ['a blank before the colon', toHead(...POST, 'Transfer-Encoding : chunked') + inChunks(body)],
    ['a vertical tab', toHead(...POST, 'Transfer-Encoding:\x0bchunked') + inChunks(body)],
    ['a folded line', toHead(...POST, 'Transfer-Encoding:', ' chunked') + inChunks(body)],
    ['a length below 0', toHead(...POST, 'Content-Length: -1') + body],
    ['a length in hex', toHead(...POST, 'Content-Length: 0x10') + body],
    ['a length with a sign', toHead(...POST, `Content-Length: +${body.length}`) + body],
    ['bare line feeds', toHead(...POST, CHUNKED).replaceAll('\r\n', '\n') + inChunks(body)],
    [
      'a chunk with a size of too many digits',
      `${toHead(...POST, CHUNKED)}FFFFFFFFFFFFFFFFF\r\n${body}\r\n0\r\n\r\n`,
    ],
    ['a chunk that ends early', `${toHead(...POST, CHUNKED)}4\r\n${body}\r\n0\r\n\r\n`],
  ]

  it('is in no doubt', async () => {
    await Promise.all(
      DOUBTS.map(async ([what, text]) => {
        // With a key, so that whatever is taken for a request would be answered.
        const withKey = text.replaceAll('Host: localhost', `Host: localhost\r\n${decider}`)
        const replies = await send(withKey)
        expect([what, replies.length]).toEqual([what, expect.toBeOneOf([0, 1])])
        for (const { status, body } of replies) {
          expect([what, status]).toEqual([what, expect.toBeOneOf([400, 401, 411, 413, 415])])
          expect(body).not.toMatch(DECISION)
        }
      }),
    )
  })
})

describe('headers that are there twice', { timeout: 60_000 }, () => {
  it.each([
    ['a key and none', () => [decider, 'Authorization: Bearer x']],
    ['a key twice', () => [decider, decider]],
    ['two keys', () => [searcher, decider]],
  ])('are no credential: %s', async (_, headers) => {
    for (const more of [[], [CHUNKED]]) {
      const text = JSON.stringify(READ)
      const request =
        more.length === 0
          ? toPost('/decide', READ, ...headers(), CLOSE)
          : toHead(
              'POST /decide HTTP/1.1',
              'Host: localhost',
              'Content-Type: application/json',
              CHUNKED,
              ...headers(),
            ) + inChunks(text)
      const [reply] = await send(request)
      expect([reply?.status, reply?.body]).toEqual([401, expect.not.stringMatching(DECISION)])
    }
  })

  it('do not make another content of one', async () => {
    const [reply] = await send(toPost('/decide', READ, decider, 'Content-Type: text/plain', CLOSE))
    expect(reply?.status).toBe(415)
  })

  it('bring none of the headers of a proxy into the answer', async () => {
    const headers = [
      'X-Forwarded-Host: evil.example',
      'X-Original-URL: /admin',
      'X-Rewrite-URL: /admin',
      'Forwarded: host=evil',
    ]
    const [reply] = await send(toPost('/decide', READ, decider, ...headers, CLOSE))
    expect([reply?.status, reply?.body]).toEqual([200, expect.stringContaining('"allow"')])
    expect(`${reply?.head}${reply?.body}`).not.toContain('evil')
  })
})

describe('many requests in one go', { timeout: 60_000 }, () => {
  it('are answered in their order, each with its own answer', async () => {
    const questions = Array.from({ length: 100 }, (_, at) => (at % 3 === 0 ? WRITE : READ))
    const text = questions.map((body, at) => toPost('/decide', body, decider, `X-Request-ID: ${at}`)).join('')
    const replies = await send(text)
    expect(replies.map(({ head }) => /^x-request-id: (\d+)/im.exec(head)?.[1])).toEqual(
      questions.map((_, at) => String(at)),
    )
    expect(replies.map(({ body }) => body.includes('"decision":"allow"'))).toEqual(
      questions.map((question) => question === READ),
    )
  })

  it('have the credentials of none before them', async () => {
    const [first, second] = await send(toPost('/decide', READ, decider) + toPost('/decide', READ))
    expect([first?.status, second?.status]).toEqual([200, 401])
  })
})
