// A rule as it stands in one plan: for one action, one resource type and one subject type, much of WHO is settled.
import type { LinkedProgram, LinkedType } from '../evaluate/link.ts'
import type { AnswerDuty } from '../model/answer.ts'
import type { JsonValue } from '../model/request.ts'
import { toJson, toJsonObject } from '../model/value-json.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { LiteralValue, ProgramDuty, ProgramRule, ProgramWho } from '../program/program.ts'
import type { ShapeWho } from '../program/rule-table.ts'
import type { RoleIndex } from './role-query.ts'

export interface PlanRule {
  readonly effect: 'allow' | 'deny'
  readonly isAfter: boolean
  /** Conjuncts, WHO first where it is not settled. */
  readonly conjuncts: readonly AnyCode[]
  /** The one role that WHO asks for, where it asks for nothing else. */
  readonly role: string | undefined
  /** Its role has parameters: once the role may be held, the reference decides. */
  readonly isParameterised: boolean
  /** The same in every decision, or `undefined` where they are spelt out each time. */
  readonly duties: RuleDuties | undefined
}

export interface RuleDuties {
  readonly obligations: readonly AnswerDuty[]
  readonly advice: readonly AnswerDuty[]
}

const NO_DUTIES: RuleDuties = { obligations: [], advice: [] }

/** The rule in this plan, or `undefined` where it can never be for this type of subject. */
export function toPlanRule(
  rule: ProgramRule,
  subject: LinkedType,
  linked: LinkedProgram,
): PlanRule | undefined {
  const who = settleWho(rule.who, subject)
  if (who === 'nobody') return undefined
  const grantRole = rule.grantOf === undefined ? undefined : linked.roles.get(rule.grantOf)?.role
  const isParameterised = grantRole !== undefined && grantRole.parameters.length > 0
  const conditions = rule.conditions.map(({ code }): AnyCode => code)
  const [first] = who
  return {
    effect: rule.effect,
    isAfter: rule.isAfter,
    conjuncts: isParameterised || who.length === 0 ? conditions : [toWhoCode(who, subject), ...conditions],
    role: who.length === 1 && first?.kind === 'role' ? first.role : undefined,
    isParameterised,
    duties: toConstantDuties(rule),
  }
}

/** Whom a rule is for: in a shape, roles are named and entities stand in slots. */
type Who = ProgramWho | ShapeWho

/** Whom the rule is for, types left out: none of them is asked further, another can never hold. */
export function settleWho<W extends Who>(who: readonly W[], subject: LinkedType): readonly W[] | 'nobody' {
  if (who.length === 0) return []
  const isEveryone = who.some(
    (one) => one.kind === 'anyone' || (one.kind === 'type' && one.type === subject.schema.name),
  )
  if (isEveryone) return []
  const open = who.filter((one) => one.kind === 'role' || (one.kind === 'entity' && isInReach(one, subject)))
  return open.length === 0 ? 'nobody' : open
}

/** Entities in slots can be of any type: where they cannot be the subject's, the comparison says no. */
function isInReach(who: Who, subject: LinkedType): boolean {
  if (who.kind !== 'entity' || !('type' in who)) return true
  return who.type === subject.schema.name || subject.ancestors.has(who.type)
}

/** WHO as the condition that it is. */
export function toWhoCode(who: readonly Who[], subject: LinkedType): AnyCode {
  const operands = who.map((one): AnyCode => {
    if (one.kind === 'role') return { op: 'hasRole', role: String(one.role), isNegative: true, at: 0 }
    if (one.kind !== 'entity') return { op: 'literal', value: false }
    if (!('type' in one)) {
      return { op: 'in', left: { op: 'subject' }, right: { op: 'constant', slot: one.entity }, at: 0 }
    }
    const right: AnyCode = { op: 'literal', value: { kind: 'entity', type: one.type, id: one.id } }
    // Where nothing of that type lies above the subject, being in it is being it.
    if (!subject.ancestors.has(one.type)) {
      return { op: 'compare', operator: '==', left: { op: 'subject' }, right, at: 0 }
    }
    return { op: 'in', left: { op: 'subject' }, right, at: 0 }
  })
  const [only] = operands
  return operands.length === 1 && only !== undefined ? only : { op: 'or', operands }
}

/** A literal as emitted code holds it: entities by their id, for their type is known where they are met. */
export function toFastLiteral(value: LiteralValue): unknown {
  if (typeof value !== 'object') return value
  switch (value.kind) {
    case 'datetime':
      return value.epochMs
    case 'duration':
      return value.ms
    case 'entity':
      return value.id
    case 'ip':
      return value
  }
}

function toConstantDuties({ obligations, advice }: ProgramRule): RuleDuties | undefined {
  if (obligations.length === 0 && advice.length === 0) return NO_DUTIES
  const spelt = { obligations: obligations.map(toConstantDuty), advice: advice.map(toConstantDuty) }
  const isConstant = [...spelt.obligations, ...spelt.advice].every((duty) => duty !== undefined)
  return isConstant ? (spelt as RuleDuties) : undefined
}

function toConstantDuty({ name, args }: ProgramDuty): AnswerDuty | undefined {
  const values: (readonly [string, JsonValue])[] = []
  for (const { name: argument, code } of args) {
    if (code.op !== 'literal') return undefined
    values.push([argument, toJson(code.value)])
  }
  return { name, args: toJsonObject(values) }
}

export function hasDuties({ duties }: PlanRule): boolean {
  return duties === undefined || duties.obligations.length + duties.advice.length > 0
}

/** Whether who holds the role follows from assignments alone, here and above. */
export function isByAssignment(role: string, linked: LinkedProgram, roles: RoleIndex): boolean {
  return roles.givers(role).every((name) => linked.roles.get(name)?.role.conditions.length === 0)
}
