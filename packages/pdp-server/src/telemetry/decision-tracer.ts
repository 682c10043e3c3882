import type { DecisionRecord } from '../decide/decision-record.ts'
import { tellText } from '../decision-log/tell-text.ts'
import { createSpanMaker } from './span-maker.ts'
import type { SpanIds } from './trace-context.ts'

/** Makes the span of a decision that was just made. */
export type DecisionTracer = (record: DecisionRecord) => SpanIds

/** Undefined where nobody wants spans. */
export function createDecisionTracer(): DecisionTracer | undefined {
  const makeSpan = createSpanMaker()
  if (makeSpan === undefined) return undefined
  return ({ id, origin, durationMs, request, answer, policyVersion, dataVersion }) => {
    const reason = answer.reasons[0]
    return makeSpan({
      name: 'edict.decide',
      origin,
      durationMs,
      attributes: {
        'edict.decision.id': id,
        'edict.decision': answer.decision,
        'edict.action': tellText(request.action.name),
        'edict.resource.type': tellText(request.resource.type),
        'edict.subject.type': tellText(request.subject.type),
        'edict.policy.version': policyVersion,
        'edict.data.version': dataVersion,
        'edict.reason': reason && ('rule' in reason ? reason.rule : `(${reason.builtin})`),
      },
    })
  }
}
