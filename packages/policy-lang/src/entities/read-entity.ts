import {
  decodeReference,
  decodeValue,
  isIllTyped,
  isJsonObject,
  isWellTyped,
  memberOf,
} from '../model/decode-value.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonEntityRef, JsonObject, JsonValue } from '../model/request.ts'
import type { EntityTypeSchema } from '../model/schema.ts'
import { type ProblemSink, placeInside, type RowPlace } from './data-problem.ts'
import { type DataSchema, didYouMean } from './data-schema.ts'
import { refuseUnknownMembers } from './refuse-unknown-members.ts'

/** An entity row of sound shape. */
export interface ReadEntity {
  readonly type: string
  readonly id: string
  readonly properties: JsonObject
  readonly parents: readonly JsonEntityRef[]
  readonly place: RowPlace
}

const MEMBERS = ['type', 'id', 'properties', 'parents'] as const
const NO_PARENTS: readonly JsonEntityRef[] = []
const REFERENCE_MEMBERS = ['type', 'id'] as const

/** A row of `entities`, or `undefined` where it is refused. Entities of undeclared types are kept as they are. */
export function readEntity(
  json: JsonValue,
  place: RowPlace,
  schema: DataSchema,
  sink: ProblemSink,
): ReadEntity | undefined {
  if (!isJsonObject(json)) {
    sink.problem(place, 'an entity must be an object')
    return undefined
  }
  refuseUnknownMembers(json, MEMBERS, place, sink)
  const reference = readTypeAndId(json, place, sink)
  const properties = readProperties(memberOf(json, 'properties'), place, sink)
  const type = reference && schema.types.get(reference.type)
  const parents = readParents(memberOf(json, 'parents'), type, place, sink)
  if (reference === undefined || properties === undefined || parents === undefined) return undefined
  if (type === undefined) {
    const hint = didYouMean(reference.type, schema.types.keys())
    sink.warning(
      placeInside(place, '.type'),
      `\`${reference.type}\` is not declared: kept, and not read`,
      hint,
    )
  } else warnAboutValues(properties, type, place, sink)
  return { ...reference, properties, parents, place }
}

function readTypeAndId(json: JsonObject, place: RowPlace, sink: ProblemSink): JsonEntityRef | undefined {
  const reference = decodeReference(json)
  if (reference !== undefined) return { type: reference.type, id: reference.id }
  for (const name of ['type', 'id']) {
    const value = memberOf(json, name)
    if (typeof value === 'string') continue
    sink.problem(placeInside(place, `.${name}`), value === undefined ? 'is missing' : 'must be a string')
  }
  return undefined
}

function readProperties(
  json: JsonValue | undefined,
  place: RowPlace,
  sink: ProblemSink,
): JsonObject | undefined {
  if (json === undefined) return {}
  if (isJsonObject(json)) return json
  sink.problem(placeInside(place, '.properties'), 'must be an object')
  return undefined
}

function readParents(
  json: JsonValue | undefined,
  type: EntityTypeSchema | undefined,
  row: RowPlace,
  sink: ProblemSink,
): readonly JsonEntityRef[] | undefined {
  if (json === undefined) return NO_PARENTS
  const place = placeInside(row, '.parents')
  if (!Array.isArray(json)) {
    sink.problem(place, 'must be an array', 'write `[{"type": …, "id": …}]`')
    return undefined
  }
  const parents = (json as readonly JsonValue[]).map((item, index) =>
    readParent(item, type, placeInside(place, index), sink),
  )
  return parents.every((parent) => parent !== undefined) ? parents : undefined
}

function readParent(
  json: JsonValue,
  type: EntityTypeSchema | undefined,
  place: RowPlace,
  sink: ProblemSink,
): JsonEntityRef | undefined {
  const parent = decodeReference(json)
  if (parent === undefined) {
    sink.problem(place, 'must be `{"type": …, "id": …}`')
    return undefined
  }
  refuseUnknownMembers(json as JsonObject, REFERENCE_MEMBERS, place, sink)
  if (type === undefined || type.parents.includes(parent.type)) return { type: parent.type, id: parent.id }
  const allowed =
    type.parents.length === 0
      ? `\`${type.name}\` is declared without \`in\``
      : `after \`in\` stand: ${type.parents.join(', ')}`
  sink.problem(place, `\`${type.name}\` cannot lie below \`${parent.type}\``, allowed)
  return undefined
}

/** What does not fit its type is no reason to refuse the data: only rules that read it fail. */
function warnAboutValues(
  properties: JsonObject,
  type: EntityTypeSchema,
  row: RowPlace,
  sink: ProblemSink,
): void {
  for (const attribute of type.attributes) {
    const json = memberOf(properties, attribute.name)
    if (json === undefined ? attribute.isOptional : isWellTyped(json, attribute.type)) continue
    const inside = placeInside(placeInside(row, '.properties'), pathStep(attribute.name))
    const decoded = decodeValue(json, attribute.type, inside.path)
    if (isIllTyped(decoded)) sink.warning({ file: row.file, path: decoded.path }, decoded.message)
    else if (decoded === undefined && !attribute.isOptional) {
      const near = nearMember(attribute.name, properties, type)
      const hint = near === undefined ? undefined : `is it \`${near}\`?`
      sink.warning(inside, `\`${type.name}\` requires \`${attribute.name}\``, hint)
    }
  }
}

/** An undeclared member that looks like the missing attribute misspelt. */
function nearMember(name: string, properties: JsonObject, type: EntityTypeSchema): string | undefined {
  const declared = new Set(type.attributes.map((attribute) => attribute.name))
  const undeclared = Object.keys(properties).filter((key) => !declared.has(key))
  return undeclared.find((key) => didYouMean(key, [name]) !== undefined)
}
