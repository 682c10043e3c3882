// A page of a search → the entry that stands for it in the log: who looked for what, and how much was told. What was
// found follows from the versions and the question.
import type { JsonValue } from '@edict/policy-lang/program'
import type { SearchQuestion, SearchRecord } from '../decide/search-record.ts'
import type { SpanIds } from '../telemetry/trace-context.ts'
import { type Entry, type LogDetail, roundDuration, toTime } from './decision-entry.ts'
import { hideCredentials } from './hide-credentials.ts'

export function toSearchEntry(record: SearchRecord, detail: LogDetail, span: SpanIds | undefined): Entry {
  return {
    event: 'search',
    time: toTime(record.time),
    id: record.id,
    traceId: span?.traceId,
    spanId: span?.spanId,
    caller: record.origin.caller,
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
  const known = detail === 'full' ? request : withoutProperties(request)
  return hideCredentials(known as unknown as JsonValue) as Entry
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
