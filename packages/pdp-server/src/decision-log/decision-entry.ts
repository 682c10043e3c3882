// A decision → the entry that stands for it in the log: plain data, made of what is known to be safe to tell.
// Members of a request that the engine does not know, a raw `token` among them, never get here.
import type { Answer, DecisionRequest, JsonEntityRef, JsonValue } from '@edict/policy-lang/program'
import type { DecisionRecord } from '../decide/decision-record.ts'
import type { SpanIds } from '../telemetry/trace-context.ts'
import { hideCredentials } from './hide-credentials.ts'
import { shortenText, tellText } from './tell-text.ts'

/** `ids`: who, what and on what, by type and id. `full`: also all properties, context, arguments of duties. */
export const LOG_DETAILS = ['ids', 'full'] as const
export type LogDetail = (typeof LOG_DETAILS)[number]

export interface EntryOptions {
  readonly detail: LogDetail
  /** Where an entry stands for several that were not drawn: the share that was. */
  readonly sampleRate?: number | undefined
  readonly span?: SpanIds | undefined
  /** Whether this one is told by `ids` though others of the log are told in full. Default false. */
  readonly isCutToIds?: boolean | undefined
}

export type Entry = Readonly<Record<string, unknown>>

export function toEntry(
  record: DecisionRecord,
  { detail, sampleRate, span, isCutToIds = false }: EntryOptions,
): Entry {
  const { request, answer, origin } = record
  const isFull = detail === 'full' && !isCutToIds
  return {
    event: 'decision',
    time: toTime(record.time),
    id: record.id,
    traceId: span?.traceId,
    spanId: span?.spanId,
    caller: origin.caller && shortenText(origin.caller),
    ...(isFull ? describeInFull(request) : describeById(request)),
    decision: answer.decision,
    reasons: answer.reasons,
    ...describeDuties(answer, isFull),
    ...(answer.errorCount > 0 && describeErrors(answer)),
    policyVersion: record.policyVersion,
    dataVersion: record.dataVersion,
    durationMs: roundDuration(record.durationMs),
    cached: record.isCached,
    sampleRate,
    ...(isCutToIds && { detail: 'ids' }),
  }
}

function describeById({ subject, action, resource }: DecisionRequest): Entry {
  return {
    subject: describeEntity(subject),
    action: { name: tellText(action.name) },
    resource: describeEntity(resource),
  }
}

function describeEntity({ type, id }: JsonEntityRef): JsonEntityRef {
  return { type: tellText(type), id: tellText(id) }
}

function describeInFull({ subject, action, resource, context, entities }: DecisionRequest): Entry {
  const { type, id, properties, parents, roles } = subject
  const known = {
    subject: { type, id, properties, parents, roles },
    action: { name: action.name, properties: action.properties },
    resource: pickEntity(resource),
    context,
    entities: entities?.map(pickEntity),
  }
  const safe = hideCredentials(known as unknown as JsonValue) as Readonly<Record<string, Entry>>
  return {
    ...safe,
    subject: { ...safe.subject, ...describeEntity(subject) },
    action: { ...safe.action, name: tellText(action.name) },
    resource: { ...safe.resource, ...describeEntity(resource) },
  }
}

function pickEntity({ type, id, properties, parents }: DecisionRequest['resource']) {
  return { type, id, properties, parents }
}

function describeDuties({ obligations, advice }: Answer, isFull: boolean): Entry {
  if (isFull) return hideCredentials({ obligations, advice } as unknown as JsonValue) as Entry
  return { obligations: obligations.length === 0 ? obligations : obligations.map(({ name }) => name) }
}

/** Which rules could not be evaluated: what failed closed, and should be looked at. */
function describeErrors({ errors, errorCount }: Answer): Entry {
  return { errors: errors.map(({ rule, kind }) => ({ rule, kind })), errorCount }
}

let lastTime = Number.NaN
let lastText = ''

/** Many decisions share a millisecond, and making the text is a tenth of making the line. */
export function toTime(time: number): string {
  if (time !== lastTime) {
    lastTime = time
    lastText = new Date(time).toISOString()
  }
  return lastText
}

/** Tenths of a microsecond: what clocks tell. */
export function roundDuration(ms: number): number {
  return Math.round(ms * 1e4) / 1e4
}
