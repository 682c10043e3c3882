// Request → the full answer and why it fell so. Slower than `decide`, for people: it judges every conjunct.
import type { Explanation } from '../model/answer.ts'
import type { DecisionRequest } from '../model/request.ts'
import { judgePrepared, toAnswer } from './decide.ts'
import { explainRoles } from './explain-roles.ts'
import { explainRules } from './explain-rules.ts'
import { findNearestMisses } from './find-nearest-misses.ts'
import type { LinkedProgram } from './link.ts'
import { prepareDecision } from './prepare.ts'
import type { DecideOptions } from './session.ts'
import { createWatch } from './watch.ts'

export interface ExplainOptions extends DecideOptions {
  /** Whether the explanation tells what every rule did. Default false. */
  readonly trace?: boolean
}

/**
 * Decides one request and says why: the full answer, for a denial the nearest misses, how each role was held that
 * a deciding rule asks for, and with `trace` what every rule did. Where the explanation itself would use up the
 * step budget, it is cut short; the decision is not.
 * @throws PolicyLangError as `decide` does
 */
export function explain(
  linked: LinkedProgram,
  request: DecisionRequest,
  options: ExplainOptions = {},
): Explanation {
  const shared = { ...options, ...(options.now !== undefined && { now: onlyOnce(options.now) }) }
  const prepared = prepareDecision(linked, request, shared)
  const verdict = judgePrepared(prepared)
  const answer = toAnswer(linked.program, prepared, verdict, { ...options, detail: 'full' })
  // With steps of its own, and without leaving traces in the footprint of the answer.
  const watch = createWatch()
  const again = prepareDecision(linked, request, shared, watch.observe)
  const isTold = again.kind === 'rules'
  return {
    ...answer,
    nearestMisses: isTold && verdict.decision === 'deny' ? findNearestMisses(again, watch) : [],
    roles: isTold ? explainRoles(again, verdict, watch) : [],
    ...(options.trace === true && { trace: isTold ? explainRules(again, verdict, watch) : [] }),
  }
}

function onlyOnce(now: () => number): () => number {
  let instant: number | undefined
  return () => {
    instant ??= now()
    return instant
  }
}
