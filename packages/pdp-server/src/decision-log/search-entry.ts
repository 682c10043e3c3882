// A page of a search → the entry that stands for it in the log: who looked for what, and how much was told. What was
// found follows from the versions and the question.
import type { JsonValue } from '@edict/policy-lang/program'
import type { SearchQuestion, SearchRecord } from '../decide/search-record.ts'
import type { SpanIds } from '../telemetry/trace-context.ts'
import { type Entry, type LogDetail, roundDuration, toTime } from './decision-entry.ts'
import { hideCredentials } from './hide-credentials.ts'
import { shortenText, tellTexts } from './tell-text.ts'

export function toSearchEntry(record: SearchRecord, detail: LogDetail, span: SpanIds | undefined): Entry {
  return {
    event: 'search',
    time: toTime(record.time),
    id: record.id,
    traceId: span?.traceId,
    spanId: span?.spanId,
    caller: record.origin.caller && shortenText(record.origin.caller),
    kind: record.question.kind,
    ...describeQuestion(record.question, detail),
    results: record.count,
    isCut: record.isCut,
    policyVersion: record.policyVersion,
    dataVersion: record.dataVersion,
    durationMs: roundDuration(record.durationMs),
  }
}

function describeQuestion({ request }: SearchQuestion, detail: LogDetail): Entry {
  const ids = tellTexts(withoutProperties(request) as JsonValue) as Readonly<Record<string, Entry>>
  if (detail === 'ids') return ids
  const full = hideCredentials(request as unknown as JsonValue) as Readonly<Record<string, Entry>>
  const both = Object.entries(ids).map(([side, told]) => [side, { ...full[side], ...told }])
  return { ...full, ...Object.fromEntries(both) }
}

/** The side that is looked for has no id, and a search for actions no action. */
function withoutProperties(request: SearchQuestion['request']): Entry {
  const { subject, action, resource } = request as unknown as Readonly<Record<string, Entry>>
  return {
    subject: { type: subject?.type, id: subject?.id },
    ...(action !== undefined && { action: { name: action.name } }),
    resource: { type: resource?.type, id: resource?.id },
  }
}
