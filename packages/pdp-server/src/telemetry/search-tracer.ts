import type { SearchRecord } from '../decide/search-record.ts'
import { tellText } from '../decision-log/tell-text.ts'
import { createSpanMaker } from './span-maker.ts'
import type { SpanIds } from './trace-context.ts'

/** Makes the span of a page of a search that was just found. It names types, and nobody and nothing that was found. */
export type SearchTracer = (record: SearchRecord) => SpanIds

/** Undefined where nobody wants spans. */
export function createSearchTracer(): SearchTracer | undefined {
  const makeSpan = createSpanMaker()
  if (makeSpan === undefined) return undefined
  return ({ id, origin, durationMs, question, count, isCut, policyVersion, dataVersion }) => {
    const { kind, request } = question
    return makeSpan({
      name: 'edict.search',
      origin,
      durationMs,
      attributes: {
        'edict.decision.id': id,
        'edict.search.kind': kind,
        'edict.search.results': count,
        'edict.search.is_cut': isCut,
        'edict.action': kind === 'action' ? undefined : tellText(question.request.action.name),
        'edict.resource.type': tellText(request.resource.type),
        'edict.subject.type': tellText(request.subject.type),
        'edict.policy.version': policyVersion,
        'edict.data.version': dataVersion,
      },
    })
  }
}
