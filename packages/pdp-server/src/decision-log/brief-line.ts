// The line that most decisions have, put together from parts that are the same for many: of the instant, the exchange,
// the subject and the kind of decision. Most of a line is made once, and then only copied.
// INVARIANT: the text is that of `toLine(toEntry(record, { detail: 'ids', … }))`; a property test holds them equal.
import { DecisionKinds } from '../decide/decision-kinds.ts'
import type { DecisionRecord } from '../decide/decision-record.ts'
import { parseTraceParent, type SpanIds } from '../telemetry/trace-context.ts'
import { roundDuration, toEntry, toTime } from './decision-entry.ts'
import { toLine } from './entry-line.ts'
import { hideCredential } from './hide-credentials.ts'
import type { LineBuffer } from './line-buffer.ts'
import { isHarmless, isVisibleAscii } from './plain-text.ts'

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

interface OriginParts {
  readonly origin: DecisionRecord['origin']
  readonly span: SpanIds | undefined
  /** The id of the exchange, without quotes. */
  readonly id: Part
  /** From behind the id to the subject. */
  readonly caller: Part
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
  #origin: OriginParts | undefined
  #subject = { type: '', id: '', part: describeSubject('', '') }
  #versions = { policy: '', data: '' as string | undefined, part: NOTHING }

  write(record: DecisionRecord, options: BriefOptions, lines: LineBuffer): void {
    const { answer, index, isCached } = record
    if (answer.errorCount > 0 || answer.reasons.length !== 1) {
      const { span = parseTraceParent(record.origin.traceparent), sampleRate } = options
      lines.add(toLine(toEntry(record, { span, sampleRate, detail: 'ids' })), false)
      return
    }
    const { subject, resource } = record.request
    const { id, caller } = this.#findOrigin(record.origin, options.span)
    const who = this.#findSubject(subject.type, subject.id)
    const { front, toDuration } = this.#findKind(record)
    const isOrdinary = isHarmless(resource.id)
    const resourceId = isOrdinary ? resource.id : escapeId(resource.id)
    const line =
      startOf(record.time) +
      (index === undefined ? id.text : `${id.text}.${index}`) +
      caller.text +
      who.text +
      front.text +
      resourceId +
      toDuration.text +
      durationOf(record.durationMs) +
      (isCached === undefined ? '' : `,"cached":${isCached}`) +
      (options.sampleRate === undefined ? '}\n' : `,"sampleRate":${options.sampleRate}}\n`)
    const isAscii = id.isAscii && caller.isAscii && who.isAscii && front.isAscii && toDuration.isAscii
    lines.add(line, isAscii && (isOrdinary || isVisibleAscii(resourceId)))
  }

  #findOrigin(origin: DecisionRecord['origin'], span: SpanIds | undefined): OriginParts {
    const last = this.#origin
    if (last !== undefined && last.origin === origin && last.span === span) return last
    const ids = span ?? parseTraceParent(origin.traceparent)
    const trace =
      ids === undefined
        ? ''
        : `,"traceId":${JSON.stringify(ids.traceId)},"spanId":${JSON.stringify(ids.spanId)}`
    const who = origin.caller === undefined ? '' : `,"caller":${JSON.stringify(origin.caller)}`
    const id = isHarmless(origin.id) ? { text: origin.id, isAscii: true } : toPart(escaped(origin.id))
    this.#origin = {
      origin,
      span,
      id,
      caller: trace === '' && who === '' ? QUOTE : toPart(`"${trace}${who}`),
    }
    return this.#origin
  }

  #findSubject(type: string, id: string): Part {
    const last = this.#subject
    if (last.id === id && last.type === type) return last.part
    this.#subject = { type, id, part: describeSubject(type, id) }
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

function describeSubject(type: string, id: string): Part {
  return toPart(`,"subject":{"type":"${escapeId(type)}","id":"${escapeId(id)}"}`)
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
  return isHarmless(text) ? text : escaped(hideCredential(text))
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

/** Up to a millisecond, by tenths of a microsecond: to write a fraction takes as long as to copy half of a line. */
const DURATIONS: string[] = Array.from({ length: 10_000 }, (_, tenths) => String(tenths / 1e4))

function durationOf(ms: number): string {
  return DURATIONS[Math.round(ms * 1e4)] ?? String(roundDuration(ms))
}
