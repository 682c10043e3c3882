import { describe, expect, it } from 'vitest'
import { type Channel, type ChannelOwner, type Chunk, DeliveryError } from '../decision-log/channel.ts'
import { createRelayChannels, describeDeliveryError, openLogHub } from './log-hub.ts'
import { Wire } from './wire.ts'

/** A channel that is done when the test says so. */
class SlowChannel implements Channel {
  readonly name = 'file'
  readonly maxDeliveryBytes = 10
  readonly maxPauseMs = 1000
  readonly deliveries: { readonly text: string; readonly done: PromiseWithResolvers<void> }[] = []
  owner: ChannelOwner | undefined
  attach(owner: ChannelOwner): void {
    this.owner = owner
  }
  condition() {
    return { failure: undefined, spooledBytes: 42 }
  }
  deliver(chunks: readonly Chunk[]): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.deliveries.push({ text: chunks.map(({ bytes }) => bytes.toString()).join(''), done })
    return done.promise
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

const chunk = (text: string): Chunk => ({ bytes: Buffer.from(text), lineCount: 1 })
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function create(workers: number) {
  const channel = new SlowChannel()
  const hub = await openLogHub([channel])
  const relays = Array.from({ length: workers }, () => {
    const listeners: ((message: unknown) => void)[] = []
    const port = (other: number) => ({
      send: (message: unknown) => queueMicrotask(() => listeners[other]?.(message)),
      onMessage: (listener: (message: unknown) => void) => void listeners.push(listener),
    })
    const [first, worker] = [new Wire(port(1), { describeError: describeDeliveryError }), new Wire(port(0))]
    hub.serve(first)
    return createRelayChannels(hub.traits, worker)[0] as Channel
  })
  return { channel, relays }
}

describe('openLogHub', () => {
  it('delivers for one worker after the other, and together what waited meanwhile', async () => {
    const { channel, relays } = await create(4)
    const delivered = relays.map((relay, at) => relay.deliver([chunk(`${at}aa\n`)]))
    await turn()
    expect(channel.deliveries.map(({ text }) => text)).toEqual(['0aa\n'])
    channel.deliveries[0]?.done.resolve()
    await delivered[0]
    await turn()
    // No more at once than the channel takes.
    expect(channel.deliveries.map(({ text }) => text)).toEqual(['0aa\n', '1aa\n2aa\n'])
    channel.deliveries[1]?.done.resolve()
    await turn()
    channel.deliveries[2]?.done.resolve()
    await Promise.all(delivered)
    expect(relays[0]?.condition?.()).toEqual({ failure: undefined, spooledBytes: 42 })
  })

  it('tells each worker what became of its own lines', async () => {
    const { channel, relays } = await create(1)
    const [relay] = relays
    const failed = relay?.deliver([chunk('a\n')])
    await turn()
    channel.deliveries[0]?.done.reject(new DeliveryError('no room', { isFinal: true }))
    await expect(failed).rejects.toMatchObject({ name: 'DeliveryError', message: 'no room', isFinal: true })
    const odd = relay?.deliver([chunk('b\n')])
    await turn()
    channel.deliveries[1]?.done.reject(new Error('EIO'))
    await expect(odd).rejects.toThrow('EIO')
  })

  it('tells one worker of lines that are lost after all', async () => {
    const { channel, relays } = await create(2)
    const lost: unknown[] = []
    for (const relay of relays) {
      relay.attach?.({ onLost: (...what) => lost.push(what), onChange: () => {} })
    }
    channel.owner?.onLost(3, 'refused')
    const delivered = relays.map((relay) => relay.deliver([chunk('a\n')]))
    for (let at = 0; at < 2; at++) {
      await turn()
      channel.deliveries[at]?.done.resolve()
    }
    await Promise.all(delivered)
    expect(lost).toEqual([[3, 'refused']])
  })
})
