// A store as the fast form reads it: entities and what lies above them behind Maps by type and id, found once for as
// long as the store stays the same. It holds nothing of a request.
import { decodeParents } from '../evaluate/facts.ts'
import type { EntityStore, StoredEntity } from '../model/entity-data.ts'
import type { JsonEntityRef, JsonObject, JsonValue } from '../model/request.ts'

/** What a store knows of one entity. */
export interface EntityNode {
  readonly state: 'stored' | 'absent' | 'unavailable'
  readonly isStored: boolean
  readonly properties: JsonObject
  /** Attributes of which a decision takes no more than a look, in the fast form. */
  readonly fast: FastAttributes
  /** What lies above it; `undefined` until somebody asks. */
  above: Above | undefined
  /** The same and itself: what all lie below that have it as their one parent. `undefined` until somebody asks. */
  withAbove: Above | undefined
  readonly stored: StoredEntity | undefined
}

/** By name: the value, `undefined` where an optional one is absent, FAIL for what is not as declared. */
export type FastAttributes = Readonly<Record<string, unknown>>

/** Everything that one entity lies below, itself left out. */
export interface Above {
  /** Ids by type. */
  readonly byType: ReadonlyMap<string, ReadonlySet<string>>
  /** One of these, found without looking for it. */
  readonly firstType: string | undefined
  readonly firstIds: ReadonlySet<string> | undefined
  /** Types of entities, the lowest included, whose parents are not known. */
  readonly unknown: readonly string[]
  readonly size: number
  /** Of the view when this was found: another one by now, and it is to be found again. */
  readonly era: number
  /** The same entities by their numbers in the view; `undefined` until somebody asks. */
  places: Places | undefined
}

/** Entities by their numbers in a view. */
export interface Places {
  readonly list: readonly number[]
  readonly set: ReadonlySet<number>
}

/** Of `FollowedChanges`, what is about entities. */
interface FollowedEntities {
  readonly entities: readonly JsonEntityRef[]
  readonly isAboveOthers: boolean
}

export interface EntityView {
  readonly node: (type: string, id: string) => EntityNode
  /** The same; subjects, and resources, are of the same type time and again. */
  readonly subjectNode: (type: string, id: string) => EntityNode
  readonly resourceNode: (type: string, id: string) => EntityNode
  readonly above: (type: string, id: string) => Above
  /** What lies above an entity whose parents are sent as this JSON. */
  readonly aboveParents: (type: string, parents: JsonValue) => Above
  /** The number of an entity, whether it is stored or not: one that something is assigned on, or that lies above others. */
  readonly placeOf: (type: string, id: string) => number
  readonly placesOf: (above: Above) => Places
  /** Changes whenever what lies above some entity may have. */
  readonly era: () => number
  /** Goes on with a later store, of which only what is said of these entities is other than before. */
  readonly follow: (store: EntityStore, changed: FollowedEntities) => void
}

/** Types whose entities may lie below others, with the types directly above. */
export type ParentTypes = ReadonlyMap<string, readonly string[]>

const NOTHING: JsonObject = Object.freeze({})
const ABSENT: EntityNode = {
  state: 'absent',
  isStored: false,
  properties: NOTHING,
  fast: NOTHING,
  above: undefined,
  withAbove: undefined,
  stored: undefined,
}
const UNAVAILABLE: EntityNode = { ...ABSENT, state: 'unavailable' }
const NO_PLACES: Places = { list: [], set: new Set() }
export const NOTHING_ABOVE: Above = {
  byType: new Map(),
  firstType: undefined,
  firstIds: undefined,
  unknown: [],
  size: 0,
  era: 0,
  places: NO_PLACES,
}

/** How many entities are remembered of a store that holds more than fit. */
const MAX_REMEMBERED = 2_000_000

export interface EntityShapes {
  readonly parentTypes: ParentTypes
  readonly decode: (type: string, properties: JsonObject) => FastAttributes
}

export function createEntityView(first: EntityStore, { parentTypes, decode }: EntityShapes): EntityView {
  let store = first
  const known = new Map<string, Map<string, EntityNode>>()
  const asSubject = createTypeCursor(known)
  const asResource = createTypeCursor(known)
  const aboveUnknown = new Map<string, Above>()
  const places = new Map<string, Map<string, number>>()
  let remembered = 0
  let placeCount = 0
  let era = 0

  function node(type: string, id: string): EntityNode {
    return known.get(type)?.get(id) ?? load(type, id)
  }

  function load(type: string, id: string): EntityNode {
    const stored = store.entity({ type, id })
    if (stored === 'absent') return ABSENT
    if (stored === 'unavailable') return UNAVAILABLE
    const properties = toOwn(stored.properties ?? NOTHING)
    return remember(type, id, {
      state: 'stored',
      isStored: true,
      properties,
      fast: decode(type, properties),
      above: undefined,
      withAbove: undefined,
      stored,
    })
  }

  function remember(type: string, id: string, fresh: EntityNode): EntityNode {
    if (remembered === MAX_REMEMBERED) {
      for (const ofType of known.values()) ofType.clear()
      remembered = 0
    }
    remembered += 1
    const ofType = known.get(type) ?? new Map<string, EntityNode>()
    known.set(type, ofType.set(id, fresh))
    return fresh
  }

  function follow(next: EntityStore, { entities, isAboveOthers }: FollowedEntities): void {
    store = next
    // What lies above others is a part of what is known of them: it is found again once somebody asks.
    if (isAboveOthers) era += 1
    for (const { type, id } of entities) if (known.get(type)?.delete(id) === true) remembered -= 1
  }

  function above(type: string, id: string): Above {
    const types = parentTypes.get(type)
    if (types === undefined) return NOTHING_ABOVE
    const start = node(type, id)
    if (start.state !== 'stored') return unknownAbove(type)
    if (start.above?.era !== era) start.above = collectAbove(type, id)
    return start.above
  }

  /** Shared: it is asked for whenever a request speaks of an entity that is not stored. */
  function unknownAbove(type: string): Above {
    const shared = aboveUnknown.get(type) ?? { ...NOTHING_ABOVE, unknown: [type] }
    aboveUnknown.set(type, shared)
    return shared
  }

  function collectAbove(type: string, id: string): Above {
    const parents = parentsOf(type, id)
    const [only] = parents ?? []
    return parents?.length === 1 && only !== undefined
      ? collectWith(only)
      : collectFrom([{ type, id }], new Map())
  }

  /** Shared by all children of a parent: these are many, and a search asks about all of them. */
  function collectWith(parent: { readonly type: string; readonly id: string }): Above {
    const start = node(parent.type, parent.id)
    if (start.withAbove?.era === era) return start.withAbove
    const byType = new Map<string, Set<string>>()
    addTo(byType, parent)
    const above = collectFrom([parent], byType)
    // What is not stored is one node for all.
    if (start.isStored) start.withAbove = above
    return above
  }

  function aboveParents(type: string, json: JsonValue): Above {
    const parents = decodeParents(json, parentTypes.get(type) ?? [])
    if (parents === undefined) return unknownAbove(type)
    const byType = new Map<string, Set<string>>()
    for (const parent of parents) addTo(byType, parent)
    return collectFrom([...parents], byType)
  }

  function collectFrom(
    pending: { readonly type: string; readonly id: string }[],
    byType: Map<string, Set<string>>,
  ): Above {
    const unknown = new Set<string>()
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
      const parents = parentsOf(current.type, current.id)
      if (parents === undefined) unknown.add(current.type)
      for (const parent of parents ?? []) if (addTo(byType, parent)) pending.push(parent)
    }
    const size = [...byType.values()].reduce((sum, ids) => sum + ids.size, 0)
    const [[firstType, firstIds] = []] = byType
    const places = size === 0 ? NO_PLACES : undefined
    return { byType, firstType, firstIds, unknown: [...unknown], size, era, places }
  }

  function placeOf(type: string, id: string): number {
    const ofType = places.get(type) ?? new Map<string, number>()
    places.set(type, ofType)
    const known = ofType.get(id)
    if (known !== undefined) return known
    placeCount += 1
    ofType.set(id, placeCount)
    return placeCount
  }

  function placesOf(above: Above): Places {
    if (above.places !== undefined) return above.places
    const list = [...above.byType].flatMap(([type, ids]) => [...ids].map((id) => placeOf(type, id)))
    above.places = { list, set: new Set(list) }
    return above.places
  }

  /** `undefined` where they are not known: one that may not stand there makes all unknown. */
  function parentsOf(
    type: string,
    id: string,
  ): readonly { readonly type: string; readonly id: string }[] | undefined {
    const allowed = parentTypes.get(type)
    if (allowed === undefined) return []
    const { stored } = node(type, id)
    if (stored === undefined) return undefined
    return decodeParents((stored.parents ?? []) as unknown as JsonValue, allowed)
  }

  return {
    node,
    subjectNode: (type, id) => asSubject(type)?.get(id) ?? load(type, id),
    resourceNode: (type, id) => asResource(type)?.get(id) ?? load(type, id),
    above,
    aboveParents,
    placeOf,
    placesOf,
    era: () => era,
    follow,
  }
}

/** What an object inherits is none of the entity's: attributes are then read by name alone. */
function toOwn(properties: JsonObject): JsonObject {
  const isPlain = Object.getPrototypeOf(properties) === Object.prototype
  return isPlain ? properties : Object.fromEntries(Object.entries(properties))
}

/** Finds the entries of a type, without looking for it where it is the one of before. */
export function createTypeCursor<T>(entries: ReadonlyMap<string, T>): (type: string) => T | undefined {
  let lastType: string | undefined
  let last: T | undefined
  return (type) => {
    if (type === lastType && last !== undefined) return last
    lastType = type
    last = entries.get(type)
    return last
  }
}

function addTo(
  byType: Map<string, Set<string>>,
  { type, id }: { readonly type: string; readonly id: string },
): boolean {
  const ids = byType.get(type) ?? new Set<string>()
  byType.set(type, ids)
  if (ids.has(id)) return false
  ids.add(id)
  return true
}
