// The line that most decisions have, put together from parts that are the same for many: of the instant, the exchange,
// the subject and the kind of decision. Most of a line is made once, and then only copied.
// INVARIANT: the text is that of `toLine(toEntry(record, { detail: 'ids', … }))`; a property test holds them equal.
import type { JsonEntityRef } from '@edict/policy-lang/program'
import { DecisionKinds } from '../decide/decision-kinds.ts'
import type { DecisionRecord } from '../decide/decision-record.ts'
import { parseTraceParent, type SpanIds } from '../telemetry/trace-context.ts'
import { roundDuration, toEntry, toTime } from './decision-entry.ts'
import { toLine } from './entry-line.ts'
import type { LineBuffer } from './line-buffer.ts'
import { isHarmless, isVisibleAscii } from './plain-text.ts'
import { shortenText, tellText } from './tell-text.ts'

export interface BriefOptions {
  /** Of the decision itself. Left out: that of the caller, as its `traceparent` says. */
  readonly span?: SpanIds | undefined
  /** Where a line stands for several that were not drawn: the share that was. */
  readonly sampleRate?: number | undefined
}

/** A piece of lines, and whether it is visible ASCII alone. */
interface Part {
  readonly text: string
  readonly isAscii: boolean
}

/** What the lines of one exchange begin with. */
interface ExchangeParts {
  readonly origin: DecisionRecord['origin']
  readonly span: SpanIds | undefined
  readonly time: number
  /** Up to the end of the id of the exchange. */
  readonly start: Part
  /** From behind the id to the subject. */
  readonly caller: Part
}

interface SubjectParts {
  readonly type: string
  readonly id: string
  readonly exchange: ExchangeParts
  /** From behind the id up to the action. */
  readonly part: Part
}

interface KindParts {
  /** From behind the subject to the id of the resource. */
  readonly front: Part
  /** From there to the versions. */
  readonly back: Part
  /** From there to the duration: `back` and these versions. */
  toDuration: Part
  versions: Part
}

const NOTHING: Part = { text: '', isAscii: true }
const QUOTE: Part = { text: '"', isAscii: true }

/** Writes lines of decisions by types, ids and names. */
export class BriefLines {
  readonly #kinds = new DecisionKinds(describeKind)
  #exchange: ExchangeParts | undefined
  #subject: SubjectParts | undefined
  #versions = { policy: '', data: '' as string | undefined, part: NOTHING }

  write(record: DecisionRecord, options: BriefOptions, lines: LineBuffer): void {
    const { answer, index } = record
    if (answer.errorCount > 0 || answer.reasons.length !== 1) {
      const { span = parseTraceParent(record.origin.traceparent), sampleRate } = options
      lines.add(toLine(toEntry(record, { span, sampleRate, detail: 'ids' })), false)
      return
    }
    const exchange = this.#findExchange(record, options.span)
    const who = this.#findSubject(record.request.subject, exchange)
    const { front, toDuration } = this.#findKind(record)
    const { id } = record.request.resource
    const isOrdinary = isHarmless(id)
    const resourceId = isOrdinary ? id : escapeId(id)
    const line =
      (index === undefined ? exchange.start.text : exchange.start.text + behindId(index)) +
      who.text +
      front.text +
      resourceId +
      toDuration.text +
      endOf(record, options.sampleRate)
    const isAscii = exchange.start.isAscii && who.isAscii && front.isAscii && toDuration.isAscii
    lines.add(line, isAscii && (isOrdinary || isVisibleAscii(resourceId)))
  }

  #findExchange({ origin, time }: DecisionRecord, span: SpanIds | undefined): ExchangeParts {
    const last = this.#exchange
    if (last?.origin === origin && last.span === span && last.time === time) return last
    const ids = span ?? parseTraceParent(origin.traceparent)
    const trace =
      ids === undefined
        ? ''
        : `,"traceId":${JSON.stringify(ids.traceId)},"spanId":${JSON.stringify(ids.spanId)}`
    const who = origin.caller === undefined ? '' : `,"caller":${JSON.stringify(shortenText(origin.caller))}`
    const start = toPart(startOf(time) + (isHarmless(origin.id) ? origin.id : escaped(origin.id)))
    const caller = trace === '' && who === '' ? QUOTE : toPart(`"${trace}${who}`)
    this.#exchange = { origin, span, time, start, caller }
    return this.#exchange
  }

  #findSubject({ type, id }: JsonEntityRef, exchange: ExchangeParts): Part {
    const last = this.#subject
    if (last?.exchange === exchange && last.id === id && last.type === type) return last.part
    const text = `,"subject":{"type":"${escapeId(type)}","id":"${escapeId(id)}"}`
    this.#subject = { type, id, exchange, part: toPart(exchange.caller.text + text) }
    return this.#subject.part
  }

  #findKind(record: DecisionRecord): KindParts {
    const { policyVersion: policy, dataVersion: data } = record
    if (this.#versions.policy !== policy || this.#versions.data !== data) {
      this.#versions = { policy, data, part: describeVersions(policy, data) }
    }
    const { part } = this.#versions
    const kind = this.#kinds.of(record)
    if (kind.versions !== part) {
      kind.versions = part
      kind.toDuration = toPart(kind.back.text + part.text)
    }
    return kind
  }
}

function describeKind({ request, answer }: DecisionRecord): KindParts {
  const [reason] = answer.reasons
  const names = answer.obligations.map(({ name }) => name)
  const front = `,"action":{"name":"${escapeId(request.action.name)}"},"resource":{"type":"${escapeId(request.resource.type)}","id":"`
  const back = `"},"decision":"${answer.decision}","reasons":[${JSON.stringify(reason)}],"obligations":${JSON.stringify(names)}`
  return { front: toPart(front), back: toPart(back), toDuration: NOTHING, versions: NOTHING }
}

function describeVersions(policy: string, data: string | undefined): Part {
  const ofData = data === undefined ? '' : `,"dataVersion":${JSON.stringify(data)}`
  return toPart(`,"policyVersion":${JSON.stringify(policy)}${ofData},"durationMs":`)
}

/** A text that is looked through is in one piece: what is copied often is not put together each time. */
function toPart(text: string): Part {
  return { text, isAscii: isVisibleAscii(text) }
}

function escapeId(text: string): string {
  return isHarmless(text) ? text : escaped(tellText(text))
}

/** As it stands between the quotes of JSON. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

let lastTime = Number.NaN
let lastStart = ''

/** Many decisions share a millisecond. */
function startOf(time: number): string {
  if (time !== lastTime) {
    lastTime = time
    lastStart = `{"event":"decision","time":"${toTime(time)}","id":"`
  }
  return lastStart
}

/** To write a number takes as long as to copy half of a line: those that come often are kept. */
const PLACES = Array.from({ length: 100 }, (_, index) => `.${index}`)
/** Up to a millisecond, by tenths of a microsecond. */
const ENDS = Array.from({ length: 10_000 }, (_, tenths) => `${tenths / 1e4}}\n`)

function behindId(index: number): string {
  return PLACES[index] ?? `.${index}`
}

/** From the duration on. */
function endOf({ durationMs, isCached }: DecisionRecord, sampleRate: number | undefined): string {
  const duration = roundDuration(durationMs)
  if (isCached === undefined && sampleRate === undefined) {
    return ENDS[Math.round(durationMs * 1e4)] ?? `${duration}}\n`
  }
  const cached = isCached === undefined ? '' : `,"cached":${isCached}`
  const sampled = sampleRate === undefined ? '' : `,"sampleRate":${sampleRate}`
  return `${duration}${cached}${sampled}}\n`
}
