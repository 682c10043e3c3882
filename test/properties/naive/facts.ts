// What is known of entities and of the question: the request laid over the store, member by member.
import type { EntityData, EntityRecord } from '../../../packages/policy-lang/src/model/entity-data.ts'
import type {
  DecisionRequest,
  JsonEntityRef,
  JsonValue,
} from '../../../packages/policy-lang/src/model/request.ts'
import { type Decoded, decode, member } from './decode.ts'
import { type EntityType, type Field, type Fields as FieldTypes, type Schema, typesAbove } from './schema.ts'
import { ABSENT, bool, equal, FAILED, type Outcome, or, type Reference, reference, text } from './values.ts'

export interface World {
  readonly schema: Schema
  readonly request: DecisionRequest
  readonly data: EntityData
  /** Milliseconds since 1970, where there is a clock. */
  readonly now: number | undefined
  /** Entities of which the store cannot say whether it holds them. */
  readonly unavailable: readonly JsonEntityRef[]
}

const isThe = (json: JsonValue | undefined, ref: Reference): boolean =>
  member(json, 'type') === ref.type && member(json, 'id') === ref.id

const toJson = (value: unknown): JsonValue => value as JsonValue

const isUnavailable = (world: World, ref: Reference): boolean =>
  world.unavailable.some((each) => each.type === ref.type && each.id === ref.id)

function storedRecord(world: World, ref: Reference): EntityRecord | undefined {
  if (isUnavailable(world, ref)) return undefined
  return world.data.entities?.find((each) => each.type === ref.type && each.id === ref.id)
}

/** The subject and the resource of the request, where they are this entity. */
function askedAbout(world: World, ref: Reference): readonly JsonValue[] {
  return [toJson(world.request.subject), toJson(world.request.resource)].filter((each) => isThe(each, ref))
}

/** The entity as the request tells beside its subject and resource; counts only where the store says that it holds none. */
function toldBeside(world: World, ref: Reference): readonly JsonValue[] {
  if (isUnavailable(world, ref) || storedRecord(world, ref) !== undefined) return []
  return (world.request.entities ?? []).map(toJson).filter((each) => isThe(each, ref))
}

export function typeOf(world: World, ref: Reference): EntityType | undefined {
  return world.schema.types.get(ref.type)
}

function isKnown(world: World, ref: Reference): boolean {
  const type = typeOf(world, ref)
  if (type === undefined) return false
  if (type.attributes.size === 0 && type.above.length === 0) return true
  if (storedRecord(world, ref) !== undefined || toldBeside(world, ref).length > 0) return true
  return askedAbout(world, ref).some((each) => member(each, 'properties') !== undefined)
}

/** One attribute out of several tellings of one entity; `illTyped` where they differ. */
function unite(world: World, tellings: readonly JsonValue[], name: string, { type }: Field): Decoded {
  let united: Decoded
  for (const telling of tellings) {
    const value = decode(member(member(telling, 'properties'), name), type, world.schema)
    if (value === undefined) continue
    if (value === 'illTyped') return 'illTyped'
    if (united !== undefined && united !== 'illTyped' && !equal(united, value)) return 'illTyped'
    united = value
  }
  return united
}

function toOutcome(decoded: Decoded, isOptional: boolean): Outcome {
  if (decoded === 'illTyped') return FAILED
  if (decoded === undefined) return isOptional ? ABSENT : FAILED
  return decoded
}

/** `e.name`, or a failure where the type has no such attribute. */
export function readAttribute(world: World, ref: Reference, name: string): Outcome {
  if (name === 'id') return text(ref.id)
  const type = typeOf(world, ref)
  const field = type?.attributes.get(name)
  if (type === undefined || field === undefined) return FAILED
  const stored = storedRecord(world, ref)
  if (field.isStored && stored === undefined) return FAILED
  if (!isKnown(world, ref)) return FAILED
  const below = stored === undefined ? toldBeside(world, ref) : [toJson(stored)]
  const lower = unite(world, below, name, field)
  if (field.isStored) return toOutcome(lower, field.isOptional)
  const sent = unite(world, askedAbout(world, ref), name, field)
  // What lies below may be there and cannot be seen.
  if (sent === undefined && isUnavailable(world, ref)) return FAILED
  return toOutcome(sent ?? lower, field.isOptional)
}

/** Presence after the type has been asked: what cannot be read fails. */
export function hasValue(outcome: Outcome): Outcome {
  if (outcome.kind === 'failed') return FAILED
  return bool(outcome.kind !== 'absent')
}

export function hasAttribute(world: World, ref: Reference, name: string): Outcome {
  if (name === 'id') return bool(true)
  if (typeOf(world, ref)?.attributes.has(name) !== true) return bool(false)
  return hasValue(readAttribute(world, ref, name))
}

/** A field of `context` or a parameter of the action. */
export function readField(
  world: World,
  json: JsonValue | undefined,
  fields: FieldTypes,
  name: string,
): Outcome {
  const field = fields.get(name)
  if (field === undefined) return FAILED
  return toOutcome(decode(member(json, name), field.type, world.schema), field.isOptional)
}

// --- parents ---

/** Beside `properties`, else inside, unless the type has an attribute of that name. */
export function sentMember(entity: JsonValue, name: string, type: EntityType): JsonValue | undefined {
  const beside = member(entity, name)
  if (beside !== undefined || type.attributes.has(name)) return beside
  return member(member(entity, 'properties'), name)
}

type Parents = readonly Reference[] | 'unknown'

function readParents(json: JsonValue, type: EntityType): Parents {
  if (!Array.isArray(json)) return 'unknown'
  const parents: Reference[] = []
  for (const item of json as readonly JsonValue[]) {
    const parentType = member(item, 'type')
    const id = member(item, 'id')
    if (typeof parentType !== 'string' || typeof id !== 'string') return 'unknown'
    if (!type.above.includes(parentType)) return 'unknown'
    parents.push(reference(parentType, id))
  }
  return parents
}

const haveSameMembers = (a: readonly Reference[], b: readonly Reference[]): boolean =>
  a.every((x) => b.some((y) => equal(x, y))) && b.every((x) => a.some((y) => equal(x, y)))

/** Parents out of several tellings of one entity; unknown where they differ. */
function uniteParents(tellings: readonly JsonValue[], type: EntityType): Parents | undefined {
  let united: Parents | undefined
  for (const telling of tellings) {
    const json = sentMember(telling, 'parents', type)
    if (json === undefined) continue
    const parents = readParents(json, type)
    if (parents === 'unknown') return 'unknown'
    if (united !== undefined && united !== 'unknown' && !haveSameMembers(united, parents)) return 'unknown'
    united = parents
  }
  return united
}

/** The entities directly above. */
export function parentsOf(world: World, ref: Reference): Parents {
  const type = typeOf(world, ref)
  if (type === undefined || type.above.length === 0) return []
  const stored = storedRecord(world, ref)
  const storedParents = stored && readParents(toJson(stored.parents ?? []), type)
  if (type.hasStoredParents) return storedParents ?? 'unknown'
  const sent = uniteParents(askedAbout(world, ref), type)
  return sent ?? storedParents ?? uniteParents(toldBeside(world, ref), type) ?? 'unknown'
}

/** `e in f`: the `||` over all ways up that can still reach the type of f. */
export function isIn(world: World, e: Reference, f: Reference, seen: readonly Reference[] = []): Outcome {
  if (equal(e, f)) return bool(true)
  if (!typesAbove(world.schema, e.type).has(f.type)) return bool(false)
  if (seen.some((each) => equal(each, e))) return bool(false)
  const parents = parentsOf(world, e)
  if (parents === 'unknown') return FAILED
  return or(parents.map((parent) => isIn(world, parent, f, [...seen, e])))
}
