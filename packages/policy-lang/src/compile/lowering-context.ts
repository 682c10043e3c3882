import type { Expression } from '../ast/nodes.ts'
import type { CheckedPolicySet } from '../check/checked.ts'
import type { Span } from '../diagnostics/span.ts'
import type { Place } from '../program/program.ts'

/** What a name stands for inside one expression. */
export type Binding =
  /** The variable of a quantifier, under its name in the Program. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'roleParameter' }
  /** An argument of a `fn`: lowered where the parameter is used, in the scope of the caller. */
  | { readonly kind: 'argument'; readonly expression: Expression; readonly scope: Scope }
  /** A missing last argument of a `fn`. */
  | { readonly kind: 'absent' }

export type Scope = ReadonlyMap<string, Binding>

/** Actions that a rule applies to, by resource type. */
export type ActionsByType = ReadonlyMap<string, ReadonlySet<string>>

/** What the whole policy set gives to the lowering of one rule or role. */
export interface LoweringUnit {
  readonly checked: CheckedPolicySet
  /** Action groups by resource type and name. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** Where the expression applies; empty outside rules and grants, where `action` cannot be tested. */
  readonly actions: ActionsByType
  readonly placeOf: (span: Span) => Place
}

/** Where one expression stands. */
export interface LoweringContext {
  readonly unit: LoweringUnit
  readonly scope: Scope
  /** Whether only monotone forms stand around it: decides `isNegative` of a role test. */
  readonly isMonotone: boolean
  /** Gives each quantifier of a condition a variable of its own. */
  readonly freshVariable: (name: string) => string
}

export const EMPTY_SCOPE: Scope = new Map()

/** The outermost context of one condition or argument. */
export function createLoweringContext(unit: LoweringUnit, scope: Scope = EMPTY_SCOPE): LoweringContext {
  const taken = new Map<string, number>()
  const freshVariable = (name: string): string => {
    let count = taken.get(name) ?? 1
    let fresh = name
    while (taken.has(fresh)) fresh = `${name}_${++count}`
    taken.set(name, count)
    taken.set(fresh, taken.get(fresh) ?? 1)
    return fresh
  }
  return { unit, scope, isMonotone: true, freshVariable }
}

/** The same place, but under a form that is not monotone. */
export function notMonotone(context: LoweringContext): LoweringContext {
  return context.isMonotone ? { ...context, isMonotone: false } : context
}

export function inScope(context: LoweringContext, scope: Scope): LoweringContext {
  return { ...context, scope }
}
