import type { IgnoredInput } from '../model/answer.ts'
import { decodeReference, decodeValue, isIllTyped, isJsonObject, memberOf } from '../model/decode-value.ts'
import type { AssignmentRecord, ScopeRecord } from '../model/entity-data.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import type { ProgramRole } from '../program/program.ts'
import { readParameters } from './assignments.ts'
import { memberInside } from './facts.ts'
import type { LinkedProgram, LinkedType } from './link.ts'
import type { EntityInput } from './read-request.ts'

/** Roles that a request gives its subject, and what it said in vain. */
export interface RequestRoles {
  readonly assignments: readonly AssignmentRecord[]
  readonly ignored: readonly IgnoredInput[]
}

/** Reads `roles` beside `properties`, or inside where that is no attribute. */
export function readRequestRoles(
  subject: EntityInput,
  type: LinkedType,
  linked: LinkedProgram,
): RequestRoles {
  const { json, path } = findRoles(subject, type)
  if (json === undefined) return { assignments: [], ignored: [] }
  if (type.schema.hasStoredRoles) {
    const message = `roles of \`${type.schema.name}\` come from the store alone`
    return { assignments: [], ignored: [{ path, message }] }
  }
  if (!Array.isArray(json)) return { assignments: [], ignored: [{ path, message: 'is no array' }] }
  const assignments: AssignmentRecord[] = []
  const ignored: IgnoredInput[] = []
  for (const [index, item] of (json as readonly JsonValue[]).entries()) {
    const read = readRole(item, subject, linked)
    if (typeof read === 'string') ignored.push({ path: `${path}${pathStep(index)}`, message: read })
    else assignments.push(read)
  }
  return { assignments, ignored }
}

function findRoles(subject: EntityInput, type: LinkedType): { json: JsonValue | undefined; path: string } {
  if (subject.roles !== undefined) return { json: subject.roles, path: `${subject.path}.roles` }
  return { json: memberInside(subject, 'roles', type), path: `${subject.path}.properties.roles` }
}

/** The assignment, or why there is none. */
function readRole(json: JsonValue, subject: EntityInput, linked: LinkedProgram): AssignmentRecord | string {
  if (typeof json === 'string') return readAssignment({ role: json, on: '*' }, subject, linked)
  return isJsonObject(json) ? readAssignment(json, subject, linked) : 'is no role'
}

function readAssignment(
  json: JsonObject,
  { ref }: EntityInput,
  linked: LinkedProgram,
): AssignmentRecord | string {
  const name = memberOf(json, 'role')
  if (typeof name !== 'string') return 'names no role'
  const role = linked.roles.get(name)?.role
  if (role === undefined) return `there is no role \`${name}\``
  const on = readScope(memberOf(json, 'on'), linked)
  if (on === undefined) return 'has no `on` that is an entity, a type or "*"'
  const expires = memberOf(json, 'expires')
  if (isIllTyped(decodeValue(expires, { kind: 'datetime' }, ''))) return 'has an ill-typed `expires`'
  const parameters = readWith(memberOf(json, 'with'), role)
  if (typeof parameters === 'string') return parameters
  return {
    role: name,
    to: { type: ref.type, id: ref.id },
    on,
    with: parameters,
    ...(expires !== undefined && { expires: expires as string | number }),
  }
}

function readScope(json: JsonValue | undefined, linked: LinkedProgram): ScopeRecord | undefined {
  if (json === '*') return json
  if (!isJsonObject(json)) return undefined
  const type = memberOf(json, 'type')
  if (typeof type !== 'string' || !linked.types.has(type)) return undefined
  if (memberOf(json, 'id') === undefined) return { type }
  const reference = decodeReference(json)
  return reference && { type, id: reference.id }
}

function readWith(json: JsonValue | undefined, role: ProgramRole): JsonObject | string {
  if (json !== undefined && !isJsonObject(json)) return 'has a `with` that is no object'
  const parameters = readParameters(json ?? {}, role.parameters, '$')
  return 'kind' in parameters ? `lacks parameters of \`${role.name}\`: ${parameters.message}` : (json ?? {})
}
