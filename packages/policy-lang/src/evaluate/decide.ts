// Request → answer: the reference. Small and plain, for any faster way to decide is held against it.
// It must never know how entities are stored, where requests come from, or how policies are written.
import type { Answer, Cacheable, EvaluationError, Footprint, IgnoredInput, Reason } from '../model/answer.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { DecisionRequest } from '../model/request.ts'
import type { Program } from '../program/program.ts'
import { combineRules, type RuleError, type Verdict } from './combine.ts'
import type { LinkedProgram } from './link.ts'
import { BudgetExceeded } from './meter.ts'
import { type Prepared, prepareDecision } from './prepare.ts'
import type { DecideOptions, Session } from './session.ts'
import { toLocation } from './to-location.ts'

export type { DecideOptions } from './session.ts'

const SHOWN_ERRORS = 10
const SHOWN_IGNORED = 10

/** Read in every decision: they choose the rules. */
const ALWAYS_READ = [
  '$.action.name',
  '$.resource.id',
  '$.resource.type',
  '$.subject.id',
  '$.subject.type',
] as const

/**
 * Decides one request.
 * @throws PolicyLangError `malformed-request` where it is no request, `clock-not-allowed` where it sets
 *   `context.now` without leave, `invalid-request` where `strict` finds an ill-typed value
 */
export function decide(linked: LinkedProgram, request: DecisionRequest, options: DecideOptions = {}): Answer {
  const prepared = prepareDecision(linked, request, options)
  return toAnswer(linked.program, prepared, judgePrepared(prepared), options)
}

/** The verdict of the rules, or of none where none can speak. */
export function judgePrepared(prepared: Prepared): Verdict {
  if (prepared.kind === 'builtin') return denyBuiltin(prepared.reason)
  try {
    return combineRules(prepared.rules, prepared.session)
  } catch (error) {
    if (error instanceof BudgetExceeded) return denyBuiltin({ builtin: 'budgetExceeded' })
    throw error
  }
}

/** @internal */
export function toAnswer(
  program: Program,
  prepared: Prepared,
  verdict: Verdict,
  options: DecideOptions,
): Answer {
  const isFull = options.detail === 'full'
  const errors = toErrors(verdict.errors, program)
  const ignored = prepared.kind === 'rules' ? prepared.ignored().slice(0, SHOWN_IGNORED) : []
  const session = prepared.kind === 'rules' ? prepared.session : undefined
  return {
    decision: verdict.decision,
    reasons: isFull ? verdict.reasons : verdict.reasons.slice(0, 1),
    obligations: verdict.obligations,
    advice: verdict.advice,
    errors: isFull ? errors : errors.slice(0, SHOWN_ERRORS),
    errorCount: errors.length,
    policyVersion: program.policyVersion,
    cacheable: toCacheable(verdict, session),
    ...(ignored.length > 0 && { ignored: ignored as readonly IgnoredInput[] }),
    ...(options.footprint === true && { footprint: toFootprint(session) }),
  }
}

function denyBuiltin(reason: Reason): Verdict {
  return { decision: 'deny', reasons: [reason], obligations: [], advice: [], errors: [] }
}

/** Each pair of rule and kind once, in code-point order. */
function toErrors(errors: readonly RuleError[], program: Program): readonly EvaluationError[] {
  const distinct = new Map<string, EvaluationError>()
  for (const { rule, kind, failure } of errors) {
    const key = JSON.stringify([rule.id, kind])
    if (distinct.has(key)) continue
    distinct.set(key, {
      rule: rule.id,
      kind,
      message: failure.message,
      location: toLocation(failure.at ?? rule.at, program),
      ...(failure.path !== undefined && { path: failure.path }),
    })
  }
  return [...distinct.values()].sort(
    (a, b) => compareCodePoints(a.rule, b.rule) || compareCodePoints(a.kind, b.kind),
  )
}

function toCacheable(verdict: Verdict, session: Session | undefined): Cacheable {
  const isExhausted = verdict.reasons.some(
    (reason) => 'builtin' in reason && reason.builtin === 'budgetExceeded',
  )
  if (isExhausted) return false
  return session === undefined ? { until: null } : session.clock.cacheable()
}

function toFootprint(session: Session | undefined): Footprint {
  const read = session?.reads.toFootprint() ?? { request: [], attributes: [], parents: [], assignments: [] }
  return { ...read, request: [...read.request, ...ALWAYS_READ].sort(compareCodePoints) }
}
