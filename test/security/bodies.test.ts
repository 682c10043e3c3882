// Senders that are slow, large, deep or many. Each gets a clear answer or is closed, and others are served meanwhile.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closed, exchange, openSocket, splitReplies, toHead, toPost } from '../service/raw.ts'
import { createFolder, READ, type Service, serveHere, WRITE } from '../service/serve.ts'

const folder = createFolder()
let service: Service
beforeAll(async () => {
  service = await serveHere(folder, '--request-timeout-ms', '300', '--max-connections', '120')
})
afterAll(async () => {
  await service.stop()
  folder.remove()
})

const POST = ['POST /decide HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
const CLOSE = 'Connection: close'
const send = async (text: string) => (await exchange(service.port, text))[0]

async function checkServed(): Promise<void> {
  const reply = await send(toPost('/decide', READ, CLOSE))
  expect([reply?.status, reply?.body]).toEqual([200, expect.stringContaining('"allow"')])
}

/** Sends a part at a time until the service has had enough; gives what it said last. */
async function trickle(start: string, part: string): Promise<string> {
  const socket = await openSocket(service.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.write(start)
  const timer = setInterval(() => socket.write(part), 10)
  await closed(socket)
  clearInterval(timer)
  return text
}

describe('a slow sender', { timeout: 60_000 }, () => {
  it('is closed, whatever it is slow with, and holds up nobody', async () => {
    const slow = Promise.all([
      trickle('', ''),
      trickle('POST /decide HTTP/1.1\r\n', 'X-A: b\r\n'),
      trickle(toHead(...POST, 'Content-Length: 100000'), ' '),
      trickle(toHead(...POST, 'Transfer-Encoding: chunked'), '1\r\n \r\n'),
      trickle(toHead('POST /access/v1/evaluation HTTP/1.1', 'Host: localhost', 'Content-Length: 9'), ''),
    ])
    await checkServed()
    for (const text of await slow) expect(splitReplies(text).at(-1)?.status).toBe(408)
  })

  it('that has sent half of it and is gone is forgotten', async () => {
    for (const text of [
      '',
      'POST',
      toHead(...POST, 'Content-Length: 9'),
      `${toHead(...POST, 'Content-Length: 9')}{"a`,
    ]) {
      const socket = await openSocket(service.port)
      socket.write(text)
      socket.destroy()
      const ended = await openSocket(service.port)
      ended.end(text)
      await closed(ended)
    }
    await checkServed()
  })

  it('does not keep others out by its number of connections for long', async () => {
    const sockets = await Promise.all(Array.from({ length: 300 }, () => openSocket(service.port)))
    await Promise.all(sockets.map(closed))
    await checkServed()
  })
})

describe('a large body', { timeout: 60_000 }, () => {
  const LARGE = 10 * 1024 * 1024

  it.each([
    ['with its length', () => toHead(...POST, `Content-Length: ${LARGE}`) + ' '.repeat(LARGE)],
    [
      'in chunks',
      () =>
        `${toHead(...POST, 'Transfer-Encoding: chunked')}${LARGE.toString(16)}\r\n${' '.repeat(LARGE)}\r\n0\r\n\r\n`,
    ],
    ['announced', () => toHead(...POST, `Content-Length: ${LARGE}`, 'Expect: 100-continue')],
    ['announced as larger than a number can say', () => toHead(...POST, 'Content-Length: 99999999999999999')],
  ])('is refused %s, and not read to its end', async (_, toText) => {
    const replies = await exchange(service.port, toText())
    // A sender that does not stop may find the connection closed before it reads the answer.
    for (const { status } of replies) expect([400, 408, 413]).toContain(status)
    await checkServed()
  })

  it('of a size that is allowed is read, and its question answered', async () => {
    const reply = await send(toPost('/decide', { ...READ, context: { pad: 'x'.repeat(1_000_000) } }, CLOSE))
    expect(reply?.status).toBe(200)
  })
})

describe('a deep body', { timeout: 60_000 }, () => {
  it.each([
    ['objects', `{"context":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`],
    ['arrays', `{"context":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`],
    ['arrays that never end', '['.repeat(10_000)],
    ['escapes', `{"context":{"a":"${'\\'.repeat(10_001)}"}}`],
  ])('of %s is refused', async (_, text) => {
    for (const path of ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']) {
      const reply = await send(toPost(path, text, CLOSE))
      expect([path, reply?.status]).toEqual([path, 400])
      expect(reply?.body.length).toBeLessThan(2000)
    }
  })
})

describe('a huge batch', { timeout: 60_000 }, () => {
  it('is refused beyond its limit, and answered in full up to it', async () => {
    const most = Array.from({ length: 1000 }, (_, at) => (at % 2 === 0 ? READ : WRITE))
    const all = await send(toPost('/decide', { requests: most }, CLOSE))
    expect(JSON.parse(all?.body ?? '').answers.map(({ decision }: { decision: string }) => decision)).toEqual(
      most.map((question) => (question === READ ? 'allow' : 'deny')),
    )
    const one = await send(toPost('/decide', { requests: [...most, READ] }, CLOSE))
    expect([one?.status, one?.body]).toEqual([400, expect.stringContaining('at most 1000')])
    const items = Array.from({ length: 1001 }, () => ({}))
    expect(
      (await send(toPost('/access/v1/evaluations', { ...READ, evaluations: items }, CLOSE)))?.status,
    ).toBe(400)
  })

  it('whose items all inherit much ends as denials, not as a long wait', async () => {
    const context = { pad: 'x'.repeat(900_000) }
    const items = Array.from({ length: 1000 }, () => ({}))
    const reply = await send(
      toPost('/access/v1/evaluations', { ...READ, context, evaluations: items }, CLOSE),
    )
    const { evaluations } = JSON.parse(reply?.body ?? '')
    expect(evaluations).toHaveLength(1000)
    expect(evaluations.at(-1)).toMatchObject({ decision: false })
  })

  it('holds up nobody', async () => {
    const requests = Array.from({ length: 1000 }, () => READ)
    const batches = Promise.all([1, 2, 3].map(() => send(toPost('/decide', { requests }, CLOSE))))
    await checkServed()
    for (const reply of await batches) expect(reply?.status).toBe(200)
  })
})

describe('a head', { timeout: 60_000 }, () => {
  it.each<[string, string]>([
    ['with a header of 20 KB', toPost('/decide', READ, `X-Long: ${'x'.repeat(20_000)}`, CLOSE)],
    ['with a target of 20 KB', toPost(`/decide?${'x'.repeat(20_000)}`, READ, CLOSE)],
    ['with 4000 headers', toPost('/decide', READ, ...new Array(4000).fill('a: b'), CLOSE)],
    ['with a control character', toPost('/decide', READ, 'X-A: a\x01b', CLOSE)],
    ['with a zero byte', toPost('/decide', READ, 'X-A: a\0b', CLOSE)],
    ['with no host', toPost('/decide', READ, CLOSE).replace('Host: localhost\r\n', '')],
    ['with two hosts', toPost('/decide', READ, 'Host: evil.example', CLOSE)],
    ['with another host', toPost('/decide', READ, CLOSE).replace('localhost', 'evil.example')],
    ['of another encoding', toPost('/decide', READ, 'Content-Encoding: gzip', CLOSE)],
    [
      'of another type',
      toPost('/decide', READ, CLOSE).replace('application/json', 'application/x-www-form-urlencoded'),
    ],
    ['with a credential in its target', toPost('/decide?access_token=x', READ, CLOSE)],
  ])('%s is refused, or means nothing', async (_, text) => {
    const reply = await send(text)
    expect([200, 400, 413, 415, 421, 431]).toContain(reply?.status)
    if (reply?.status === 200) expect(text).toMatch(/a: b|access_token/)
    await checkServed()
  })
})
