import type { JsonEntityRef, JsonObject } from './request.ts'

/** Entity data as it stands in JSON files. */
export interface EntityData {
  readonly entities?: readonly EntityRecord[]
  readonly assignments?: readonly AssignmentRecord[]
}

export interface EntityRecord extends JsonEntityRef {
  readonly properties?: JsonObject
  /** Left out: none. */
  readonly parents?: readonly JsonEntityRef[]
}

/** To whom: an entity (for a group: everyone in it), a type, everyone, or the holders of a role on an entity. */
export type TargetRecord =
  | JsonEntityRef
  | { readonly type: string }
  | '*'
  | { readonly role: string; readonly on: JsonEntityRef }
/** Where: an entity, a type, or everything. */
export type ScopeRecord = JsonEntityRef | { readonly type: string } | '*'

export interface AssignmentRecord {
  readonly role: string
  readonly to: TargetRecord
  readonly on: ScopeRecord
  /** The role's parameters. */
  readonly with?: JsonObject
  /** The assignment counts while now < expires. RFC 3339, a date, or epoch seconds. */
  readonly expires?: string | number
}

/** An entity as a store holds it. */
export interface StoredEntity {
  readonly properties: JsonObject
  readonly parents: readonly JsonEntityRef[]
}

/**
 * Where the engine reads entity data: small and synchronous, so that any store, prefetcher or cache can stand
 * behind it. All answers of one store object belong to one `version`.
 */
export interface EntityStore {
  /** `absent`: the store answers for all entities and this is none of them. `unavailable`: it cannot say. */
  entity(ref: JsonEntityRef): StoredEntity | 'absent' | 'unavailable'
  /** Assignments with exactly this `to`. */
  assignmentsTo(target: TargetRecord): readonly AssignmentRecord[]
  /** Assignments with exactly this `on`. */
  assignmentsOn(scope: ScopeRecord): readonly AssignmentRecord[]
  /**
   * Roles that some assignment gives to the holders of a role. Where a store tells them, assignments to everybody else
   * are looked up by whom they are to; left out: any role may be.
   */
  readonly rolesToHolders?: readonly string[]
  /** Entities of a type by id in code-point order, from behind `after`, at most `limit`. */
  entitiesOf(type: string, after?: string, limit?: number): readonly JsonEntityRef[]
  /** Changes whenever the data does. */
  readonly version: string
  /**
   * All that may differ from an earlier store, so that what was made of that one need not be made anew. Undefined, or
   * left out: anything may.
   */
  changesSince?(previous: EntityStore): StoreChanges | undefined
}

/** What differs between two stores. */
export interface StoreChanges {
  /** Entities that came, went, or have other properties or parents; some may be as they were. */
  readonly entities: readonly JsonEntityRef[]
  /** Assignments of the earlier store that the later one does not have: the same objects. */
  readonly gone: readonly AssignmentRecord[]
  /** Assignments of the later store that the earlier one does not have. */
  readonly come: readonly AssignmentRecord[]
}
