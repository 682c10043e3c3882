// The decision log: makes a line of each record as it falls, which holds on to nothing of the request, and hands lines
// to outlets in batches. It knows nothing of HTTP requests or configuration files.
import type { DecisionRecord } from '../decide/decision-record.ts'
import type { SearchRecord } from '../decide/search-record.ts'
import { PdpServerError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { parseTraceParent, type SpanIds } from '../telemetry/trace-context.ts'
import { BriefLines } from './brief-line.ts'
import type { Channel } from './channel.ts'
import { type Entry, type LogDetail, toEntry } from './decision-entry.ts'
import { toLine } from './entry-line.ts'
import { FullShare } from './full-share.ts'
import { LineBuffer } from './line-buffer.ts'
import { maskEntry, type Pointer } from './mask.ts'
import { Outlet, type OutletStatus } from './outlet.ts'
import { toSearchEntry } from './search-entry.ts'
import { type IgnoreRule, isDrawn, isIgnored, isSearchIgnored, type SampleRates } from './selection.ts'

export interface DecisionLogOptions {
  readonly channels: readonly Channel[]
  readonly detail: LogDetail
  readonly masks: readonly Pointer[]
  readonly ignore: readonly IgnoreRule[]
  readonly sampleRates: SampleRates
  /** Most bytes that wait, for each channel. */
  readonly maxBufferBytes: number
  /**
   * Whether answers wait until their records are safe in every channel. Then nothing may be left out: `ignore` is
   * empty and `sampleRates` are 1.
   */
  readonly isRequired: boolean
  /** How long an answer waits for that. */
  readonly requiredTimeoutMs: number
  readonly log: Log
  /** From 0 to below 1. Default `Math.random`. */
  readonly random?: () => number
}

export interface DecisionLogStatus {
  readonly isRequired: boolean
  readonly outlets: readonly OutletStatus[]
  /** Decisions that were left out because they were told to be. */
  readonly ignoredCount: number
  readonly notDrawnCount: number
}

/** Each delivery costs as much as some hundred lines; a process that is killed loses what waits. */
const FLUSH_AFTER_MS = 50

export class DecisionLog {
  readonly #options: DecisionLogOptions
  readonly #outlets: readonly Outlet[]
  /** Not handed on yet. */
  readonly #lines = new LineBuffer()
  readonly #briefLines: BriefLines | undefined
  readonly #fullShare = new FullShare()
  #flushTimer: NodeJS.Timeout | undefined
  #isFlushSet = false
  #whenSafe: PromiseWithResolvers<void> | undefined
  #ignoredCount = 0
  #notDrawnCount = 0

  constructor(options: DecisionLogOptions) {
    const { channels, maxBufferBytes, log } = options
    this.#options = options
    this.#briefLines = options.detail === 'ids' && options.masks.length === 0 ? new BriefLines() : undefined
    const onChange = (status: OutletStatus) => tellChange(log, status)
    this.#outlets = channels.map((channel) => new Outlet({ channel, maxBufferBytes, onChange }))
  }

  /**
   * Takes a decision. Where records are required, gives what ends once this one is safe, and throws `PdpServerError`
   * `not-recorded` where it is not.
   */
  add(record: DecisionRecord, span?: SpanIds): Promise<void> | undefined {
    const { ignore, sampleRates, random = Math.random } = this.#options
    if (ignore.length > 0 && isIgnored(record, ignore)) {
      this.#ignoredCount++
      return undefined
    }
    if (!isDrawn(record, sampleRates, random)) {
      this.#notDrawnCount++
      return undefined
    }
    this.#addDecision(record, span)
    return this.#handOn()
  }

  /** Takes a page of a search, like a decision. It is never sampled. */
  addSearch(record: SearchRecord, span?: SpanIds): Promise<void> | undefined {
    const { ignore, detail } = this.#options
    if (ignore.length > 0 && isSearchIgnored(record, ignore)) {
      this.#ignoredCount++
      return undefined
    }
    const entry = toSearchEntry(record, detail, span ?? parseTraceParent(record.origin.traceparent))
    return this.#addEntry(entry)
  }

  /** Takes a change of the entity data. It is never sampled or ignored. */
  addChange(entry: Entry): Promise<void> | undefined {
    return this.#addEntry(entry)
  }

  #addEntry(entry: Entry): Promise<void> | undefined {
    const { masks } = this.#options
    this.#lines.add(toLine(masks.length === 0 ? entry : maskEntry(entry, masks)), false)
    return this.#handOn()
  }

  /** Once there is enough, or after a while; where an answer waits for it, soon. */
  #handOn(): Promise<void> | undefined {
    const { isFull } = this.#lines
    if (this.#options.isRequired) return this.#flushTogether(isFull)
    if (isFull) this.#flush()
    else this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS)
    return undefined
  }

  status(): DecisionLogStatus {
    return {
      isRequired: this.#options.isRequired,
      outlets: this.#outlets.map((outlet) => outlet.status()),
      ignoredCount: this.#ignoredCount,
      notDrawnCount: this.#notDrawnCount,
    }
  }

  /** Writes all that was taken, as far as that works in time. */
  async stop(timeoutMs: number): Promise<void> {
    this.#flush()
    await Promise.all(this.#outlets.map((outlet) => outlet.stop(timeoutMs)))
    for (const { name, droppedLines } of this.status().outlets) {
      const lines = Object.fromEntries(droppedLines)
      if (droppedLines.size > 0) this.#options.log.error({ sink: name, lines }, 'the decision log lost lines')
    }
  }

  /** All decisions of one turn of the event loop are made safe together, unless they are too many. */
  #flushTogether(isFull: boolean): Promise<void> {
    if (this.#whenSafe === undefined) {
      this.#whenSafe = Promise.withResolvers()
      // An exchange may fail before it waits.
      this.#whenSafe.promise.catch(() => undefined)
    }
    const { promise } = this.#whenSafe
    if (isFull) this.#flush()
    else if (!this.#isFlushSet) {
      this.#isFlushSet = true
      setImmediate(() => this.#flush())
    }
    return promise
  }

  #flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    this.#isFlushSet = false
    if (this.#lines.isEmpty) return
    const chunk = this.#lines.take()
    const whenSafe = this.#whenSafe
    this.#whenSafe = undefined
    const all = Promise.all(this.#outlets.map((outlet) => outlet.put(chunk)))
    if (whenSafe === undefined) all.catch(() => undefined)
    else this.#settle(all, whenSafe)
  }

  #settle(all: Promise<unknown>, { resolve, reject }: PromiseWithResolvers<void>): void {
    const refuse = () => reject(new PdpServerError('not-recorded', NOT_RECORDED))
    const timer = setTimeout(refuse, this.#options.requiredTimeoutMs)
    all.then(() => resolve(), refuse).finally(() => clearTimeout(timer))
  }

  #addDecision(record: DecisionRecord, span: SpanIds | undefined): void {
    const { detail, masks, sampleRates } = this.#options
    const rate = sampleRates[record.answer.decision]
    const sampleRate = rate < 1 ? rate : undefined
    if (this.#briefLines !== undefined) {
      this.#briefLines.write(record, { span, sampleRate }, this.#lines)
      return
    }
    const isCutToIds = detail === 'full' && !this.#fullShare.hasRoom(record)
    const how = { span: span ?? parseTraceParent(record.origin.traceparent), sampleRate }
    const entry = toEntry(record, { ...how, detail, isCutToIds })
    const line = toLine(masks.length === 0 ? entry : maskEntry(entry, masks))
    this.#fullShare.count(record, line.length)
    this.#lines.add(line, false)
  }
}

const NOT_RECORDED = 'the decision could not be recorded, and none is given without a record'

function tellChange(log: Log, { name, failure, spooledBytes, isSafe }: OutletStatus): void {
  if (failure === undefined) log.warn({ sink: name }, 'the decision log is written again')
  else log.error({ sink: name, failure, spooledBytes, isSafe }, 'the decision log cannot be written')
}
