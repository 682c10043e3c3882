/** Any value of JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** `{type, id}`: how a reference stands in JSON. */
export interface JsonEntityRef {
  readonly type: string
  readonly id: string
}

/**
 * One authorization question, in the entity shape of AuthZEN 1.0 §5.
 * Undeclared properties and members are ignored; `null` counts as not sent.
 */
export interface DecisionRequest {
  readonly subject: RequestSubject
  readonly action: RequestAction
  readonly resource: RequestEntity
  readonly context?: JsonObject
  /** Facts about other entities. They count only for entities that the store does not hold. */
  readonly entities?: readonly RequestEntity[]
}

/** An entity of the request. With `properties` (also `{}`) it is known. */
export interface RequestEntity extends JsonEntityRef {
  readonly properties?: JsonObject
  /** Entities directly above. They replace stored parents, unless these are declared `stored`. */
  readonly parents?: readonly JsonEntityRef[]
}

export interface RequestSubject extends RequestEntity {
  /** A role's name (held on everything) or an assignment to this subject. Added to stored assignments. */
  readonly roles?: readonly (string | RequestRole)[]
}

export interface RequestRole {
  readonly role: string
  /** `"*"`: everything. */
  readonly on: JsonEntityRef | { readonly type: string } | '*'
  readonly with?: JsonObject
  readonly expires?: string | number
}

export interface RequestAction {
  readonly name: string
  /** `action.p` in a policy is `properties.p` here. */
  readonly properties?: JsonObject
}
