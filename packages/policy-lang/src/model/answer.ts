import type { Location } from '../diagnostics/span.ts'
import type { JsonValue } from './request.ts'

export type Decision = 'allow' | 'deny'

/** Why a decision fell. `rule` is the id of a rule or of a role's grant (`editor.edit.Document`). */
export type Reason = { readonly rule: string } | { readonly builtin: BuiltinReason }

/**
 * - `default`: no allow rule matched.
 * - `unknownType`: subject or resource type is not declared, or may not stand there.
 * - `unknownAction`: the resource type has no such action.
 * - `budgetExceeded`: the step budget ran out; never cached.
 */
export type BuiltinReason = 'default' | 'unknownType' | 'unknownAction' | 'budgetExceeded'

/** An obligation or an advice of an answer, arguments as JSON (docs/language.md, "Values as JSON"). */
export interface AnswerDuty {
  readonly name: string
  readonly args: { readonly [name: string]: JsonValue }
}

/** A rule that could not be evaluated in full. */
export interface EvaluationError {
  readonly rule: string
  readonly kind: 'condition' | 'obligation' | 'advice'
  /** What was missing, unknown, ill-typed or out of range, in plain words. Not compared between engines. */
  readonly message: string
  /** Where in the policy text. */
  readonly location: Location
  /** JSON path (`$.context.ip`) of the ill-typed or missing input, where there is one. */
  readonly path?: string
}

/** A part of the request, or of the entity data, that had no effect, and why. */
export interface IgnoredInput {
  /** JSON path in the request, such as `$.subject.roles[0]`; `store.assignments` for rows of the entity data. */
  readonly path: string
  readonly message: string
}

/**
 * How long an answer holds while policy and data stay as they are: not at all, or until an instant
 * (RFC 3339, UTC; `null`: no limit).
 */
export type Cacheable = false | { readonly until: string | null }

export interface Answer {
  readonly decision: Decision
  /** One determining reason; all of them, in code-point order, with `detail: "full"`. */
  readonly reasons: readonly Reason[]
  /** Complete, without duplicates, ordered by name then canonical JSON. Must be carried out, or the answer counts as deny. */
  readonly obligations: readonly AnswerDuty[]
  /** Complete, ordered alike. May be ignored. */
  readonly advice: readonly AnswerDuty[]
  /** At most 10; all, ordered by rule then kind, with `detail: "full"`. */
  readonly errors: readonly EvaluationError[]
  /**
   * How many errors there are in all. In the brief form, how many were come across: once one deny is true, others are
   * not looked at, nor are all of hundreds of rules that wait for one value that is missing.
   */
  readonly errorCount: number
  readonly policyVersion: string
  readonly cacheable: Cacheable
  /** At most 10; left out when empty. Rows of the store as far as they were come across. */
  readonly ignored?: readonly IgnoredInput[]
  /** Only when asked for. */
  readonly footprint?: Footprint
}

/** The facts an answer rests on: while they stay, it stays (within `cacheable`). */
export interface Footprint {
  /** JSON paths read from the request, sorted. A path stands for all below it. */
  readonly request: readonly string[]
  /** Stored attributes that may be read, sorted. */
  readonly attributes: readonly { readonly type: string; readonly attribute: string }[]
  /** Types whose stored parents may be read, sorted. */
  readonly parents: readonly string[]
  /** Roles whose stored assignments may be read, sorted. */
  readonly assignments: readonly string[]
}

// --- explanations ---

/** A value that a condition saw. `state` tells why there is no value. */
export type SeenValue =
  | { readonly expression: string; readonly state: 'value'; readonly value: JsonValue }
  | { readonly expression: string; readonly state: 'absent' }
  | { readonly expression: string; readonly state: 'failed'; readonly message: string }

export type Truth = 'true' | 'false' | 'failed'

/** One conjunct of a rule: its WHO, or one part of its clauses. */
export interface ConditionTrace {
  /** As the author wrote it. */
  readonly text: string
  readonly location: Location
  readonly result: Truth
  readonly values: readonly SeenValue[]
}

/** An allow rule that did not match. */
export interface NearestMiss {
  readonly rule: string
  readonly location: Location
  readonly doc?: string
  /** How many conjuncts were not true. */
  readonly unmet: number
  /** The first of them. */
  readonly first: ConditionTrace
}

/** One way a role that a deciding rule names is held: outermost step first. */
export interface RoleHolding {
  readonly role: string
  readonly on: { readonly type: string; readonly id: string }
  readonly because: readonly RoleStep[]
}

/** `kind` tells the clause of "Holding": assignment, condition, extension or inheritance. */
export interface RoleStep {
  readonly kind: 'assignment' | 'condition' | 'extends' | 'inherited'
  /** In plain words, such as "assigned to Team::\"staff\" on Folder::\"reports\"". */
  readonly text: string
  readonly location?: Location
}

/** What one rule did in this decision. */
export interface RuleTrace {
  readonly rule: string
  readonly effect: Decision
  readonly isAfter: boolean
  readonly location: Location
  readonly doc?: string
  readonly result: Truth
  /** Whether the rule took part in the decision: a failed deny does, a failed allow does not. */
  readonly applied: boolean
  readonly conditions: readonly ConditionTrace[]
}

/** The full answer with its reasons spelt out. */
export interface Explanation extends Answer {
  /** At most 20 allow rules for this action and type, fewest unmet conjuncts first. */
  readonly nearestMisses: readonly NearestMiss[]
  /** How each role that a determining rule asks for was held. */
  readonly roles: readonly RoleHolding[]
  /** Every rule for this action and type, in code-point order of ids. Only with `trace: true`. */
  readonly trace?: readonly RuleTrace[]
}
