// What the checks of one kind of expression share: where an expression stands, what came out of it, what to report.
// In: resolved declarations. Out: types and findings. It knows nothing of rules, roles or files.
import type { Expression, HasRole } from '../../ast/nodes.ts'
import type { RelatedSpan } from '../../diagnostics/diagnostic.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { FieldType, Type } from '../../model/types.ts'
import type { Declarations } from '../declarations.ts'
import type { Finding } from '../report.ts'
import type { TypeIndex } from '../type-index.ts'
import { BOOL } from '../type-relations.ts'
import type { ValueTable } from '../value-table.ts'
import { type Facts, NO_FACTS } from './facts.ts'

/** Everything about the set that typing an expression rests on. */
export interface Tables {
  readonly declarations: Declarations
  readonly types: TypeIndex
  /** Attributes that a list of entity types was asked for, by name, where nothing was wrong: a memo. */
  readonly attributes: WeakMap<readonly string[], Map<string, Typed>>
  readonly values: ValueTable
  /** Parameters of every `fn`, resolved; `undefined` for one whose type is unknown. */
  readonly fnParameters: ReadonlyMap<string, readonly (Type | undefined)[]>
  readonly roles: ReadonlyMap<string, readonly FieldType[]>
  /** `now` included. */
  readonly contextFields: ReadonlyMap<string, FieldType>
}

/** A pair that an expression is checked for. */
export interface Pair {
  readonly action: string
  readonly resourceType: string
  /** Both names in one string, for facts. */
  readonly key: string
}

/** What the roots can be where an expression stands; left out: the root may not be used there. */
export interface Roots {
  readonly subject?: readonly string[]
  readonly resource?: readonly string[]
  readonly pairs?: readonly Pair[]
  readonly hasContext: boolean
  /** For messages: `in a role condition`. */
  readonly place: string
}

export type Binding =
  /** The variable of a quantifier or a parameter of a role. */
  | {
      readonly kind: 'bound'
      readonly type: Type | undefined
      readonly isOptional: boolean
      readonly path: string
    }
  /** A parameter of a `fn`: its argument stands in the scope of the caller. */
  | {
      readonly kind: 'argument'
      readonly type: Type | undefined
      readonly isOptional: boolean
      /** Tells the parameters of this call from those of others. */
      readonly call: number
      readonly argument: Expression | undefined
      readonly scope: Scope
    }

export type Scope = ReadonlyMap<string, Binding>

export const EMPTY_SCOPE: Scope = new Map()

/** Where an expression stands. */
export interface Position {
  readonly roots: Roots
  readonly scope: Scope
  readonly facts: Facts
  /** Whether only monotone forms stand around it (docs/language.md, "Recursion"). */
  readonly isMonotone: boolean
  /** Inside the body of a `let` or `fn`. */
  readonly isInlined: boolean
}

/** What is known of an expression. */
export interface Typed {
  /** `undefined`: something is wrong with it and reported, or it can never be reached. */
  readonly type: Type | undefined
  /** Its value may be absent, so it must be consumed by `??`, `?.` or `has`. */
  readonly isOptional: boolean
  /** Absent only where a `?.` before it in the same chain met nothing. */
  readonly isShortCircuited: boolean
  /** Set where a Bool is the same for every input. */
  readonly constant?: boolean
  readonly whenTrue: Facts
  readonly whenFalse: Facts
}

/** One run over the expressions of a rule, in all its environments at once or in one. */
export interface Typing {
  readonly tables: Tables
  /** The roots of this run: those of the rule, or of one environment of it. */
  readonly roots: Roots
  /** The roots of the whole rule. */
  readonly allRoots: Roots
  infer(expression: Expression, position: Position, expected?: Type): Typed
  report(finding: Finding): void
  /** A comparison that may be false whatever the input; only one that is so in every environment is an error. */
  judgeComparison(node: Expression, impossible: Finding | undefined): void
  /** A condition that comes out the same for every input. */
  noteConstant(node: Expression, value: boolean): void
  noteMethod(node: Expression): void
  /** The type of an argument of an obligation or advice. */
  noteArgument(node: Expression, type: Type): void
  noteRoleTest(test: RoleTest): void
  noteParentRead(read: ParentRead): void
  /** A number of its own for each variable of a quantifier, and for each call. */
  nextVariable(): number
  /** The calls around the expression at hand, outermost first. */
  readonly calls: Span[]
  /** Whether this is the second look at an expression: what is wrong with it was reported at the first. */
  isSilent(): boolean
  silence<T>(work: () => T): T
  /** For looking at an argument before the place is known where it will be used: no tests are noted. */
  withoutTests<T>(work: () => T): T
}

export interface RoleTest {
  readonly node: HasRole
  readonly role: string
  /** Types of the entity asked about. */
  readonly types: readonly string[]
  readonly isMonotone: boolean
}

/** `e in f`, where it must follow parents. */
export interface ParentRead {
  readonly node: Expression
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly isMonotone: boolean
}

export const UNKNOWN: Typed = {
  type: undefined,
  isOptional: false,
  isShortCircuited: false,
  whenTrue: NO_FACTS,
  whenFalse: NO_FACTS,
}

/** A value that is there, of which nothing more is known. */
export function value(type: Type | undefined): Typed {
  if (type === BOOL) return SOME_BOOL
  return { type, isOptional: false, isShortCircuited: false, whenTrue: NO_FACTS, whenFalse: NO_FACTS }
}

const SOME_BOOL: Typed = { ...UNKNOWN, type: BOOL }

export function notMonotone(position: Position): Position {
  if (!position.isMonotone) return position
  const { roots, scope, facts, isInlined } = position
  return { roots, scope, facts, isMonotone: false, isInlined }
}

export function withFacts(position: Position, facts: Facts): Position {
  if (facts === position.facts) return position
  const { roots, scope, isMonotone, isInlined } = position
  return { roots, scope, facts, isMonotone, isInlined }
}

/** Shows from where a body was used, so that a finding inside it makes sense to its reader. */
export function relatedCalls(typing: Typing): readonly RelatedSpan[] {
  const outermost = typing.calls[0]
  return outermost === undefined ? [] : [{ span: outermost, message: 'used here' }]
}
