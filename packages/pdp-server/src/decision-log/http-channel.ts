// A receiver over HTTP: batches as NDJSON or as OpenTelemetry logs. Where there is a spool, what the receiver does not
// take goes to disk, and from there to the receiver once it works again, oldest first.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { PdpServerError } from '../errors.ts'
import { type Channel, type ChannelCondition, type ChannelOwner, DeliveryError } from './channel.ts'
import { countRejected, toOtlpLogs } from './otlp.ts'
import { readAnswer } from './read-answer.ts'
import { Spool, type SpoolOptions } from './spool.ts'
import { unwritable } from './unwritable.ts'

export const LOG_FORMATS = ['ndjson', 'otlp'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export interface HttpChannelOptions {
  readonly url: string
  readonly format: LogFormat
  /** A file of lines `Name: value`, read for each batch, so that credentials can change. Default: none. */
  readonly headersFile?: string | undefined
  /** Default: none; what the receiver does not take waits in memory. */
  readonly spool?: SpoolOptions | undefined
  /** Default 10,000. */
  readonly timeoutMs?: number
}

const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 30_000
const MAX_RETRY_AFTER_MS = 300_000
const TYPES: Readonly<Record<LogFormat, string>> = {
  ndjson: 'application/x-ndjson',
  otlp: 'application/json',
}

export function createHttpChannel(options: HttpChannelOptions): Channel {
  const receiver = new Receiver(options)
  return {
    name: 'http',
    prepare: () => receiver.prepare(),
    deliver: (chunks) => receiver.deliver(Buffer.concat(chunks.map(({ bytes }) => bytes))),
    maxDeliveryBytes: 1024 * 1024,
    maxPauseMs: MAX_PAUSE_MS,
    attach: (owner) => receiver.attach(owner),
    condition: () => receiver.condition(),
    hurry: (timeoutMs) => receiver.hurry(timeoutMs),
    close: () => receiver.close(),
  }
}

class Receiver {
  readonly #options: HttpChannelOptions
  /** Nothing more is sent. */
  readonly #closing = new AbortController()
  /** The service stops: what fails now is not tried again. */
  readonly #stopping = new AbortController()
  /** Aborts what is under way once the service has little time left. */
  readonly #late = new AbortController()
  #spool: Spool | undefined
  #opening: Promise<Spool> | undefined
  #draining: Promise<void> | undefined
  #failure: string | undefined
  #owner: ChannelOwner | undefined

  constructor(options: HttpChannelOptions) {
    this.#options = options
  }

  async prepare(): Promise<void> {
    const { spool, headersFile } = this.#options
    try {
      if (spool !== undefined) await this.#openSpool()
    } catch (cause) {
      throw unwritable(spool?.directory ?? '', cause)
    }
    if (headersFile === undefined) return
    await this.#readHeaders().catch((cause) => {
      throw new PdpServerError('unreadable-files', `${headersFile}: must hold lines \`Name: value\``, {
        cause,
      })
    })
  }

  attach(owner: ChannelOwner): void {
    this.#owner = owner
    // What an earlier run left goes out without waiting for a decision. A folder that fails is tried again later.
    if (this.#options.spool !== undefined) this.#openSpool().then(() => this.#drain(), ignore)
  }

  condition(): ChannelCondition {
    return { failure: this.#failure, spooledBytes: this.#spool?.bytes ?? 0 }
  }

  hurry(timeoutMs: number): void {
    this.#stopping.abort()
    setTimeout(() => this.#late.abort(), timeoutMs / 2).unref()
  }

  async deliver(bytes: Buffer<ArrayBuffer>): Promise<void> {
    if (this.#options.spool === undefined) return this.#send(bytes)
    const spool = await this.#openSpool()
    // Behind what waits on disk, so that the receiver gets lines in order.
    if (spool.isEmpty) {
      try {
        return await this.#send(bytes)
      } catch (error) {
        if (error instanceof DeliveryError && error.isFinal) throw error
      }
    }
    await spool.append(bytes)
    this.#drain()
  }

  /** What is on disk and cannot be sent in time stays there for the next run. */
  async close(): Promise<void> {
    const late = this.#late.signal
    if (!late.aborted) await Promise.race([this.#draining, once(late, 'abort').catch(ignore)])
    this.#closing.abort()
    await this.#draining
  }

  async #openSpool(): Promise<Spool> {
    const { spool } = this.#options
    if (spool === undefined) throw new Error('there is no spool')
    this.#opening ??= Spool.open(spool)
    try {
      this.#spool = await this.#opening
      return this.#spool
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }

  /** Sends what is on disk until nothing is. */
  #drain(): void {
    if (this.#draining !== undefined || this.#spool === undefined) return
    this.#draining = this.#runDrain(this.#spool)
      .catch(ignore)
      .then(() => {
        this.#draining = undefined
      })
  }

  async #runDrain(spool: Spool): Promise<void> {
    for (let failures = 0; !spool.isEmpty && !this.#closing.signal.aborted; ) {
      const retryMs = await this.#sendFirst(spool)
      if (retryMs === undefined) {
        failures = 0
        continue
      }
      if (this.#stopping.signal.aborted) return
      const backOffMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures++, 20))
      const ms = retryMs > 0 ? retryMs : backOffMs * (0.5 + Math.random() / 2)
      await pause(ms, undefined, { signal: this.#stopping.signal }).catch(ignore)
    }
  }

  /** Undefined where the oldest batch is done with; else when to try again, 0 where nobody said. */
  async #sendFirst(spool: Spool): Promise<number | undefined> {
    const bytes = await spool.first().catch(() => undefined)
    if (bytes === undefined) {
      // How many lines it held nobody knows.
      this.#owner?.onLost(1, 'spool-lost')
      await spool.removeFirst()
      return undefined
    }
    try {
      await this.#send(bytes)
    } catch (error) {
      if (!(error instanceof DeliveryError)) return 0
      if (!error.isFinal) return error.retryAfterMs ?? 0
      this.#owner?.onLost(countLines(bytes), 'refused')
    }
    await spool.removeFirst()
    return undefined
  }

  async #send(bytes: Buffer<ArrayBuffer>): Promise<void> {
    try {
      await this.#post(bytes)
      this.#setFailure(undefined)
    } catch (error) {
      this.#setFailure(error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  #setFailure(failure: string | undefined): void {
    const isChange = (failure === undefined) !== (this.#failure === undefined)
    this.#failure = failure
    if (isChange) this.#owner?.onChange()
  }

  async #post(bytes: Buffer<ArrayBuffer>): Promise<void> {
    const { format } = this.#options
    const { body, recordCount, damagedCount } =
      format === 'otlp' ? toOtlpLogs(bytes, Date.now()) : { body: bytes, recordCount: 1, damagedCount: 0 }
    if (recordCount > 0) await this.#postBody(body)
    if (damagedCount > 0) this.#owner?.onLost(damagedCount, 'spool-lost')
  }

  async #postBody(body: Buffer<ArrayBuffer>): Promise<void> {
    const { url, format, timeoutMs = 10_000 } = this.#options
    const headers = { ...(await this.#readHeaders()), 'content-type': TYPES[format] }
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closing.signal, this.#late.signal])
    let response: Response
    try {
      response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal })
    } catch (error) {
      throw new DeliveryError(`the receiver of the decision log cannot be reached (${describe(error)})`)
    }
    const text = await readAnswer(response)
    if (!response.ok) throw toDeliveryError(response, format)
    if (format === 'otlp') {
      const rejected = countRejected(text)
      if (rejected > 0) this.#owner?.onLost(rejected, 'refused')
    }
  }

  async #readHeaders(): Promise<Readonly<Record<string, string>>> {
    const { headersFile } = this.#options
    if (headersFile === undefined) return {}
    try {
      return parseHeaders(await readFile(headersFile, 'utf8'))
    } catch {
      throw new DeliveryError('the headers for the receiver of the decision log cannot be read')
    }
  }
}

/** Lines `Name: value`. Throws where one is none; its text is not told, for it may be a credential. */
function parseHeaders(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const headers = new Headers()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:\s]+):(.*)$/.exec(line) ?? []
    headers.append(name, value.trim())
  }
  return Object.fromEntries(headers)
}

/** OTLP names what may be sent again. Elsewhere a credential or an address that is wrong today may be right tomorrow. */
const RETRYABLE: Readonly<Record<LogFormat, ReadonlySet<number>>> = {
  otlp: new Set([429, 502, 503, 504]),
  ndjson: new Set([401, 403, 404, 408, 421, 425, 429]),
}

function toDeliveryError({ status, headers }: Response, format: LogFormat): DeliveryError {
  const isRetryable = RETRYABLE[format].has(status) || (format === 'ndjson' && status >= 500)
  const message = `the receiver of the decision log answered ${status}`
  if (!isRetryable) return new DeliveryError(message, { isFinal: true })
  const after = headers.get('retry-after')?.trim() ?? ''
  const ms = /^\d{1,9}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
  if (!(ms > 0)) return new DeliveryError(message)
  return new DeliveryError(message, { retryAfterMs: Math.min(ms, MAX_RETRY_AFTER_MS) })
}

/** The code alone: messages of the network may hold the address, and that credentials. */
function describe(error: unknown): string {
  const { cause, name } = error as { readonly cause?: { readonly code?: unknown }; readonly name?: string }
  return typeof cause?.code === 'string' ? cause.code : (name ?? 'unknown')
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

function ignore(): undefined {
  return undefined
}
