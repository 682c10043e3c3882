import type { AnswerDuty } from '../model/answer.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { JsonValue } from '../model/request.ts'
import { canonicalJson, toJson, toJsonObject } from '../model/value-json.ts'
import type { ProgramDuty } from '../program/program.ts'
import { evaluate } from './evaluate-code.ts'
import { stepsToVisit } from './meter.ts'
import type { Failure } from './result.ts'
import { failure, isFailure } from './result.ts'
import type { Scope, Session } from './session.ts'

/** Obligations or advice of a rule: those whose arguments all have values, and the first cause of what has not. */
export interface DutyOutcome {
  readonly duties: readonly AnswerDuty[]
  readonly failed: Failure | undefined
}

export function evaluateDuties(duties: readonly ProgramDuty[], scope: Scope, session: Session): DutyOutcome {
  const outcomes = duties.map((duty) => evaluateDuty(duty, scope, session))
  return {
    duties: outcomes.flatMap((outcome) => (outcome.kind === 'failure' ? [] : [outcome.duty])),
    failed: outcomes.find((outcome) => outcome.kind === 'failure'),
  }
}

function evaluateDuty(
  duty: ProgramDuty,
  scope: Scope,
  session: Session,
): { readonly kind: 'duty'; readonly duty: AnswerDuty } | Failure {
  const args: (readonly [string, JsonValue])[] = []
  for (const { name, code } of duty.args) {
    const result = evaluate(code, scope, session)
    if (isFailure(result)) return { ...result, at: result.at ?? duty.at }
    if (result === undefined) return failure(`\`${name}\` is absent`, { at: duty.at })
    // Written out for every assignment of a role with parameters, of which a request may send thousands.
    session.meter.step(stepsToVisit(result))
    args.push([name, toJson(result)])
  }
  return { kind: 'duty', duty: { name: duty.name, args: toJsonObject(args) } }
}

/** Each once, ordered by name, then by the canonical JSON of the arguments. */
export function uniteDuties(duties: readonly AnswerDuty[]): readonly AnswerDuty[] {
  const keyed = duties.map((duty) => ({ duty, args: canonicalJson(duty.args) }))
  const distinct = new Map(keyed.map((entry) => [JSON.stringify([entry.duty.name, entry.args]), entry]))
  return [...distinct.values()]
    .sort((a, b) => compareCodePoints(a.duty.name, b.duty.name) || compareCodePoints(a.args, b.args))
    .map(({ duty }) => duty)
}
