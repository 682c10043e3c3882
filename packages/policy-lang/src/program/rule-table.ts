// How a Program holds its rules: what rules have in common once, what differs in columns of numbers.
// Ten thousand rules of ten shapes are ten trees, and some bytes each.
import type { Column, Lists } from './columns.ts'
import type { CodeTree, LiteralValue } from './program.ts'

/** Plain data like everything in a Program. Rules are counted from 0. */
export interface RuleTable {
  /** What rules that differ only in constants share, in the order of the first rule of each. */
  readonly shapes: readonly RuleShape[]
  /** Shapes in the words of their authors. */
  readonly wordings: readonly RuleWording[]
  readonly layouts: RuleLayouts
  /** Constants, each once: texts of all kinds, and numbers. */
  readonly strings: readonly string[]
  readonly numbers: Column

  /** One a rule, ascending and without duplicates, in code-point order. */
  readonly ids: readonly string[]
  /** Of the rules that have one, by rule. */
  readonly docs: readonly RuleDoc[]
  /** One a rule: index into `wordings`, which leads to the shape. */
  readonly wording: Column
  readonly layout: Column
  /** Where the rule stands: index into the Program's `sources`, line and column from 1. */
  readonly source: Column
  readonly line: Column
  readonly column: Column
  /**
   * One list a rule: indices into `strings` or `numbers`, as the kind of each constant of its shape says, then into
   * `strings` for the `texts` of its wording.
   */
  readonly constants: Lists

  /** Sets of cells that rules apply in, each once: indices into `cells`, ascending. */
  readonly targets: Lists
  /** One list a target: the rules that apply in exactly its cells, ascending. */
  readonly rulesOfTarget: Lists
  /** One list a cell: the targets that hold it. */
  readonly targetsOfCell: Lists
}

export interface RuleDoc {
  readonly rule: number
  readonly doc: string
}

/** A rule without id, doc, words, places and constants. `at` counts into its layout, slots into its constants. */
export interface RuleShape {
  readonly effect: 'allow' | 'deny'
  readonly isAfter: boolean
  /** A role with parameters by name, one without by the slot of its name. */
  readonly grantOf?: string | number
  readonly who: readonly ShapeWho[]
  readonly conditions: readonly ShapeCondition[]
  readonly obligations: readonly ShapeDuty[]
  readonly advice: readonly ShapeDuty[]
  /** What stands in each slot. */
  readonly constants: readonly ConstantKind[]
  /** How many places `at` counts into. */
  readonly placeCount: number
}

export type ShapeWho =
  | { readonly kind: 'type'; readonly type: string }
  /** The slot of the entity. */
  | { readonly kind: 'entity'; readonly entity: number }
  /** A role with parameters by name, one without by the slot of its name. */
  | { readonly kind: 'role'; readonly role: string | number }
  | { readonly kind: 'anyone' }

export interface ShapeCondition {
  readonly code: ShapeCode
  readonly at: number
}

export interface ShapeDuty {
  readonly name: string
  readonly args: readonly { readonly name: string; readonly code: ShapeCode }[]
  readonly at: number
}

/** Code over slots: patterns and most literals are constants of the rule. */
export type ShapeCode = CodeTree<ShapeLeaf, number, number>

export type ShapeLeaf =
  /** What is the same in all rules of the shape: truth values, names in brackets, time zones. */
  | { readonly op: 'literal'; readonly value: LiteralValue }
  | { readonly op: 'constant'; readonly slot: number }

/**
 * How a constant is held: `string`, `entity` (its id), `ip` (as text), `role`, `like` and `matches` (patterns) as a
 * string, `number`, `datetime` and `duration` (milliseconds) as a number.
 */
export type ConstantKind =
  | { readonly kind: 'string' | 'number' | 'datetime' | 'duration' | 'ip' | 'role' | 'like' | 'matches' }
  | { readonly kind: 'entity'; readonly type: string }

export interface RuleWording {
  /** Index into `shapes`. */
  readonly shape: number
  readonly who: TextTemplate
  /** One a condition. */
  readonly conditions: readonly TextTemplate[]
  /** How many texts of their own the rules have, behind the constants of the shape. */
  readonly texts: number
}

/** A text in parts: a number stands for a constant of the rule, printed, or for one of its own texts. */
export type TextTemplate = readonly (string | number)[]

/**
 * Where the places of rules stand, one list of places a layout. Most are told from the rule on, so that rules written
 * alike share one.
 */
export interface RuleLayouts {
  /** Where the places of each layout start, and behind the last one where they end. */
  readonly starts: Column
  /** 0: from the rule on. Else a place of its own, in the source before this one. */
  readonly sources: Column
  /** From the rule on: lines below it. Else the line. */
  readonly lines: Column
  /** On the line of the rule: columns behind it. Else the column. */
  readonly columns: Column
}
