// Where all that rules of an action ask for is a role, the roles that a subject holds everywhere lead to the answer at
// once: kept by set of roles, action and types, so that neither rules nor plans are looked at again.
import type { Answer } from '../model/answer.ts'
import type { JsonValue } from '../model/request.ts'
import { createAnswerTable } from './answer-table.ts'
import type { RoleSites } from './role-query.ts'

/** Roles that count together. */
export interface RoleSet {
  /** From 1. */
  readonly number: number
  readonly roles: readonly number[]
  /** One that requests bring, not one that stands in assignments. */
  readonly isSent: boolean
}

/** What a plan comes to by roles alone. */
export interface RoleAnswers {
  /** The answer by which the role allows, or `undefined` where it does not. */
  readonly allowedBy: (role: number) => Answer | undefined
  readonly otherwise: Answer
  /** Roles that requests bring count. */
  readonly takesSentRoles: boolean
}

/** Finds what a plan comes to by roles alone: `undefined` where more than roles speaks. */
export type FindRoleAnswers = (
  resourceType: string,
  action: string,
  subjectType: string,
) => RoleAnswers | undefined

export interface AnswersByRole {
  /** The set of these roles, one object for one set; `undefined` once there are too many. */
  readonly setOf: (roles: readonly number[]) => RoleSet | undefined
  /** The number of a question, for `find`; 0 where it has none yet. */
  readonly numberOf: (resourceType: string, action: string, subjectType: string) => number
  /** The answer for a subject with the roles of this number, where it is known. */
  readonly find: (set: number, question: number) => Answer | undefined
  /** Finds out the answer, or `undefined` where more than roles speaks. */
  readonly settle: (
    set: number,
    resourceType: string,
    action: string,
    subjectType: string,
  ) => Answer | undefined
  /** The number of the set of a role that is sent, or `undefined` where it does not count by itself. */
  readonly setOfSent: (name: JsonValue | undefined) => number | undefined
}

/** Answers that are remembered, over all sets. */
const MAX_ANSWERS = 1_000_000
const MAX_SETS = 100_000
/** Of the number of a question, so many bits are the number of its resource type. */
const TYPE_BITS = 18
const MAX_TYPES = 2 ** TYPE_BITS - 1
const MAX_ACTIONS = 2 ** (31 - TYPE_BITS) - 1

export function createAnswersByRole(sites: RoleSites, findRoleAnswers: FindRoleAnswers): AnswersByRole {
  const table = createAnswerTable(MAX_ANSWERS)
  /** By number. */
  const sets: (RoleSet | undefined)[] = [undefined]
  const known = new Map<string, RoleSet>()
  const sent = new Map<JsonValue | undefined, number>()
  /** The types and actions that are asked about first come first. */
  const types = new Map<string, number>()
  /** By subject type. */
  const actions = new Map<string, Map<string, number>>()
  let actionCount = 0
  let lastSubjectType: string | undefined
  let ofLastSubject: Map<string, number> = new Map()

  function add(roles: readonly number[], isSent: boolean): RoleSet {
    const set = { number: sets.length, roles, isSent }
    sets.push(set)
    return set
  }

  for (const [name, { index, isConditional }] of sites) {
    if (!isConditional) sent.set(name, add([index], true).number)
  }

  function actionsOf(subjectType: string): Map<string, number> {
    if (subjectType !== lastSubjectType) {
      lastSubjectType = subjectType
      ofLastSubject = actions.get(subjectType) ?? new Map()
    }
    return ofLastSubject
  }

  function numberOf(resourceType: string, action: string, subjectType: string): number {
    const type = types.get(resourceType)
    const ofAction = type === undefined ? undefined : actionsOf(subjectType).get(action)
    return type === undefined || ofAction === undefined ? 0 : (ofAction << TYPE_BITS) | type
  }

  /**
   * INVARIANT: only of what the policy set declares, so that there are only so many. 0 once there are more than have
   * room: what cannot be remembered is found out again.
   */
  function takeNumber(resourceType: string, action: string, subjectType: string): number {
    const type = types.get(resourceType) ?? types.size + 1
    const ofSubject = actionsOf(subjectType)
    const ofAction = ofSubject.get(action) ?? actionCount
    if (type > MAX_TYPES || ofAction > MAX_ACTIONS) return 0
    types.set(resourceType, type)
    actions.set(subjectType, ofSubject.set(action, ofAction))
    if (ofAction === actionCount) actionCount += 1
    return (ofAction << TYPE_BITS) | type
  }

  return {
    setOf(roles) {
      const sorted = roles.toSorted((a, b) => a - b)
      const key = sorted.join()
      const found = known.get(key)
      if (found !== undefined || known.size === MAX_SETS) return found
      const set = add(sorted, false)
      known.set(key, set)
      return set
    },
    numberOf,
    find: table.get,
    settle(number, resourceType, action, subjectType) {
      const set = sets[number]
      const answers = findRoleAnswers(resourceType, action, subjectType)
      if (set === undefined || answers === undefined) return undefined
      if (set.isSent && !answers.takesSentRoles) return undefined
      const answer = set.roles.map(answers.allowedBy).find((one) => one !== undefined) ?? answers.otherwise
      const question = takeNumber(resourceType, action, subjectType)
      if (question !== 0) table.set(number, question, answer)
      return answer
    },
    setOfSent: (name) => sent.get(name),
  }
}
