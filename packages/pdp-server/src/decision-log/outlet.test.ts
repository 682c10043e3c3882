import { describe, expect, it } from 'vitest'
import { readLines, until } from '../test-support/decision-records.ts'
import { type Channel, type Chunk, DeliveryError } from './channel.ts'
import { Outlet, type OutletStatus } from './outlet.ts'

/** A channel in memory, that does as it is told. */
class FakeChannel implements Channel {
  readonly name = 'fake'
  readonly maxDeliveryBytes = 100
  readonly maxPauseMs = 5
  readonly deliveries: string[] = []
  isClosed = false
  behave: () => Promise<void> = () => Promise.resolve()

  async deliver(chunks: readonly Chunk[]): Promise<void> {
    await this.behave()
    this.deliveries.push(chunks.map(({ bytes }) => bytes.toString()).join(''))
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

function create(maxBufferBytes = 1000) {
  const channel = new FakeChannel()
  const changes: OutletStatus[] = []
  const outlet = new Outlet({ channel, maxBufferBytes, onChange: (status) => changes.push(status) })
  const put = (text: string) => outlet.put({ bytes: Buffer.from(`${JSON.stringify(text)}\n`), lineCount: 1 })
  return { channel, outlet, put, changes }
}

const fails = () => Promise.reject(new Error('no way'))

describe('Outlet', () => {
  it('delivers in order, as much at once as a delivery takes', async () => {
    const { channel, outlet, put } = create()
    const gate = Promise.withResolvers<void>()
    channel.behave = () => gate.promise
    const all = ['a', 'b'.repeat(60), 'c'.repeat(60), 'd'].map(put)
    gate.resolve()
    await Promise.all(all)
    expect(channel.deliveries.map((text) => text[1])).toEqual(['a', 'b', 'c'])
    expect(channel.deliveries.join('')).toMatch(/"a"\n"b+"\n"c+"\n"d"\n/)
    expect(outlet.status()).toMatchObject({ deliveredLines: 4, bufferedBytes: 0, failure: undefined })
  })

  it('tries again until it works, and tells each change once', async () => {
    const { channel, put, changes, outlet } = create()
    let tries = 0
    channel.behave = () => (++tries < 4 ? fails() : Promise.resolve())
    await put('a')
    expect([tries, channel.deliveries]).toEqual([4, ['"a"\n']])
    expect(changes.map(({ failure }) => failure)).toEqual(['no way', undefined])
    expect(outlet.status().droppedLines.size).toBe(0)
  })

  it('drops what does not fit, counts it, and says so in the log', async () => {
    const { channel, outlet, put } = create(20)
    channel.behave = fails
    const kept = put('a'.repeat(12))
    await expect(put('b'.repeat(12))).rejects.toThrow('takes no more')
    await expect(put('c'.repeat(12))).rejects.toThrow('takes no more')
    expect(outlet.status()).toMatchObject({ droppedLines: new Map([['buffer-full', 2]]), isSafe: false })
    channel.behave = () => Promise.resolve()
    await kept
    await put('d')
    const lines = channel.deliveries.flatMap(readLines)
    expect(lines).toEqual([
      expect.objectContaining({ event: 'gap', dropped: 2, sink: 'fake' }),
      'a'.repeat(12),
      'd',
    ])
  })

  it('gives up only what the receiver will never take', async () => {
    const { channel, outlet, put } = create()
    channel.behave = () => Promise.reject(new DeliveryError('bad line', { isFinal: true }))
    await expect(put('a')).rejects.toThrow('bad line')
    channel.behave = () => Promise.resolve()
    await put('b')
    expect(outlet.status().droppedLines).toEqual(new Map([['refused', 1]]))
    expect(channel.deliveries.flatMap(readLines)).toEqual([expect.objectContaining({ dropped: 1 }), 'b'])
  })

  it('waits as long as the receiver says', async () => {
    const { channel, put } = create()
    const times: number[] = []
    channel.behave = () => {
      times.push(performance.now())
      return times.length === 1
        ? Promise.reject(new DeliveryError('later', { retryAfterMs: 60 }))
        : Promise.resolve()
    }
    await put('a')
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(50)
  })

  it('delivers all that waits before it stops, although it was waiting to try again', async () => {
    const { channel, outlet, put } = create()
    let tries = 0
    channel.behave = () =>
      ++tries === 1 ? Promise.reject(new DeliveryError('later', { retryAfterMs: 60_000 })) : Promise.resolve()
    const all = ['a', 'b'].map(put)
    await until(() => tries === 1)
    await outlet.stop(1000)
    await Promise.all(all)
    expect([channel.deliveries.join(''), channel.isClosed]).toEqual(['"a"\n"b"\n', true])
  })

  it('counts what it could not deliver in time, and takes nothing more', async () => {
    const { channel, outlet, put } = create()
    channel.behave = () => new Promise(() => {})
    const lost = put('a')
    const stopped = outlet.stop(20)
    await expect(lost).rejects.toThrow('stopped')
    await stopped
    await expect(put('b')).rejects.toThrow('takes no more')
    expect(outlet.status()).toMatchObject({ droppedLines: new Map([['stopped', 2]]), bufferedBytes: 0 })
    expect(channel.isClosed).toBe(true)
  })
})
