import {
  decodeReference,
  decodeValue,
  isIllTyped,
  isJsonObject,
  isTypeAlone,
  memberOf,
} from '../model/decode-value.ts'
import type { AssignmentRecord, ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef, JsonObject, JsonValue } from '../model/request.ts'
import type { RoleSchema } from '../model/schema.ts'
import { type ProblemSink, placeInside, type RowPlace } from './data-problem.ts'
import { type DataSchema, didYouMean } from './data-schema.ts'
import { refuseUnknownMembers } from './refuse-unknown-members.ts'

/** An assignment row that may count. */
export interface ReadAssignment {
  readonly record: AssignmentRecord
  readonly place: RowPlace
}

const ASSIGNMENT_MEMBERS = ['role', 'to', 'on', 'with', 'expires'] as const
const HOLDERS_MEMBERS = ['role', 'on'] as const
const REFERENCE_MEMBERS = ['type', 'id'] as const

/** A row of `assignments`, or `undefined` where it is refused. */
export function readAssignment(
  json: JsonValue,
  place: RowPlace,
  schema: DataSchema,
  sink: ProblemSink,
): ReadAssignment | undefined {
  if (!isJsonObject(json)) {
    sink.problem(place, 'an assignment must be an object')
    return undefined
  }
  refuseUnknownMembers(json, ASSIGNMENT_MEMBERS, place, sink)
  const role = readRole(memberOf(json, 'role'), placeInside(place, '.role'), schema, sink)
  const to = readTarget(memberOf(json, 'to'), placeInside(place, '.to'), schema, sink)
  const on = readScope(memberOf(json, 'on'), placeInside(place, '.on'), schema, sink)
  const expires = readExpires(memberOf(json, 'expires'), placeInside(place, '.expires'), sink)
  const parameters = role && readWith(memberOf(json, 'with'), role, placeInside(place, '.with'), sink)
  if (!role || to === undefined || on === undefined || !expires || !parameters) return undefined
  return { record: { role: role.name, to, on, ...parameters, ...expires }, place }
}

function readRole(
  json: JsonValue | undefined,
  place: RowPlace,
  { roles }: DataSchema,
  sink: ProblemSink,
): RoleSchema | undefined {
  if (typeof json !== 'string') {
    sink.problem(place, json === undefined ? 'is missing' : 'must be the name of a role')
    return undefined
  }
  const role = roles.get(json)
  if (role === undefined) sink.problem(place, `there is no role \`${json}\``, didYouMean(json, roles.keys()))
  return role
}

function readTarget(
  json: JsonValue | undefined,
  place: RowPlace,
  schema: DataSchema,
  sink: ProblemSink,
): TargetRecord | undefined {
  if (!isJsonObject(json) || memberOf(json, 'role') === undefined) {
    return readPlaceOf(json, place, schema, sink, 'write {"type", "id"}, {"type"}, {"role", "on"} or "*"')
  }
  refuseUnknownMembers(json, HOLDERS_MEMBERS, place, sink)
  const role = readRole(memberOf(json, 'role'), placeInside(place, '.role'), schema, sink)
  const on = readReference(memberOf(json, 'on'), placeInside(place, '.on'), schema, sink)
  return role && on && { role: role.name, on }
}

function readScope(
  json: JsonValue | undefined,
  place: RowPlace,
  schema: DataSchema,
  sink: ProblemSink,
): ScopeRecord | undefined {
  return readPlaceOf(json, place, schema, sink, 'write {"type", "id"}, {"type"}, or "*" for everything')
}

/** `{type, id}`, `{type}` or `"*"`. */
function readPlaceOf(
  json: JsonValue | undefined,
  place: RowPlace,
  schema: DataSchema,
  sink: ProblemSink,
  hint: string,
): ScopeRecord | undefined {
  if (json === '*') return json
  if (!isJsonObject(json)) {
    sink.problem(
      place,
      json === undefined ? 'is missing' : 'names no entity, no type and not everything',
      hint,
    )
    return undefined
  }
  if (memberOf(json, 'id') !== undefined) return readReference(json, place, schema, sink)
  const type = memberOf(json, 'type')
  if (typeof type !== 'string') {
    sink.problem(placeInside(place, '.type'), type === undefined ? 'is missing' : 'must be a string', hint)
    return undefined
  }
  if (!isDeclared(type, place, schema, sink)) return undefined
  if (isTypeAlone(json)) return { type }
  sink.problem(
    place,
    'has no `id`',
    `for every entity of the type write {"type": ${JSON.stringify(type)}} alone`,
  )
  return undefined
}

function readReference(
  json: JsonValue | undefined,
  place: RowPlace,
  schema: DataSchema,
  sink: ProblemSink,
): JsonEntityRef | undefined {
  const reference = decodeReference(json)
  if (reference === undefined) {
    sink.problem(place, json === undefined ? 'is missing' : 'must be {"type", "id"}, both strings')
    return undefined
  }
  refuseUnknownMembers(json as JsonObject, REFERENCE_MEMBERS, place, sink)
  const { type, id } = reference
  return isDeclared(type, place, schema, sink) ? { type, id } : undefined
}

function isDeclared(type: string, place: RowPlace, { types }: DataSchema, sink: ProblemSink): boolean {
  if (types.has(type)) return true
  sink.problem(placeInside(place, '.type'), `there is no type \`${type}\``, didYouMean(type, types.keys()))
  return false
}

function readExpires(
  json: JsonValue | undefined,
  place: RowPlace,
  sink: ProblemSink,
): { readonly expires?: string | number } | undefined {
  const decoded = decodeValue(json, { kind: 'datetime' }, place.path)
  if (!isIllTyped(decoded)) return decoded === undefined ? {} : { expires: json as string | number }
  sink.problem(place, decoded.message, 'write RFC 3339 with a zone, a date, or epoch seconds')
  return undefined
}

function readWith(
  json: JsonValue | undefined,
  role: RoleSchema,
  place: RowPlace,
  sink: ProblemSink,
): { readonly with?: JsonObject } | undefined {
  if (json !== undefined && !isJsonObject(json)) {
    sink.problem(place, 'must be an object')
    return undefined
  }
  const decoded = decodeValue(json ?? {}, { kind: 'record', fields: role.parameters }, place.path)
  if (isIllTyped(decoded)) {
    const takes = role.parameters.map(({ name, isOptional }) => `${name}${isOptional ? '?' : ''}`).join(', ')
    const message = decoded.isMissing ? 'is missing' : decoded.message
    sink.problem({ ...place, path: decoded.path }, message, `\`${role.name}\` takes: ${takes}`)
    return undefined
  }
  const known = role.parameters.map(({ name }) => name)
  if (json !== undefined) refuseUnknownMembers(json, known, place, sink)
  return json === undefined ? {} : { with: json }
}
