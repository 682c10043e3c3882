// A channel with a queue before it: bounded, delivered in order by one loop, tried again until it works. What cannot
// be kept is counted, and the log itself says where lines are missing.
import { setTimeout as pause } from 'node:timers/promises'
import { type Channel, type Chunk, DeliveryError, type DropReason } from './channel.ts'
import { toBytes, toLine } from './entry-line.ts'

export interface OutletOptions {
  readonly channel: Channel
  /** Most bytes that wait. */
  readonly maxBufferBytes: number
  /** Told once when deliveries begin to fail, and once when they work again. */
  readonly onChange: (status: OutletStatus) => void
}

/** How an outlet does, for `/readyz`, metrics and the service's own log. */
export interface OutletStatus {
  readonly name: string
  /** Whether lines get to where they are safe, be it the spool. */
  readonly isSafe: boolean
  /** Why lines do not get to where they should; undefined while they do. */
  readonly failure: string | undefined
  readonly spooledBytes: number
  readonly deliveredLines: number
  readonly droppedLines: ReadonlyMap<DropReason, number>
  readonly bufferedBytes: number
}

interface Waiting extends Chunk {
  readonly settle: (error?: Error) => void
}

const FIRST_PAUSE_MS = 100
/** While stopping there is no time for long pauses. */
const STOPPING_PAUSE_MS = 100

export class Outlet {
  readonly #channel: Channel
  readonly #options: OutletOptions
  readonly #waiting: Waiting[] = []
  readonly #dropped = new Map<DropReason, number>()
  readonly #stopping = new AbortController()
  #bufferedBytes = 0
  #deliveredLines = 0
  #failure: string | undefined
  /** Lines that are missing, and not yet said to be. */
  #gap = { count: 0, since: '' }
  #loop: Promise<void> | undefined
  #isOver = false

  constructor(options: OutletOptions) {
    this.#options = options
    this.#channel = options.channel
    this.#channel.attach?.({
      onLost: (lineCount, reason) => this.#drop(lineCount, reason),
      onChange: () => options.onChange(this.status()),
    })
  }

  status(): OutletStatus {
    const condition = this.#channel.condition?.()
    return {
      name: this.#channel.name,
      isSafe: this.#failure === undefined,
      failure: this.#failure ?? condition?.failure,
      spooledBytes: condition?.spooledBytes ?? 0,
      deliveredLines: this.#deliveredLines,
      droppedLines: this.#dropped,
      bufferedBytes: this.#bufferedBytes,
    }
  }

  /** Ends once the chunk is safe; throws where it is dropped. */
  put(chunk: Chunk): Promise<void> {
    const isFull = this.#bufferedBytes + chunk.bytes.length > this.#options.maxBufferBytes
    if (this.#isOver || (isFull && this.#waiting.length > 0)) {
      this.#drop(chunk.lineCount, this.#isOver ? 'stopped' : 'buffer-full')
      const message = `the ${this.#channel.name} log takes no more`
      return Promise.reject(new DeliveryError(message, { isFinal: true }))
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const settle = (error?: Error) => (error === undefined ? resolve() : reject(error))
    this.#waiting.push({ ...chunk, settle })
    this.#bufferedBytes += chunk.bytes.length
    this.#loop ??= this.#run()
    return promise
  }

  /** Delivers what waits, as far as that works in time, and closes the channel. */
  async stop(timeoutMs: number): Promise<void> {
    this.#channel.hurry?.(timeoutMs)
    this.#stopping.abort()
    await withTimeout(this.#loop, timeoutMs)
    this.#isOver = true
    if (this.#waiting.length > 0) {
      this.#drop(countLines(this.#waiting), 'stopped')
      this.#finish(this.#waiting.length, new DeliveryError('the service stopped', { isFinal: true }))
    }
    if (this.#gap.count > 0) {
      const delivery = this.#channel.deliver([this.#toGapChunk()]).catch(() => undefined)
      await withTimeout(delivery, STOPPING_PAUSE_MS)
    }
    await this.#channel.close()
  }

  #drop(lineCount: number, reason: DropReason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + lineCount)
    if (this.#gap.count === 0) this.#gap.since = new Date().toISOString()
    this.#gap.count += lineCount
  }

  async #run(): Promise<void> {
    let failures = 0
    while (this.#waiting.length > 0 && !this.#isOver) {
      const retryMs = await this.#deliver()
      if (retryMs === undefined) failures = 0
      else await this.#pause(retryMs > 0 ? retryMs : backOff(failures++, this.#channel.maxPauseMs))
    }
    this.#loop = undefined
  }

  /** One try. Undefined where it is done with; else when to try again, 0 where nobody said. */
  async #deliver(): Promise<number | undefined> {
    const batch = this.#waiting.slice(0, this.#countForDelivery())
    const told = this.#gap.count
    try {
      await this.#channel.deliver(told > 0 ? [this.#toGapChunk(), ...batch] : batch)
    } catch (cause) {
      return this.#isOver ? undefined : this.#fail(batch, cause)
    }
    if (this.#isOver) return undefined
    this.#gap.count -= told
    this.#deliveredLines += countLines(batch)
    this.#finish(batch.length)
    this.#setFailure(undefined)
    return undefined
  }

  #fail(batch: readonly Waiting[], cause: unknown): number | undefined {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    this.#setFailure(error.message)
    if (!(error instanceof DeliveryError)) return 0
    if (!error.isFinal) return error.retryAfterMs ?? 0
    this.#drop(countLines(batch), 'refused')
    this.#finish(batch.length, error)
    return undefined
  }

  /** How many of the chunks one delivery takes: at least one. */
  #countForDelivery(): number {
    let [bytes, count] = [0, 0]
    for (const chunk of this.#waiting) {
      bytes += chunk.bytes.length
      if (count > 0 && bytes > this.#channel.maxDeliveryBytes) break
      count++
    }
    return count
  }

  #finish(count: number, error?: Error): void {
    for (const chunk of this.#waiting.splice(0, count)) {
      this.#bufferedBytes -= chunk.bytes.length
      chunk.settle(error)
    }
  }

  #setFailure(failure: string | undefined): void {
    const isChange = (failure === undefined) !== (this.#failure === undefined)
    this.#failure = failure
    if (isChange) this.#options.onChange(this.status())
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopping.signal.aborted) await pause(Math.min(ms, STOPPING_PAUSE_MS))
    else await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }

  /** A line that says where lines are missing, and how many. */
  #toGapChunk(): Chunk {
    const { count, since } = this.#gap
    const time = new Date().toISOString()
    const line = toLine({ event: 'gap', time, since, dropped: count, sink: this.#channel.name })
    return { bytes: toBytes(line), lineCount: 0 }
  }
}

async function withTimeout(work: Promise<void> | undefined, timeoutMs: number): Promise<void> {
  const timer = new AbortController()
  const timeout = pause(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)
  await Promise.race([work, timeout])
  timer.abort()
}

/** Twice as long each time, and never for all at the same moment. */
function backOff(failures: number, maxMs: number): number {
  const most = Math.min(maxMs, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20))
  return most / 2 + (Math.random() * most) / 2
}

function countLines(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { lineCount }) => sum + lineCount, 0)
}
