// In: a policy text. Out: the same text in the canonical layout, with all comments, and blank lines between
// declarations and lines as the author set them, at most one.
import { concat, HARD_LINE, isHard, type Layout, NOTHING, renderLayout, suffix } from '../ast/layout.ts'
import type { ActionDeclaration, PolicyFile } from '../ast/nodes.ts'
import { PRINT_WIDTH } from '../ast/print.ts'
import type { PrintContext } from '../ast/print-context.ts'
import { layoutDeclaration } from '../ast/print-declaration.ts'
import { isSameTree } from '../ast/same-tree.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/span.ts'
import { type Comment, isDoc } from './comments.ts'
import { parsePolicyFile } from './parse.ts'

export interface FormatOptions {
  /** Name of the source in diagnostics. Default `policy.edict`. */
  readonly name?: string
}

export interface FormattedPolicy {
  /** Left out where the text has syntax errors. */
  readonly text?: string
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Lays out a policy text. The result means the same, holds the same comments, and is laid out already: formatting
 * it again changes nothing.
 */
export function formatPolicy(text: string, options: FormatOptions = {}): FormattedPolicy {
  const name = options.name ?? 'policy.edict'
  const parsed = parsePolicyFile({ name, text })
  if (parsed.file === undefined) return { diagnostics: parsed.diagnostics }
  return { text: layOutUntilStable(parsed.file, parsed.comments, text), diagnostics: parsed.diagnostics }
}

/** A comment in an unusual place may wander once more before it comes to rest. */
const MAX_PASSES = 4

/**
 * INVARIANT: formatting loses nothing, and formatting again changes nothing. Where a comment stands in a place that
 * the printer does not know, all stays as it is.
 */
function layOutUntilStable(file: PolicyFile, comments: readonly Comment[], text: string): string {
  let last = layOut(file, comments, text)
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const again = parsePolicyFile({ name: file.file, text: last })
    if (again.file === undefined || !isSameTree(again.file.declarations, file.declarations)) return text
    if (sortedTexts(again.comments).join('\n') !== sortedTexts(comments).join('\n')) return text
    const next = layOut(again.file, again.comments, last)
    if (next === last) return last
    last = next
  }
  return text
}

function layOut(file: PolicyFile, comments: readonly Comment[], text: string): string {
  const context = new SourceContext(comments, text)
  const parts: Layout[] = []
  file.declarations.forEach((declaration, index) => {
    const blank = index > 0 && context.hasBlankBefore(declaration.span) ? HARD_LINE : NOTHING
    const layout = context.statement(declaration.span, () => layoutDeclaration(declaration, context))
    parts.push(index === 0 ? NOTHING : HARD_LINE, blank, layout)
  })
  const rest = context.dangling(text.length)
  rest.forEach((comment, index) => {
    parts.push(index === 0 && parts.length === 0 ? NOTHING : HARD_LINE, comment)
  })
  const result = renderLayout(concat(...parts), PRINT_WIDTH)
  return result === '' ? '' : `${result}\n`
}

function sortedTexts(comments: readonly Comment[]): readonly string[] {
  return comments.map(({ text }) => text.trimEnd()).sort()
}

const BLANK_LINE = /\n[ \t\r]*\n/

/** Answers the printer from the source. Comments are handed out in source order, each once. */
class SourceContext implements PrintContext {
  readonly hasDocs = false
  readonly #comments: readonly Comment[]
  readonly #text: string
  #next = 0
  /** Where the statements end that are being printed, innermost last. */
  readonly #ends: number[] = []

  constructor(comments: readonly Comment[], text: string) {
    this.#comments = comments
    this.#text = text
  }

  lead(start: number): Layout {
    const lines: Layout[] = []
    while ((this.#peek()?.start ?? Number.POSITIVE_INFINITY) < start) {
      const comment = this.#take()
      if (comment === undefined) break
      const blank = this.#hasBlankAfter(comment) ? HARD_LINE : NOTHING
      lines.push(comment.text.trimEnd(), HARD_LINE, blank)
    }
    return concat(...lines)
  }

  trail(end: number, isParenthesised = false): Layout {
    const comment = this.#peek()
    const limit = this.#ends.at(-1) ?? this.#text.length
    if (comment === undefined || comment.start < end || comment.start >= limit) return NOTHING
    const between = this.#text.slice(end, comment.start)
    const isTrailing = isParenthesised ? /^[ \t,)]*$/ : /^[ \t,]*$/
    return isTrailing.test(between) ? this.#takeSuffix() : NOTHING
  }

  statement(span: Span, build: () => Layout): Layout {
    const lead = this.lead(span.start)
    this.#ends.push(span.end)
    const layout = build()
    const rest = this.#restBefore(span.end)
    this.#ends.pop()
    const note = this.#peek()
    const trail = this.trail(span.end)
    if (note === undefined || trail === NOTHING) return concat(lead, layout, ...rest)
    const text = note.text.trimEnd()
    if (rest.length > 0) return concat(lead, layout, ...rest, HARD_LINE, text)
    const isOneLine = !this.#text.slice(span.start, span.end).includes('\n')
    // What it was written beside becomes several lines: it goes in front of all.
    if (isOneLine && isHard(layout) && !isDoc(note)) return concat(lead, text, HARD_LINE, layout)
    return concat(lead, layout, trail)
  }

  /** Comments that nothing inside a statement has claimed, such as one in front of a closing parenthesis. */
  #restBefore(end: number): readonly Layout[] {
    const rest: Layout[] = []
    while ((this.#peek()?.start ?? Number.POSITIVE_INFINITY) < end) {
      const text = this.#take()?.text.trimEnd() ?? ''
      if (rest.length === 0) rest.push(suffix(text))
      else rest.push(HARD_LINE, text)
    }
    return rest
  }

  dangling(end: number): readonly Layout[] {
    const lines: Layout[] = []
    for (let comment = this.#peek(); comment !== undefined && comment.start < end; comment = this.#peek()) {
      const blank = lines.length > 0 || this.#ends.length === 0 ? this.#hasBlankBefore(comment.start) : false
      this.#take()
      lines.push(concat(blank && comment.start > 0 ? HARD_LINE : NOTHING, comment.text.trimEnd()))
    }
    return lines
  }

  hasBlankBefore(span: Span): boolean {
    const comment = this.#peek()
    const start = this.#beforeActions(span.start)
    return this.#hasBlankBefore(comment === undefined ? start : Math.min(start, comment.start))
  }

  inOrder<T>(members: readonly T[], startOf: (member: T) => number): readonly T[] {
    return members.toSorted((a, b) => startOf(a) - startOf(b))
  }

  startsLine(action: ActionDeclaration, previous: ActionDeclaration | undefined): boolean {
    if (previous === undefined) return true
    const between = this.#text.slice(previous.span.end, action.span.start)
    return /\bactions\b/.test(between.replace(/\/\/.*/g, ''))
  }

  /** An action starts at its name; its line starts at the word in front of it. */
  #beforeActions(offset: number): number {
    const word = 'actions'
    let start = offset
    while (start > 0 && isSpace(this.#text[start - 1])) start--
    return this.#text.slice(start - word.length, start) === word ? start - word.length : offset
  }

  #peek(): Comment | undefined {
    return this.#comments[this.#next]
  }

  #take(): Comment | undefined {
    const comment = this.#comments[this.#next]
    this.#next++
    return comment
  }

  #takeSuffix(): Layout {
    return suffix(this.#take()?.text.trimEnd() ?? '')
  }

  #hasBlankBefore(offset: number): boolean {
    let start = offset
    while (start > 0 && isSpace(this.#text[start - 1])) start--
    return BLANK_LINE.test(this.#text.slice(start, offset))
  }

  #hasBlankAfter(comment: Comment): boolean {
    const start = comment.start + comment.text.length
    let end = start
    while (isSpace(this.#text[end])) end++
    return BLANK_LINE.test(this.#text.slice(start, end))
  }
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && ' \t\r\n\uFEFF'.includes(character)
}
