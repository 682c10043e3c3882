// Where all that rules of an action ask for is a role, the roles that a subject holds everywhere lead to the answer at
// once: kept by action and resource type for each set of roles, so that neither rules nor plans are looked at again.
import type { Answer } from '../model/answer.ts'
import type { JsonValue } from '../model/request.ts'
import type { RoleSites } from './role-query.ts'

/** Roles that count together, and the answers that they have led to. */
export interface RoleSet {
  readonly roles: readonly number[]
  /** By the number of an action and subject type; then by resource type. */
  readonly answers: (Map<string, Answer> | undefined)[]
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
  /** The answer for a subject with these roles, or `undefined` where more than roles speaks. */
  readonly find: (
    set: RoleSet,
    resourceType: string,
    action: string,
    subjectType: string,
  ) => Answer | undefined
  /** The set of each role that is sent, or `undefined` where one does not count by itself. */
  readonly setOfSent: (name: JsonValue | undefined) => RoleSet | undefined
}

/** Answers that are remembered, over all sets. */
const MAX_ANSWERS = 1_000_000
const MAX_SETS = 100_000
/** What an empty slot takes, as a share of an answer. */
const SLOT_SHARE = 1 / 8

export function createAnswersByRole(sites: RoleSites, findRoleAnswers: FindRoleAnswers): AnswersByRole {
  const sets = new Map<string, RoleSet>()
  const sent = new Map<JsonValue | undefined, RoleSet>()
  /** Number of an action asked by subjects of a type: the first types and actions that are asked about come first. */
  const slots = new Map<string, Map<string, number>>()
  let lastSubjectType: string | undefined
  let slotsOfSubject = new Map<string, number>()
  let slotCount = 0
  let remembered = 0

  for (const [name, { index, isConditional }] of sites) {
    if (!isConditional) sent.set(name, { roles: [index], answers: [], isSent: true })
  }

  function setOf(roles: readonly number[]): RoleSet | undefined {
    const sorted = roles.toSorted((a, b) => a - b)
    const key = sorted.join()
    const known = sets.get(key)
    if (known !== undefined) return known
    if (sets.size === MAX_SETS) return undefined
    const set = { roles: sorted, answers: [], isSent: false }
    sets.set(key, set)
    return set
  }

  function slotOf(action: string, subjectType: string): number | undefined {
    if (subjectType !== lastSubjectType) {
      lastSubjectType = subjectType
      slotsOfSubject = slots.get(subjectType) ?? new Map()
    }
    return slotsOfSubject.get(action)
  }

  function settle(
    set: RoleSet,
    resourceType: string,
    action: string,
    subjectType: string,
  ): Answer | undefined {
    const answers = findRoleAnswers(resourceType, action, subjectType)
    if (answers === undefined || (set.isSent && !answers.takesSentRoles)) return undefined
    const answer = set.roles.map(answers.allowedBy).find((one) => one !== undefined) ?? answers.otherwise
    if (remembered >= MAX_ANSWERS) {
      for (const one of [...sets.values(), ...sent.values()]) one.answers.length = 0
      remembered = 0
    }
    remembered += 1
    const slot = slotOf(action, subjectType) ?? takeSlot(action, subjectType)
    while (set.answers.length <= slot) {
      set.answers.push(undefined)
      remembered += SLOT_SHARE
    }
    const ofSlot = set.answers[slot] ?? new Map<string, Answer>()
    set.answers[slot] = ofSlot.set(resourceType, answer)
    return answer
  }

  /** INVARIANT: only of what the policy set declares, so that there are only so many. */
  function takeSlot(action: string, subjectType: string): number {
    slots.set(subjectType, slotsOfSubject.set(action, slotCount))
    slotCount += 1
    return slotCount - 1
  }

  return {
    setOf,
    find(set, resourceType, action, subjectType) {
      const slot = slotOf(action, subjectType)
      const { answers } = set
      const ofSlot = slot !== undefined && slot < answers.length ? answers[slot] : undefined
      return ofSlot?.get(resourceType) ?? settle(set, resourceType, action, subjectType)
    },
    setOfSent: (name) => sent.get(name),
  }
}
