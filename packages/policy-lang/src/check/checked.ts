// What the checker hands to the compiler: the tree with every question about names and types answered.
import type {
  Assignment,
  Expression,
  FnDeclaration,
  Grant,
  Invariant,
  LetDeclaration,
  PolicyFile,
  RoleCondition,
  RoleDeclaration,
  Rule,
  Test,
} from '../ast/nodes.ts'
import type { RepeatedRule } from '../ast/repeated-rule.ts'
import type { RoleGraph } from '../model/role-graph.ts'
import type { Schema } from '../model/schema.ts'
import type { Type } from '../model/types.ts'

/** A policy set without errors. */
export interface CheckedPolicySet {
  /** All files, in the order given. */
  readonly files: readonly PolicyFile[]
  readonly schema: Schema
  readonly roles: ReadonlyMap<string, CheckedRole>
  readonly lets: ReadonlyMap<string, LetDeclaration>
  readonly fns: ReadonlyMap<string, FnDeclaration>
  readonly rules: readonly CheckedRule[]
  /** Grants of every role, in source order. */
  readonly grants: readonly CheckedGrant[]
  /** From policy text (not from the `given` of tests). */
  readonly assignments: readonly Assignment[]
  readonly tests: readonly Test[]
  readonly invariants: readonly Invariant[]
  readonly roleGraph: RoleGraph
  /**
   * `Member` and `MethodCall` nodes that are a built-in method (`.size` of a set) rather than an attribute.
   * Every other `Member` reads an attribute, a field, `.id`, or, on the roots, `context.x`, `action.p`, `action.name`.
   */
  readonly methods: ReadonlySet<Expression>
  /** Types of parameters of obligations and advice, by name, agreed over all uses. */
  readonly duties: ReadonlyMap<string, ReadonlyMap<string, Type>>
}

export interface CheckedRole {
  readonly name: string
  /** The one with a body, parameters, `extends` or `when`; bare headers are merged into it. */
  readonly declaration: RoleDeclaration
  readonly conditions: readonly RoleCondition[]
}

/** Where a rule applies: the declared pairs, groups and `*` expanded, sorted by type then action. */
export interface Applicability {
  readonly pairs: readonly { readonly action: string; readonly resourceType: string }[]
}

export interface CheckedRule extends Applicability {
  readonly rule: Rule
  /** `to` resolved: what is a role and what a type. Empty: anyone. */
  readonly who: readonly ResolvedWho[]
  /** Set where the rule was checked by a sample: what the checks noted, they noted of the nodes of the sample. */
  readonly repeats?: Repetition
}

/** A rule of a pattern, and the sample that it is told from. */
export interface Repetition {
  readonly rule: RepeatedRule
  readonly sample: CheckedSample
}

/** One for all rules that it stands for. */
export interface CheckedSample {
  readonly rule: Rule
  readonly who: readonly ResolvedWho[]
  readonly pairs: Applicability['pairs']
}

export interface CheckedGrant extends Applicability {
  readonly grant: Grant
  readonly role: string
}

/** One member of `to`, with roles, types and entities told apart. */
export type ResolvedWho =
  | { readonly kind: 'type'; readonly type: string }
  /** The subject is this entity or lies below it. */
  | { readonly kind: 'entity'; readonly type: string; readonly id: string }
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'anyone' }
