// The question and the answer as they stand on the wire. Written out here, since this package has no dependency;
// test/client-types.test.ts holds them equal to the types of the engine.

/** Any value of JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** `{type, id}`: which entity. */
export interface JsonEntityRef {
  readonly type: string
  readonly id: string
}

/** One authorization question, in the entity shape of AuthZEN 1.0 §5. `null` counts as not sent. */
export interface DecisionRequest {
  readonly subject: RequestSubject
  readonly action: RequestAction
  readonly resource: RequestEntity
  readonly context?: JsonObject
  /** Facts about other entities. They count only for entities that the decision point does not hold itself. */
  readonly entities?: readonly RequestEntity[]
}

/**
 * The same question about the end user whom a token names: the decision point verifies it, and takes subject and
 * `context.token` from it alone. Only for decision points with `subjectIssuers`.
 */
export interface TokenRequest extends Omit<DecisionRequest, 'subject'> {
  /** As the end user sent it, without `Bearer`. */
  readonly token: string
  readonly subject?: never
}

/** An entity of the request. With `properties` (also `{}`) it is known. */
export interface RequestEntity extends JsonEntityRef {
  readonly properties?: JsonObject
  /** Entities directly above. They replace stored parents, unless the policy declares these `stored`. */
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
  /** RFC 3339, a date, or epoch seconds. */
  readonly expires?: string | number
}

export interface RequestAction {
  readonly name: string
  /** `action.p` in a policy is `properties.p` here. */
  readonly properties?: JsonObject
}

export type Decision = 'allow' | 'deny'

/** Why a decision fell. `rule` is the id of a rule or of a role's grant. */
export type Reason = { readonly rule: string } | { readonly builtin: BuiltinReason }

export type BuiltinReason = 'default' | 'unknownType' | 'unknownAction' | 'budgetExceeded'

/** An obligation (must be carried out, or the answer counts as deny) or an advice (may be ignored). */
export interface AnswerDuty {
  readonly name: string
  readonly args: { readonly [name: string]: JsonValue }
}

/** Lines and columns start at 1. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A rule that could not be evaluated in full. */
export interface EvaluationError {
  readonly rule: string
  readonly kind: 'condition' | 'obligation' | 'advice'
  readonly message: string
  readonly location: Location
  /** JSON path of the input that was missing or of the wrong type, where there is one. */
  readonly path?: string
}

/** A part of the request that had no effect, and why. */
export interface IgnoredInput {
  readonly path: string
  readonly message: string
}

/** How long an answer holds while policy and data stay: not at all, or until an instant (`null`: no limit). */
export type Cacheable = false | { readonly until: string | null }

/** The facts an answer rests on. */
export interface Footprint {
  readonly request: readonly string[]
  readonly attributes: readonly { readonly type: string; readonly attribute: string }[]
  readonly parents: readonly string[]
  readonly assignments: readonly string[]
}

/** The decision point's answer. */
export interface Answer {
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  readonly obligations: readonly AnswerDuty[]
  readonly advice: readonly AnswerDuty[]
  readonly errors: readonly EvaluationError[]
  /** How many errors there are in all; `errors` may hold fewer. */
  readonly errorCount: number
  readonly policyVersion: string
  readonly cacheable: Cacheable
  readonly ignored?: readonly IgnoredInput[]
  readonly footprint?: Footprint
}
