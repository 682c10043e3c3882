import type { CheckedPolicySet, CheckedRole } from '../check/checked.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { RoleSchema } from '../model/schema.ts'
import type { ProgramRole, RoleConditionCode } from '../program/program.ts'
import { roleScope } from './compile-rules.ts'
import { lowerIf } from './lower-clauses.ts'
import { EMPTY_SCOPE, type LoweringUnit } from './lowering-context.ts'

/** Every role with its conditions, sorted by name. */
export function compileRoles(checked: CheckedPolicySet, unit: LoweringUnit): readonly ProgramRole[] {
  const schemas = new Map(checked.schema.roles.map((schema) => [schema.name, schema]))
  return [...checked.roles.values()]
    .toSorted((a, b) => compareCodePoints(a.name, b.name))
    .map((role) => compileRole(role, schemas.get(role.name), unit))
}

function compileRole(role: CheckedRole, schema: RoleSchema | undefined, unit: LoweringUnit): ProgramRole {
  const { declaration } = role
  const scope = roleScope(declaration.parameters.map(({ name }) => name))
  return {
    name: role.name,
    isInherited: declaration.isInherited,
    parameters: schema?.parameters ?? [],
    extends: sortNames(declaration.extends.map(({ name }) => name)),
    ...(declaration.when !== undefined && { when: lowerIf(declaration.when, unit, scope) }),
    conditions: compileConditions(role, unit),
    at: unit.placeOf(declaration.span),
    ...(declaration.doc !== undefined && { doc: declaration.doc }),
  }
}

function compileConditions(role: CheckedRole, unit: LoweringUnit): readonly RoleConditionCode[] {
  return role.conditions
    .map(({ types, condition }) => ({
      types: sortNames(types.map(({ name }) => name)),
      condition: lowerIf(condition, unit, EMPTY_SCOPE),
    }))
    .map((compiled) => ({ compiled, key: JSON.stringify([compiled.types, compiled.condition.text]) }))
    .sort((a, b) => compareCodePoints(a.key, b.key))
    .map(({ compiled }) => compiled)
}

function sortNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareCodePoints)
}
