import type { IgnoredInput, Reason } from '../model/answer.ts'
import type { ProgramRule } from '../program/program.ts'
import type { FindAssignments } from './assignments.ts'
import { createSession } from './create-session.ts'
import { type LinkedProgram, rulesOf } from './link.ts'
import { readRequest } from './read-request.ts'
import { createReads, UNNOTED_READS } from './reads.ts'
import { refuseIllTyped } from './refuse-ill-typed.ts'
import { createRequestClock } from './request-clock.ts'
import type { DecideOptions, Observe, Session } from './session.ts'

/** A request that meets rules, or one that no policy can speak about. */
export type Prepared = PreparedRules | { readonly kind: 'builtin'; readonly reason: Reason }

export interface PreparedRules {
  readonly kind: 'rules'
  readonly session: Session
  /** The rules for this action on this type, by id in code-point order. */
  readonly rules: readonly ProgramRule[]
  /** What had no effect, as far as it has been come across. */
  readonly ignored: () => readonly IgnoredInput[]
  readonly findAssignments: FindAssignments
}

/** @throws PolicyLangError for a request that is no question, see `decide` */
export function prepareDecision(
  linked: LinkedProgram,
  json: unknown,
  options: DecideOptions,
  observe?: Observe,
): Prepared {
  const request = readRequest(json)
  const reads = options.footprint === true ? createReads() : UNNOTED_READS
  const clock = createRequestClock(request, options, reads)
  if (options.strict === true) refuseIllTyped(request, linked)
  const subjectType = linked.types.get(request.subject.ref.type)
  const resourceType = linked.types.get(request.resource.ref.type)
  if (!subjectType?.schema.isSubject || !resourceType?.schema.isResource) {
    return { kind: 'builtin', reason: { builtin: 'unknownType' } }
  }
  const action = resourceType.actions.get(request.action.name)
  if (action === undefined) return { kind: 'builtin', reason: { builtin: 'unknownAction' } }
  // Before anything that takes time: reading the roles of a request takes no steps.
  if (options.sharedSteps !== undefined && !(options.sharedSteps.left > 0)) {
    return { kind: 'builtin', reason: { builtin: 'budgetExceeded' } }
  }
  const setup = { linked, request, subjectType, parameters: action.parameters, clock, reads, options }
  const created = createSession(observe === undefined ? setup : { ...setup, observe })
  return { kind: 'rules', rules: rulesOf(linked, action), ...created }
}
