// One decision log for several processes: they make the lines, and the first of them writes all, so that no line is
// torn and a file has one writer. A worker's delivery ends once the channel here is done with it.
import {
  type Channel,
  type ChannelCondition,
  type Chunk,
  DeliveryError,
  type DropReason,
} from '../decision-log/channel.ts'
import { RemoteError, type Wire } from './wire.ts'

/** What a worker needs to know of a channel. */
export interface ChannelTraits {
  readonly name: string
  readonly maxDeliveryBytes: number
  readonly maxPauseMs: number
}

interface Delivery {
  readonly sink: number
  readonly chunks: readonly Chunk[]
}

/** What happened besides, for whoever counts. */
interface DeliveryReply {
  readonly condition: ChannelCondition | undefined
  /** Lines that were accepted before, and are lost: told once, to one of the workers. */
  readonly lost: readonly (readonly [lineCount: number, reason: DropReason])[]
}

export interface LogHub {
  readonly traits: readonly ChannelTraits[]
  /** The same channels for lines of this process. */
  readonly own: readonly Channel[]
  /** Takes deliveries of a worker. */
  readonly serve: (wire: Wire) => void
  readonly hurry: (timeoutMs: number) => void
  readonly close: () => Promise<void>
}

/** Throws `PdpServerError` where a channel cannot work. */
export async function openLogHub(channels: readonly Channel[]): Promise<LogHub> {
  for (const channel of channels) await channel.prepare?.()
  const lost = channels.map((): [number, DropReason][] => [])
  const queues = channels.map((channel) => createQueue(channel))
  channels.forEach((channel, sink) => {
    channel.attach?.({
      onLost: (lineCount, reason) => lost[sink]?.push([lineCount, reason]),
      onChange: () => {},
    })
  })
  return {
    traits: channels.map(({ name, maxDeliveryBytes, maxPauseMs }) => ({
      name,
      maxDeliveryBytes,
      maxPauseMs,
    })),
    own: channels.map(({ name, maxDeliveryBytes, maxPauseMs }, sink) => ({
      name,
      maxDeliveryBytes,
      maxPauseMs,
      deliver: async (chunks) => queues[sink]?.(chunks),
      close: () => Promise.resolve(),
    })),
    serve: (wire) => {
      wire.handle('deliver', async (payload): Promise<DeliveryReply> => {
        const { sink, chunks } = payload as Delivery
        await queues[sink]?.(chunks)
        return { condition: channels[sink]?.condition?.(), lost: lost[sink]?.splice(0) ?? [] }
      })
    },
    hurry: (timeoutMs) => {
      for (const channel of channels) channel.hurry?.(timeoutMs)
    },
    close: async () => {
      for (const channel of channels) await channel.close()
    },
  }
}

/** One delivery at a time, as channels want it. What waits meanwhile goes together. */
function createQueue(channel: Channel): (chunks: readonly Chunk[]) => Promise<void> {
  const waiting: { readonly chunks: readonly Chunk[]; readonly done: PromiseWithResolvers<void> }[] = []
  let isBusy = false
  const run = async (): Promise<void> => {
    isBusy = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, countTogether(waiting, channel.maxDeliveryBytes))
      const outcome = await channel.deliver(batch.flatMap(({ chunks }) => chunks)).then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      for (const { done } of batch) {
        if (outcome === undefined) done.resolve()
        else done.reject(outcome.error)
      }
    }
    isBusy = false
  }
  return (chunks) => {
    const done = Promise.withResolvers<void>()
    waiting.push({ chunks, done })
    if (!isBusy) void run()
    return done.promise
  }
}

function countTogether(waiting: readonly { readonly chunks: readonly Chunk[] }[], maxBytes: number): number {
  let [bytes, count] = [0, 0]
  for (const { chunks } of waiting) {
    bytes += chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
    if (count > 0 && bytes > maxBytes) break
    count++
  }
  return count
}

/** What a worker is told of an error in a delivery. */
export function describeDeliveryError(error: unknown): unknown {
  if (!(error instanceof DeliveryError)) return undefined
  return { isFinal: error.isFinal, retryAfterMs: error.retryAfterMs }
}

/** The channels of a worker: each leads to the one of the same place in the first process. */
export function createRelayChannels(traits: readonly ChannelTraits[], wire: Wire): readonly Channel[] {
  return traits.map((own, sink): Channel => {
    let condition: ChannelCondition | undefined
    let onLost: (lineCount: number, reason: DropReason) => void = () => {}
    return {
      ...own,
      attach: (owner) => {
        onLost = owner.onLost
      },
      condition: () => condition ?? { failure: undefined, spooledBytes: 0 },
      deliver: async (chunks) => {
        const plain = chunks.map(({ bytes, lineCount }) => ({ bytes, lineCount }))
        const reply = (await wire.ask('deliver', { sink, chunks: plain }).catch(rethrow)) as DeliveryReply
        condition = reply.condition
        for (const [lineCount, reason] of reply.lost) onLost(lineCount, reason)
      },
      close: () => Promise.resolve(),
    }
  })
}

function rethrow(error: unknown): never {
  if (!(error instanceof RemoteError) || error.detail === undefined) throw error
  const { isFinal, retryAfterMs } = error.detail as {
    readonly isFinal: boolean
    readonly retryAfterMs: number | undefined
  }
  throw new DeliveryError(error.message, { isFinal, ...(retryAfterMs !== undefined && { retryAfterMs }) })
}
