import type { Argument, Assignment, AssignmentScope, AssignmentTarget, EntityLiteral } from '../ast/nodes.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { AssignmentRecord, ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef, JsonObject } from '../model/request.ts'
import { canonicalJson, toJson, toJsonObject } from '../model/value-json.ts'
import type { ProgramAssignment } from '../program/program.ts'
import { evaluateConstant, toInputJson } from './constant-value.ts'
import type { LoweringUnit } from './lowering-context.ts'

/** Assignments in policy text, as data and in canonical order. */
export function compileAssignments(
  assignments: readonly Assignment[],
  unit: LoweringUnit,
): readonly ProgramAssignment[] {
  return assignments
    .map((assignment) => {
      const record = toAssignmentRecord(assignment, unit)
      const key = canonicalJson(record as unknown as JsonObject)
      return { key, compiled: { ...record, at: unit.placeOf(assignment.span) } }
    })
    .sort((a, b) => compareCodePoints(a.key, b.key) || comparePlaces(a.compiled.at, b.compiled.at))
    .map(({ compiled }) => compiled)
}

/** The JSON form of an assignment: without `on` it is on everything. */
export function toAssignmentRecord(assignment: Assignment, unit: LoweringUnit): AssignmentRecord {
  const { until } = assignment
  return {
    role: assignment.role.name,
    to: toTargetRecord(assignment.to),
    on: toScopeRecord(assignment.on),
    ...(assignment.arguments.length > 0 && { with: toArgumentJson(assignment.arguments, unit) }),
    ...(until !== undefined && { expires: toJson(evaluateConstant(until, unit)) as string }),
  }
}

/** Arguments as a JSON object in the input form, whatever their names. */
export function toArgumentJson(args: readonly Argument[], unit: LoweringUnit): JsonObject {
  return toJsonObject(
    args.map(({ name, value }) => [name.name, toInputJson(evaluateConstant(value, unit))] as const),
  )
}

export function toScopeRecord(scope: AssignmentScope | undefined): ScopeRecord {
  if (scope === undefined) return '*'
  return scope.kind === 'entity' ? toEntityJson(scope) : { type: scope.type.name }
}

export function toEntityJson({ type, id }: EntityLiteral): JsonEntityRef {
  return { type: type.name, id }
}

function toTargetRecord(target: AssignmentTarget): TargetRecord {
  switch (target.kind) {
    case 'entity':
      return toEntityJson(target)
    case 'anyOf':
      return { type: target.type.name }
    case 'anyone':
      return '*'
    case 'holders':
      return { role: target.role.name, on: toEntityJson(target.on) }
  }
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((part, index) => part !== b[index])
  return differing === -1 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0)
}
