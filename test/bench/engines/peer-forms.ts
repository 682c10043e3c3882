import type { DecisionRequest, JsonObject, JsonValue } from '../../../packages/policy-lang/src/index.ts'

/**
 * A workload in the form of each peer, as plain data: the workloads know no peer, and the peers no workload.
 * A form that is not there: the peer has no way to say it.
 */
export interface PeerForms<R = DecisionRequest> {
  readonly cedar?: () => CedarForm<R>
  readonly casbin?: () => CasbinForm<R>
  readonly casl?: () => CaslForm<R>
  readonly accesscontrol?: () => AccessControlForm<R>
  readonly cel?: () => CelForm<R>
}

export interface CedarUid {
  readonly type: string
  readonly id: string
}
export interface CedarEntity {
  readonly uid: CedarUid
  readonly attrs: { readonly [name: string]: CedarValue }
  readonly parents: readonly CedarUid[]
}
export type CedarValue =
  | boolean
  | number
  | string
  | { readonly __entity: CedarUid }
  | readonly CedarValue[]
  | { readonly [name: string]: CedarValue }

export interface CedarForm<R> {
  readonly policies: string
  /** The entities that this request needs, cut beforehand. */
  readonly entitiesOf: (request: R) => readonly CedarEntity[]
  readonly contextOf?: (request: R) => { readonly [name: string]: CedarValue }
}

export interface CasbinForm<R> {
  readonly model: string
  /** Lines of the policy, one array each, the first member is its section (`p`, `g`). */
  readonly lines: readonly (readonly string[])[]
  readonly argumentsOf: (request: R) => readonly unknown[]
}

export interface CaslRule {
  readonly action: string | readonly string[]
  readonly subject: string
  readonly conditions?: JsonObject
  readonly inverted?: boolean
}
export interface CaslForm<R> {
  /** Requests of one key share one ability, made beforehand. */
  readonly abilityKeyOf: (request: R) => string
  readonly rulesOf: (request: R) => readonly CaslRule[]
  /** The attributes that conditions ask for, made beforehand. Left out: the type alone is asked for. */
  readonly objectOf?: (request: R) => { readonly [name: string]: JsonValue }
}

export interface AccessControlGrant {
  readonly role: string
  readonly resource: string
  readonly action: string
  readonly condition?: JsonValue
  readonly effect?: 'grant' | 'deny'
}
export interface AccessControlForm<R> {
  readonly grants: readonly AccessControlGrant[]
  /** Which roles a role takes over. */
  readonly extend?: ReadonlyMap<string, readonly string[]>
  readonly rolesOf: (request: R) => readonly string[]
  readonly contextOf?: (request: R) => { readonly [name: string]: unknown }
}

export interface CelRule {
  readonly effect: 'allow' | 'deny'
  readonly actions: readonly string[]
  readonly type: string
  readonly expression: string
}
export interface CelForm<R> {
  readonly rules: readonly CelRule[]
  /** The variables of the expressions, made beforehand. */
  readonly variablesOf: (request: R) => { readonly [name: string]: unknown }
}
