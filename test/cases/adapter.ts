// What stands between a source of cases and Edict: the form of a case file, and what an adapter makes of it.
import type { DecisionRequest, EntityData, JsonObject, JsonValue, Schema } from '@edict/policy-lang'

/** An adapter: the export `adapt` of `adapters/<source>.ts`. It sees one policy set at a time. */
export type Adapt = (set: CaseSet, options: AdaptOptions) => AdaptedSet

export interface AdaptOptions {
  /** What our translation declares: types with attributes and parents, roles with parameters. */
  readonly schema: Schema
  /** The folder of case files, for what stands beside them. */
  readonly folder: string
}

/** A policy set as the runner asks it. */
export interface AdaptedSet {
  /** What the decision point holds: the source's entities, objects, relationships. */
  readonly data: EntityData
  /** Called once for each request of the set, in their order. The runner knows what is expected, not the adapter. */
  readonly toQuestion: (request: CaseRequest) => Question
}

export interface Question {
  readonly request: DecisionRequest
  /** Held instead of the set's `data` for this question; the same object for questions that share it. */
  readonly data?: EntityData
  /** The clock, as an RFC 3339 instant. A started server has its own: such a question is asked in-process only. */
  readonly now?: string
}

/** One policy set of a case file. Members that only some sources have are read with `set['member']`. */
export interface CaseSet {
  readonly id: string
  readonly requests: readonly CaseRequest[]
  readonly entities?: readonly CaseEntity[]
  readonly objects?: readonly CaseEntity[]
  readonly relationships?: readonly CaseRelationship[]
  readonly [member: string]: unknown
}

/** One request. Whatever `expected` says, only `allow` is an allow. */
export interface CaseRequest {
  /** Its number within the set; where a source leaves it out, its place, from 1. */
  readonly n: number
  readonly subject: CaseEntity
  readonly action: string
  readonly resource: CaseEntity
  readonly context?: JsonObject
  readonly expected: string
  /** What the source calls it. */
  readonly description?: unknown
  readonly test?: unknown
  readonly [member: string]: unknown
}

export interface CaseRef {
  readonly type: string
  readonly id: string
}

export interface CaseEntity extends CaseRef {
  readonly properties?: JsonObject
  /** Directly above. */
  readonly parents?: readonly CaseRef[]
  /** All above, in requests. */
  readonly ancestors?: readonly CaseRef[]
  readonly [member: string]: unknown
}

export interface CaseRelationship {
  /** With `relation`: whoever stands in that relation to it. `id: "*"`: every entity of the type. */
  readonly subject: CaseRef & { readonly relation?: string }
  readonly relation: string
  readonly resource: CaseRef
  readonly condition?: { readonly name: string; readonly context?: JsonObject }
  readonly expiration?: JsonValue
  readonly [member: string]: unknown
}
