import type { Span } from '../diagnostics/span.ts'
import { type Layout, NOTHING } from './layout.ts'
import type { ActionDeclaration } from './nodes.ts'

/**
 * What the printer asks of its surroundings. The tree has no comments: the formatter answers from the source, and
 * everyone else prints with `WITHOUT_SOURCE`.
 */
export interface PrintContext {
  /** Prints `doc` members; the formatter prints all comments from the source instead. */
  readonly hasDocs: boolean
  /** Comments in front of a place, each on its own line. */
  lead(start: number): Layout
  /** A comment that ends the line on which an element inside a statement ends, or its closing parenthesis. */
  trail(end: number, isParenthesised?: boolean): Layout
  /** A whole statement with all comments in front of it, in it, and on the rest of its line. */
  statement(span: Span, build: () => Layout): Layout
  /** Comments in front of a closing brace, one layout each. */
  dangling(end: number): readonly Layout[]
  /** Whether the author left a line blank in front of a statement and its comments. */
  hasBlankBefore(span: Span): boolean
  /** Members by their place in the source; others keep the order in which they are given. */
  inOrder<T>(members: readonly T[], startOf: (member: T) => number): readonly T[]
  /** Whether an action is the first of its `actions` line, given the one printed before it. */
  startsLine(action: ActionDeclaration, previous: ActionDeclaration | undefined): boolean
}

const NONE: readonly Layout[] = []

function withoutSource(hasDocs: boolean): PrintContext {
  return {
    hasDocs,
    lead: () => NOTHING,
    trail: () => NOTHING,
    statement: (_span, build) => build(),
    dangling: () => NONE,
    hasBlankBefore: () => false,
    inOrder: (members) => members,
    startsLine: (action, previous) => {
      return previous === undefined || (hasDocs && (action.doc !== undefined || previous.doc !== undefined))
    },
  }
}

export const WITH_DOCS: PrintContext = withoutSource(true)
export const WITHOUT_DOCS: PrintContext = withoutSource(false)
