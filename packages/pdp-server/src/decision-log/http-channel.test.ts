import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Receiver, readLines, startReceiver, until } from '../test-support/decision-records.ts'
import type { Channel, Chunk } from './channel.ts'
import { createHttpChannel, type HttpChannelOptions } from './http-channel.ts'

let receiver: Receiver
let directory = ''
const channels: Channel[] = []
beforeEach(async () => {
  receiver = await startReceiver()
  directory = mkdtempSync(join(tmpdir(), 'edict-spool-'))
})
afterEach(async () => {
  for (const channel of channels.splice(0)) {
    channel.hurry?.(0)
    await channel.close()
  }
  await receiver.stop()
  rmSync(directory, { recursive: true })
})

function create(options: Partial<HttpChannelOptions> = {}) {
  const channel = createHttpChannel({ url: receiver.url, format: 'ndjson', timeoutMs: 5000, ...options })
  const lost: unknown[] = []
  channel.attach?.({ onLost: (...what) => lost.push(what), onChange: () => {} })
  channels.push(channel)
  return { channel, lost }
}

const PIECE = Buffer.alloc(64 * 1024)
const entry = (name: string) => ({
  event: 'decision',
  time: '2026-01-01T00:00:00.000Z',
  id: name,
  decision: 'allow',
})
const chunk = (name: string): Chunk => ({
  bytes: Buffer.from(`${JSON.stringify(entry(name))}\n`),
  lineCount: 1,
})
const names = () => receiver.received.flatMap(({ body }) => readLines(body)).map(({ id }) => id)
const spool = (maxBytes = 100_000) => ({ directory: join(directory, 'spool'), maxBytes })

describe('createHttpChannel', () => {
  it('posts lines, with the headers of a file as it is now', async () => {
    const headersFile = join(directory, 'headers')
    writeFileSync(headersFile, 'Authorization: Bearer one\r\nX-Team:  a \n\n')
    const { channel } = create({ headersFile })
    await channel.deliver([chunk('a'), chunk('b')])
    writeFileSync(headersFile, 'Authorization: Bearer two\n')
    await channel.deliver([chunk('c')])
    expect(names()).toEqual(['a', 'b', 'c'])
    expect(
      receiver.received.map(({ headers }) => [
        headers['content-type'],
        headers.authorization,
        headers['x-team'],
      ]),
    ).toEqual([
      ['application/x-ndjson', 'Bearer one', 'a'],
      ['application/x-ndjson', 'Bearer two', undefined],
    ])
  })

  it('sends OpenTelemetry logs', async () => {
    const { channel, lost } = create({ format: 'otlp' })
    receiver.answer = { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1"}}' }
    await channel.deliver([chunk('a'), chunk('b')])
    const { headers, body } = receiver.received[0] ?? { headers: {}, body: '{}' }
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords).toHaveLength(2)
    expect(lost).toEqual([[1, 'refused']])
  })

  it.each<[HttpChannelOptions['format'], number, boolean]>([
    ['ndjson', 400, true],
    ['ndjson', 413, true],
    ['ndjson', 401, false],
    ['ndjson', 404, false],
    ['ndjson', 500, false],
    ['otlp', 400, true],
    ['otlp', 401, true],
    ['otlp', 500, true],
    ['otlp', 503, false],
    ['otlp', 429, false],
  ])('takes, as %s, a %i for an answer that is final: %s', async (format, status, isFinal) => {
    const { channel } = create({ format })
    receiver.answer = { status, headers: { 'retry-after': '7' } }
    const retryAfterMs = isFinal ? undefined : 7000
    await expect(channel.deliver([chunk('a')])).rejects.toMatchObject({ isFinal, retryAfterMs })
  })

  it('says nothing of headers and addresses where it fails', async () => {
    const headersFile = join(directory, 'headers')
    writeFileSync(headersFile, 'no header secret-1\n')
    const { channel } = create({ headersFile })
    const unreachable = create({ url: 'http://127.0.0.1:1/secret-2' }).channel
    for (const one of [channel, unreachable]) {
      await expect(one.deliver([chunk('a')])).rejects.toThrow(/^(?!.*secret)/)
    }
    await expect(channel.prepare?.()).rejects.toMatchObject({
      code: 'unreadable-files',
      message: expect.not.stringContaining('secret-1'),
    })
  })

  it.each([200, 503])('does not read an answer that never ends (%i)', async (status) => {
    const endless = createServer((request, response) => {
      request.resume()
      response.writeHead(status)
      const more = () => {
        while (response.write(PIECE));
      }
      response.on('drain', more)
      more()
    }).listen(0, '127.0.0.1')
    await once(endless, 'listening')
    const { port } = endless.address() as AddressInfo
    // Longer than a test may take: it would be what ends it.
    const { channel } = create({ format: 'otlp', timeoutMs: 60_000, url: `http://127.0.0.1:${port}/` })
    const delivery = channel.deliver([chunk('a')])
    if (status === 200) await delivery
    else await expect(delivery).rejects.toThrow('answered 503')
    endless.closeAllConnections()
    endless.close()
  })

  it('does not follow to where the receiver sends it', async () => {
    const { channel } = create()
    receiver.answer = { status: 307, headers: { location: receiver.url } }
    await expect(channel.deliver([chunk('a')])).rejects.toThrow('cannot be reached')
  })
})

describe('the spool', () => {
  it('holds what the receiver does not take, and sends it in order once it does', async () => {
    receiver.answer = { status: 503 }
    const { channel } = create({ spool: spool() })
    for (const name of 'abc') await channel.deliver([chunk(name)])
    expect(channel.condition?.()).toMatchObject({
      failure: expect.stringContaining('503'),
      spooledBytes: expect.any(Number),
    })
    receiver.answer = { status: 200 }
    await until(() => names().length === 3)
    await channel.deliver([chunk('d')])
    await until(() => names().length === 4 && readdirSync(spool().directory).length === 0)
    expect(names()).toEqual(['a', 'b', 'c', 'd'])
    expect(channel.condition?.()).toEqual({ failure: undefined, spooledBytes: 0 })
  })

  it('outlives the process', async () => {
    const { url } = receiver
    const first = create({ spool: spool(), url: 'http://127.0.0.1:1/' }).channel
    await first.deliver([chunk('a')])
    await first.deliver([chunk('b')])
    first.hurry?.(10)
    await first.close()
    writeFileSync(join(spool().directory, '0000000000000009.ndjson.tmp'), '{"half":')
    writeFileSync(join(spool().directory, 'README'), 'not ours')
    create({ spool: spool(), url })
    await until(() => names().length === 2)
    expect(names()).toEqual(['a', 'b'])
    await until(() => readdirSync(spool().directory).join() === 'README')
  })

  it('is bounded', async () => {
    const { channel } = create({ spool: spool(150), url: 'http://127.0.0.1:1/' })
    await channel.deliver([chunk('a')])
    await expect(channel.deliver([chunk('b')])).rejects.toMatchObject({
      isFinal: false,
      message: expect.stringContaining('full'),
    })
  })

  it('counts what it held and the receiver refuses', async () => {
    receiver.answer = { status: 503 }
    const { channel, lost } = create({ spool: spool() })
    await channel.deliver([chunk('a'), chunk('b')])
    receiver.answer = { status: 400 }
    await until(() => lost.length > 0)
    expect(lost).toEqual([[2, 'refused']])
  })

  it('goes on behind lines that a disk damaged, and counts them', async () => {
    const { directory } = spool()
    mkdirSync(directory)
    const line = JSON.stringify(entry('a'))
    writeFileSync(join(directory, '0000000000000001.ndjson'), line.slice(0, 30))
    writeFileSync(join(directory, '0000000000000002.ndjson'), `\0\0\n${line}\n`)
    const { channel, lost } = create({ format: 'otlp', spool: spool() })
    await until(() => readdirSync(directory).length === 0)
    await channel.deliver([chunk('b')])
    expect(lost).toEqual([
      [1, 'spool-lost'],
      [1, 'spool-lost'],
    ])
    const records = receiver.received.map(
      ({ body }) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords.length,
    )
    expect(records).toEqual([1, 1])
    expect(channel.condition?.().failure).toBeUndefined()
  })

  it('takes what a receiver that hangs does not', async () => {
    const { channel } = create({ spool: spool(), timeoutMs: 20, url: 'http://192.0.2.1/' })
    await channel.deliver([chunk('a')])
    expect(channel.condition?.().spooledBytes).toBeGreaterThan(0)
  })

  it('is refused before it starts where it cannot be', async () => {
    writeFileSync(join(directory, 'file'), '')
    const { channel } = create({ spool: { directory: join(directory, 'file'), maxBytes: 1 } })
    await expect(channel.prepare?.()).rejects.toMatchObject({ code: 'unwritable-file' })
  })
})
