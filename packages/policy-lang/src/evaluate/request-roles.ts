import { suggestName } from '../diagnostics/suggest.ts'
import type { IgnoredInput } from '../model/answer.ts'
import {
  decodeReference,
  decodeValue,
  isIllTyped,
  isJsonObject,
  isTypeAlone,
  memberOf,
} from '../model/decode-value.ts'
import type { AssignmentRecord, ScopeRecord } from '../model/entity-data.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import { shortenText } from '../model/short-text.ts'
import type { ProgramRole } from '../program/program.ts'
import { readParameters } from './assignment-index.ts'
import { memberInside } from './facts.ts'
import type { LinkedProgram, LinkedType } from './link.ts'
import type { EntityInput } from './read-request.ts'

/** Roles that a request gives its subject, and what it said in vain. */
export interface RequestRoles {
  readonly assignments: readonly AssignmentRecord[]
  readonly ignored: readonly IgnoredInput[]
  /** JSON paths where they could stand. */
  readonly paths: readonly string[]
}

/** Not `to`: it is always this subject. */
const MEMBERS = ['role', 'on', 'with', 'expires'] as const
const REFERENCE_MEMBERS = ['type', 'id'] as const

/** Reads `roles` beside `properties`, or inside where that is no attribute. */
export function readRequestRoles(
  subject: EntityInput,
  type: LinkedType,
  linked: LinkedProgram,
): RequestRoles {
  const isInsideAllowed = !type.attributes.has('roles')
  const [beside, inside] = [`${subject.path}.roles`, `${subject.path}.properties.roles`]
  const paths = isInsideAllowed ? [beside, inside] : [beside]
  const json = subject.roles ?? memberInside(subject, 'roles', type)
  const path = subject.roles === undefined ? inside : beside
  if (json === undefined)
    return { assignments: [], ignored: [], paths: type.schema.hasStoredRoles ? [] : paths }
  if (type.schema.hasStoredRoles) {
    const message = `roles of \`${type.schema.name}\` come from the store alone`
    return { assignments: [], ignored: [{ path, message }], paths: [] }
  }
  if (!Array.isArray(json))
    return { assignments: [], ignored: [{ path, message: 'must be an array' }], paths }
  return { ...readRoles(json, path, subject, linked), paths }
}

function readRoles(
  json: readonly JsonValue[],
  path: string,
  subject: EntityInput,
  linked: LinkedProgram,
): Omit<RequestRoles, 'paths'> {
  const assignments: AssignmentRecord[] = []
  const ignored: IgnoredInput[] = []
  for (const [index, item] of json.entries()) {
    const read = readRole(item, subject, linked)
    if (typeof read === 'string') ignored.push({ path: `${path}${pathStep(index)}`, message: read })
    else assignments.push(read)
  }
  return { assignments, ignored }
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
  if (role === undefined) return `there is no role \`${shortenText(name)}\``
  const stray = findStray(json, MEMBERS)
  if (stray !== undefined) return stray
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
  if (isTypeAlone(json)) return { type }
  if (findStray(json, REFERENCE_MEMBERS) !== undefined) return undefined
  const reference = decodeReference(json)
  return reference && { type, id: reference.id }
}

/** A misspelt `expires` would give the role without end: an entry with a member that means nothing does not count. */
function findStray(json: JsonObject, known: readonly string[]): string | undefined {
  const stray = Object.keys(json).find((name) => !known.includes(name))
  if (stray === undefined) return undefined
  const near = suggestName(stray, known)
  const hint = near === undefined ? '' : `; did you mean \`${near}\`?`
  return `has a member \`${shortenText(stray)}\` that means nothing${hint}`
}

function readWith(json: JsonValue | undefined, role: ProgramRole): JsonObject | string {
  if (json !== undefined && !isJsonObject(json)) return 'has a `with` that is no object'
  const known = role.parameters.map(({ name }) => name)
  const stray = json && findStray(json, known)
  if (stray !== undefined) return `has a \`with\` that ${stray}`
  const parameters = readParameters(json ?? {}, role.parameters, '$')
  return 'kind' in parameters ? `lacks parameters of \`${role.name}\`: ${parameters.message}` : (json ?? {})
}
