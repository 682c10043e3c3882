import type { Explanation } from '../model/answer.ts'
import type { DecisionRequest } from '../model/request.ts'
import { decide } from './decide.ts'
import type { LinkedProgram } from './link.ts'
import type { DecideOptions } from './session.ts'

export interface ExplainOptions extends DecideOptions {
  /** Whether the explanation tells what every rule did. Default false. */
  readonly trace?: boolean
}

/** Decides one request and says why. */
export function explain(
  linked: LinkedProgram,
  request: DecisionRequest,
  options: ExplainOptions = {},
): Explanation {
  const answer = decide(linked, request, { ...options, detail: 'full' })
  return { ...answer, nearestMisses: [], roles: [], ...(options.trace === true && { trace: [] }) }
}
