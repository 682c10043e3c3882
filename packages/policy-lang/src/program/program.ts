// The compiled form of a policy set: versioned plain data that can be stored, signed and run without the parser.
// In: made by `compile/`. Out: linked and run by `evaluate/` (and turned into code by an emitter).
// It holds no closures, no Map, no syntax node; names are values, never keys, so `__proto__` is an ordinary name.
import type { AssignmentRecord } from '../model/entity-data.ts'
import type { RoleGraph } from '../model/role-graph.ts'
import type { Schema } from '../model/schema.ts'
import type { FieldType } from '../model/types.ts'
import type { DatetimeValue, DurationValue, EntityRef, IpValue } from '../model/values.ts'
import type { RuleTable } from './rule-table.ts'

export const PROGRAM_FORMAT = 'edict-program'
export const PROGRAM_FORMAT_VERSION = 2

export interface Program {
  readonly format: typeof PROGRAM_FORMAT
  readonly formatVersion: typeof PROGRAM_FORMAT_VERSION
  /** SHA-256, lower-case hex, over the canonical printed form of the policy set. */
  readonly policyVersion: string
  /** Source names that `Place` counts into. */
  readonly sources: readonly string[]
  readonly schema: Schema
  /** Sorted by name. */
  readonly roles: readonly ProgramRole[]
  /** Which role and type rests on which, for refusing assignments in data that close a negative cycle. */
  readonly roleGraph: RoleGraph
  /** Assignments written in policy text. */
  readonly assignments: readonly ProgramAssignment[]
  /** Every declared pair of action and resource type, in the order of the schema. */
  readonly cells: readonly ProgramCell[]
  /**
   * Rules and grants, sorted by id in code-point order, and the cells they apply in. Held by columns, what rules have
   * in common once: `ruleAt` puts one together.
   */
  readonly rules: RuleTable
}

/** Source index, line, column: lines and columns from 1. */
export type Place = readonly [source: number, line: number, column: number]

export interface ProgramCell {
  readonly resourceType: string
  readonly action: string
}

export interface ProgramRole {
  readonly name: string
  readonly isInherited: boolean
  readonly parameters: readonly FieldType[]
  /** Roles that this one extends: who holds this one holds them. */
  readonly extends: readonly string[]
  /** An assignment of this role counts only while this is true. */
  readonly when?: ProgramCondition
  readonly conditions: readonly RoleConditionCode[]
  readonly at: Place
  readonly doc?: string
}

/** `role R of T if c`: here `resource` is the entity the role is asked for. */
export interface RoleConditionCode {
  /** Empty: every declared type. */
  readonly types: readonly string[]
  readonly condition: ProgramCondition
}

export interface ProgramAssignment extends AssignmentRecord {
  readonly at: Place
}

/** One conjunct. */
export interface ProgramCondition {
  readonly code: Code
  /** As the author wrote it, for explanations: `resource.owner == subject`. */
  readonly text: string
  readonly at: Place
}

export interface ProgramRule {
  /** The rule's name or the grant's id. */
  readonly id: string
  readonly effect: 'allow' | 'deny'
  readonly isAfter: boolean
  /** Set on a grant: the role that carries it. Where the role has parameters, they can be read in its conditions. */
  readonly grantOf?: string
  /** Any of them; empty: anyone. */
  readonly who: readonly ProgramWho[]
  /** As the author wrote it: `to editor, User::"ann"`; for a grant `role editor`. Empty where there is none. */
  readonly whoText: string
  /** All of them, after `who`. `&&` chains are split, so that each can be explained alone. */
  readonly conditions: readonly ProgramCondition[]
  readonly obligations: readonly ProgramDuty[]
  readonly advice: readonly ProgramDuty[]
  readonly at: Place
  readonly doc?: string
}

export type ProgramWho =
  | { readonly kind: 'type'; readonly type: string }
  /** The subject is this entity or lies below it. */
  | { readonly kind: 'entity'; readonly type: string; readonly id: string }
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'anyone' }

export interface ProgramDuty {
  readonly name: string
  readonly args: readonly { readonly name: string; readonly code: Code }[]
  readonly at: Place
}

/** A literal value. Sets and records are built by `set` and `record` instead. */
export type LiteralValue = boolean | string | number | DatetimeValue | DurationValue | IpValue | EntityRef

/** The code of one rule or role. */
export type Code = CodeTree<{ readonly op: 'literal'; readonly value: LiteralValue }, string, Place>

/**
 * A condition or value as a tree over its constants, its patterns and its places. `let` and `fn` are inlined, names resolved, `unless` is `not`.
 * Types are settled, but not noted: one tree serves every environment its rule applies in, so an operator
 * looks at the values it meets. `at` is where the author wrote it.
 */
export type CodeTree<Leaf, Pattern, At> =
  | Leaf
  /** An optional argument that was left out. */
  | { readonly op: 'absent' }
  | { readonly op: 'set'; readonly elements: readonly CodeTree<Leaf, Pattern, At>[] }
  | {
      readonly op: 'record'
      readonly entries: readonly { readonly name: string; readonly code: CodeTree<Leaf, Pattern, At> }[]
    }
  /** The subject or the resource as a reference. In a role condition, `resource` is the entity asked for. */
  | { readonly op: 'subject' }
  | { readonly op: 'resource' }
  /** `context.now`. */
  | { readonly op: 'now'; readonly at: At }
  /** `context.NAME`, declared. */
  | { readonly op: 'context'; readonly name: string; readonly at: At }
  /** `action.NAME`: a parameter of the action. */
  | { readonly op: 'parameter'; readonly name: string; readonly at: At }
  | { readonly op: 'actionName' }
  /** A parameter of the role whose grant or `when` this is. */
  | { readonly op: 'roleParameter'; readonly name: string }
  /** The variable of a quantifier around it. Unique within a condition. */
  | { readonly op: 'variable'; readonly name: string }
  /**
   * `.NAME` of an entity (`id` included) or a record. On an absent receiver: absent.
   * `isOptional`, here and below: the author wrote `?.`; it is for texts alone, since absence passes through anyway.
   */
  | {
      readonly op: 'member'
      readonly object: CodeTree<Leaf, Pattern, At>
      readonly name: string
      readonly isOptional?: true
      readonly at: At
    }
  /** `[KEY]` of a map; where the key is a literal, also of an entity or a record. On an absent receiver: absent. */
  | {
      readonly op: 'entry'
      readonly object: CodeTree<Leaf, Pattern, At>
      readonly key: CodeTree<Leaf, Pattern, At>
      readonly isOptional?: true
      readonly at: At
    }
  /** A method, with or without arguments. On an absent receiver: absent. */
  | {
      readonly op: 'method'
      readonly object: CodeTree<Leaf, Pattern, At>
      readonly method: MethodName
      readonly args: readonly CodeTree<Leaf, Pattern, At>[]
      readonly isOptional?: true
      readonly at: At
    }
  /** Without `on`: for the resource. `isNegative`: reached through more than the monotone forms (docs/language.md, "Recursion"). */
  | {
      readonly op: 'hasRole'
      readonly role: string
      readonly on?: CodeTree<Leaf, Pattern, At>
      readonly isNegative: boolean
      readonly at: At
    }
  | { readonly op: 'not'; readonly operand: CodeTree<Leaf, Pattern, At> }
  | { readonly op: 'negate'; readonly operand: CodeTree<Leaf, Pattern, At>; readonly at: At }
  | { readonly op: 'and' | 'or'; readonly operands: readonly CodeTree<Leaf, Pattern, At>[] }
  | {
      readonly op: 'arithmetic'
      readonly operator: '+' | '-' | '*'
      readonly left: CodeTree<Leaf, Pattern, At>
      readonly right: CodeTree<Leaf, Pattern, At>
      readonly at: At
    }
  | {
      readonly op: 'compare'
      readonly operator: ComparisonOperator
      readonly left: CodeTree<Leaf, Pattern, At>
      readonly right: CodeTree<Leaf, Pattern, At>
      readonly at: At
    }
  | {
      readonly op: 'in'
      readonly left: CodeTree<Leaf, Pattern, At>
      readonly right: CodeTree<Leaf, Pattern, At>
      readonly at: At
    }
  | { readonly op: 'is'; readonly operand: CodeTree<Leaf, Pattern, At>; readonly type: string }
  | {
      readonly op: 'has'
      readonly operand: CodeTree<Leaf, Pattern, At>
      readonly name: string
      readonly at: At
    }
  | { readonly op: 'hasContext'; readonly name: string; readonly at: At }
  | { readonly op: 'hasParameter'; readonly name: string; readonly at: At }
  /** The action's name is one of these. */
  | { readonly op: 'actionIn'; readonly actions: readonly string[] }
  /** `pattern` raw: `*` any run, `\*` a star. */
  | {
      readonly op: 'like'
      readonly operand: CodeTree<Leaf, Pattern, At>
      readonly pattern: Pattern
      readonly at: At
    }
  /** `pattern` is RE2 syntax, whole string. */
  | {
      readonly op: 'matches'
      readonly operand: CodeTree<Leaf, Pattern, At>
      readonly pattern: Pattern
      readonly at: At
    }
  | { readonly op: 'coalesce'; readonly operands: readonly CodeTree<Leaf, Pattern, At>[] }
  | {
      readonly op: 'conditional'
      readonly test: CodeTree<Leaf, Pattern, At>
      readonly then: CodeTree<Leaf, Pattern, At>
      readonly otherwise: CodeTree<Leaf, Pattern, At>
    }
  | {
      readonly op: 'quantifier'
      readonly quantifier: 'some' | 'every'
      readonly variable: string
      readonly set: CodeTree<Leaf, Pattern, At>
      readonly body: CodeTree<Leaf, Pattern, At>
      readonly at: At
    }

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='

export type MethodName =
  | 'contains'
  | 'containsAll'
  | 'containsAny'
  | 'isEmpty'
  | 'size'
  | 'keys'
  | 'startsWith'
  | 'endsWith'
  | 'lower'
  | 'time'
  | 'dayOfWeek'
  | 'isLoopback'
  | 'isMulticast'
