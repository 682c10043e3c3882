import type { Duty, Name, Who } from '../ast/nodes.ts'
import { printExpression } from '../ast/print.ts'
import { printName } from '../ast/print-names.ts'
import type { Applicability, CheckedGrant, CheckedPolicySet, CheckedRule } from '../check/checked.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { ProgramDuty, ProgramRule, ProgramWho } from '../program/program.ts'
import { lowerClauses } from './lower-clauses.ts'
import { lowerExpression } from './lower-expression.ts'
import {
  type ActionsByType,
  createLoweringContext,
  EMPTY_SCOPE,
  type LoweringUnit,
  type Scope,
} from './lowering-context.ts'

export function compileRule({ rule, who, pairs }: CheckedRule, base: LoweringUnit): ProgramRule {
  const unit = withActions(base, pairs)
  return {
    id: rule.name.name,
    effect: rule.effect,
    isAfter: rule.isAfter,
    who: sortWho(who),
    whoText: rule.who.length === 0 ? '' : `to ${rule.who.map(printWho).join(', ')}`,
    conditions: lowerClauses(rule.clauses, unit, EMPTY_SCOPE),
    ...lowerDuties(rule.duties, unit, EMPTY_SCOPE),
    at: unit.placeOf(rule.span),
    ...(rule.doc !== undefined && { doc: rule.doc }),
  }
}

/** A grant is an allow rule to the holders of its role, whose parameters its clauses and duties can read. */
export function compileGrant(
  { grant, role, pairs }: CheckedGrant,
  id: string,
  { roles }: CheckedPolicySet,
  base: LoweringUnit,
): ProgramRule {
  const unit = withActions(base, pairs)
  const parameters = roles.get(role)?.declaration.parameters ?? []
  const scope = roleScope(parameters.map(({ name }) => name))
  return {
    id,
    effect: 'allow',
    isAfter: false,
    grantOf: role,
    who: [{ kind: 'role', role }],
    whoText: `role ${printName(role)}`,
    conditions: lowerClauses(grant.clauses, unit, scope),
    ...lowerDuties(grant.duties, unit, scope),
    at: unit.placeOf(grant.span),
    ...(grant.doc !== undefined && { doc: grant.doc }),
  }
}

/** The scope in which the parameters of a role can be read. */
export function roleScope(parameters: readonly Name[]): Scope {
  return new Map(parameters.map(({ name }) => [name, { kind: 'roleParameter' }]))
}

/** Few rules ask for their action, and a rule on everything has thousands of pairs: they are grouped on demand. */
function withActions(base: LoweringUnit, pairs: Applicability['pairs']): LoweringUnit {
  const { checked, groups, placeOf } = base
  let actions: ActionsByType | undefined
  return {
    checked,
    groups,
    placeOf,
    get actions() {
      actions ??= groupActions(pairs)
      return actions
    },
  }
}

function groupActions(pairs: Applicability['pairs']): ActionsByType {
  const byType = new Map<string, Set<string>>()
  for (const { action, resourceType } of pairs) {
    byType.set(resourceType, (byType.get(resourceType) ?? new Set()).add(action))
  }
  return byType
}

function lowerDuties(
  duties: readonly Duty[],
  unit: LoweringUnit,
  scope: Scope,
): { readonly obligations: readonly ProgramDuty[]; readonly advice: readonly ProgramDuty[] } {
  const lower = (duty: Duty): ProgramDuty => ({
    name: duty.name.name,
    args: duty.arguments.map(({ name, value }) => ({
      name: name.name,
      code: lowerExpression(value, createLoweringContext(unit, scope)),
    })),
    at: unit.placeOf(duty.span),
  })
  return {
    obligations: duties.filter(({ kind }) => kind === 'obligate').map(lower),
    advice: duties.filter(({ kind }) => kind === 'advise').map(lower),
  }
}

function printWho(who: Who): string {
  switch (who.kind) {
    case 'anyone':
      return 'anyone'
    case 'whoName':
      return `${who.qualifier === undefined ? '' : `${who.qualifier} `}${printName(who.name.name)}`
    case 'entity':
      return printExpression(who)
  }
}

function sortWho(who: readonly ProgramWho[]): readonly ProgramWho[] {
  if (who.length < 2) return who
  const keyed = new Map(who.map((one) => [whoKey(one), one]))
  return [...keyed].sort(([a], [b]) => compareCodePoints(a, b)).map(([, one]) => one)
}

function whoKey(who: ProgramWho): string {
  switch (who.kind) {
    case 'anyone':
      return who.kind
    case 'type':
      return JSON.stringify([who.kind, who.type])
    case 'role':
      return JSON.stringify([who.kind, who.role])
    case 'entity':
      return JSON.stringify([who.kind, who.type, who.id])
  }
}
