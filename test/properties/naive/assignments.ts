// Assignments of policy text, of entity data and of the request's `roles`, all in one form.
import type { Assignment } from '../../../packages/policy-lang/src/ast/nodes.ts'
import type { AssignmentRecord } from '../../../packages/policy-lang/src/model/entity-data.ts'
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'
import { decode, member } from './decode.ts'
import { evaluate, type Scope } from './expressions.ts'
import { sentMember, type World } from './facts.ts'
import { readEpoch, readInstant } from './times.ts'
import { ABSENT, type Outcome, type Reference, reference } from './values.ts'

export type Target =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'entity'; readonly entity: Reference }
  | { readonly kind: 'holders'; readonly role: string; readonly on: Reference }

export type Place =
  | { readonly kind: 'everything' }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'entity'; readonly entity: Reference }

export interface Given {
  readonly role: string
  readonly to: Target
  readonly on: Place
  readonly parameters: ReadonlyMap<string, Outcome>
  /** Counts while now is before this; undefined: for ever. */
  readonly until: number | undefined
}

function fromPolicy(assignment: Assignment, scope: Scope): Given {
  const { to, on } = assignment
  const constant = { ...scope, resource: undefined, names: new Map() }
  const parameters = new Map<string, Outcome>()
  for (const name of scope.world.schema.roles.get(assignment.role.name)?.parameters.keys() ?? []) {
    const argument = assignment.arguments.find((each) => each.name.name === name)
    parameters.set(name, argument === undefined ? ABSENT : evaluate(argument.value, constant, false))
  }
  const until = assignment.until && evaluate(assignment.until, constant, false)
  if (until !== undefined && until.kind !== 'instant') throw new Error('`until` is no datetime')
  return { role: assignment.role.name, to: readTo(to), on: readOn(on), parameters, until: until?.ms }
}

function readTo(to: Assignment['to']): Target {
  if (to.kind === 'entity') return { kind: 'entity', entity: reference(to.type.name, to.id) }
  if (to.kind === 'anyOf') return { kind: 'type', type: to.type.name }
  if (to.kind === 'anyone') return { kind: 'everyone' }
  return { kind: 'holders', role: to.role.name, on: reference(to.on.type.name, to.on.id) }
}

function readOn(on: Assignment['on']): Place {
  if (on === undefined) return { kind: 'everything' }
  if (on.kind === 'anyOf') return { kind: 'type', type: on.type.name }
  return { kind: 'entity', entity: reference(on.type.name, on.id) }
}

/** A place or target in JSON, or nothing where it is none. */
function readPlace(json: JsonValue | undefined, world: World): Place | undefined {
  if (json === '*') return { kind: 'everything' }
  const type = member(json, 'type')
  const id = member(json, 'id')
  if (typeof type !== 'string' || !world.schema.types.has(type)) return undefined
  if (Object.keys(json as object).length === 1) return { kind: 'type', type }
  if (!hasOnly(json, ['type', 'id'])) return undefined
  return typeof id === 'string' ? { kind: 'entity', entity: reference(type, id) } : undefined
}

/** Whether an object has no other members than these. */
function hasOnly(json: JsonValue | undefined, names: readonly string[]): boolean {
  return Object.keys((json ?? {}) as object).every((name) => names.includes(name))
}

function readTarget(json: JsonValue, world: World): Target | undefined {
  const role = member(json, 'role')
  if (typeof role === 'string') {
    const on = readPlace(member(json, 'on'), world)
    return on?.kind === 'entity' ? { kind: 'holders', role, on: on.entity } : undefined
  }
  const place = readPlace(json, world)
  return place?.kind === 'everything' ? { kind: 'everyone' } : place
}

/** The parameters of a role out of `with`, or nothing where one is ill-typed or missing. */
function readParameters(json: JsonValue | undefined, role: string, world: World) {
  const parameters = new Map<string, Outcome>()
  const declared = world.schema.roles.get(role)?.parameters
  if (!hasOnly(json, [...(declared?.keys() ?? [])])) return undefined
  for (const [name, { type, isOptional }] of declared ?? []) {
    const value = decode(member(json, name), type, world.schema)
    if (value === 'illTyped' || (value === undefined && !isOptional)) return undefined
    parameters.set(name, value ?? ABSENT)
  }
  return parameters
}

function readExpires(json: JsonValue | undefined): number | 'never' | undefined {
  if (json === undefined) return 'never'
  if (typeof json === 'string') return readInstant(json)
  return typeof json === 'number' ? readEpoch(json) : undefined
}

/** An assignment in JSON, or nothing where a part of it is wrong. */
function fromJson(json: JsonValue, to: Target | undefined, world: World): Given | undefined {
  const role = member(json, 'role')
  if (typeof role !== 'string' || !world.schema.roles.has(role)) return undefined
  if (!hasOnly(json, ['role', 'to', 'on', 'with', 'expires'])) return undefined
  const on = readPlace(member(json, 'on'), world)
  const parameters = readParameters(member(json, 'with'), role, world)
  const expires = readExpires(member(json, 'expires'))
  if (to === undefined || on === undefined || parameters === undefined || expires === undefined)
    return undefined
  return { role, to, on, parameters, until: expires === 'never' ? undefined : expires }
}

function fromData(record: AssignmentRecord, world: World): Given {
  const json = record as unknown as JsonValue
  const given = fromJson(json, readTarget(member(json, 'to') ?? null, world), world)
  if (given === undefined) throw new Error(`the data set does not load: ${JSON.stringify(record)}`)
  return given
}

function fromRequest(world: World): readonly Given[] {
  const { subject } = world.request
  const type = world.schema.types.get(subject.type)
  if (type === undefined || type.hasStoredRoles) return []
  const roles = sentMember(subject as unknown as JsonValue, 'roles', type)
  if (!Array.isArray(roles)) return []
  const to: Target = { kind: 'entity', entity: reference(subject.type, subject.id) }
  return (roles as readonly JsonValue[]).flatMap((item) => {
    const json = typeof item === 'string' ? { role: item, on: '*' } : item
    if (Object.hasOwn(Object(json), 'to')) return []
    return fromJson(json, to, world) ?? []
  })
}

/** Every assignment there is. `scope` is that of constants. */
export function collectAssignments(scope: Scope): readonly Given[] {
  const { world } = scope
  return [
    ...world.schema.assignments.map((assignment) => fromPolicy(assignment, scope)),
    ...(world.data.assignments ?? []).map((record) => fromData(record, world)),
    ...fromRequest(world),
  ]
}
