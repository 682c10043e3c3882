import type { EntityFixture, FixtureEntry, FixtureRole } from '../ast/nodes.ts'
import type { EntityRecord } from '../model/entity-data.ts'
import type { JsonEntityRef, JsonObject, JsonValue, RequestEntity, RequestRole } from '../model/request.ts'
import { toJsonObject } from '../model/value-json.ts'
import { toArgumentJson, toEntityJson, toScopeRecord } from './compile-assignments.ts'
import { evaluateConstant, toInputJson } from './constant-value.ts'
import type { LoweringUnit } from './lowering-context.ts'

/** What `illTyped` stands for: JSON that no declared type accepts, not even a set, whose elements are never null. */
const ILL_TYPED: JsonValue = [null]

/** An entity of `given`, as the store holds it. */
export function toEntityRecord(fixture: EntityFixture, unit: LoweringUnit): EntityRecord {
  return toRequestEntity(fixture, unit)
}

/** A subject or resource as a request sends it: without braces no `properties`, without `in` no `parents`. */
export function toRequestEntity(fixture: EntityFixture, unit: LoweringUnit): RequestEntity {
  const { entity, attributes, parents } = fixture
  return {
    ...toEntityJson(entity),
    ...(attributes !== undefined && { properties: toFixtureJson(attributes, unit) }),
    ...(parents !== undefined && { parents: parents.map((parent): JsonEntityRef => toEntityJson(parent)) }),
  }
}

export function toFixtureJson(entries: readonly FixtureEntry[], unit: LoweringUnit): JsonObject {
  return toJsonObject(
    entries.map(({ name, value }) => {
      const json = value.kind === 'illTyped' ? ILL_TYPED : toInputJson(evaluateConstant(value, unit))
      return [name.name, json] as const
    }),
  )
}

/** `roles [viewer, editor on Folder::"f"]`: a plain name where the role is held on everything. */
export function toRequestRoles(
  roles: readonly FixtureRole[],
  unit: LoweringUnit,
): readonly (string | RequestRole)[] {
  return roles.map(({ role, on, arguments: args }) => {
    if (on === undefined && args.length === 0) return role.name
    const parameters = args.length > 0 && { with: toArgumentJson(args, unit) }
    return { role: role.name, on: toScopeRecord(on), ...parameters }
  })
}
