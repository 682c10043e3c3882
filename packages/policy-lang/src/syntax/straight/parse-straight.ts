// The quick way from text to tree, for text in which nothing is wrong: several times faster than the grammar, and
// without a word about what is wrong. At the first thing that is not as it should be it gives up, and the grammar
// reads the source again: `grammar.ts` says what the language is, and what a mistake is. What this parser reads, the
// grammar reads as well, and to the same tree: the test of this file holds them equal.
import type { Declaration, Test } from '../../ast/nodes.ts'
import type { SourceFile } from '../../diagnostics/span.ts'
import type { Comment } from '../comments.ts'
import { Cursor, GIVE_UP, giveUp } from './cursor.ts'
import {
  readAssignment,
  readFn,
  readInvariant,
  readLet,
  readRole,
  readRule,
  readTrustStore,
} from './read-declaration.ts'
import { readContext, readEntityType, readTypeAlias } from './read-types.ts'
import { RuleBook } from './rule-book.ts'

export interface StraightFile {
  readonly declarations: readonly Declaration[]
  readonly comments: readonly Comment[]
}

/** Reads one `test`, a part of the source, by the grammar; `undefined` where something is wrong with it. */
export type ReadTest = (part: {
  readonly start: number
  readonly end: number
  readonly comments: readonly Comment[]
}) => Declaration | undefined

// What the lexer refuses everywhere, also in comments and strings.
const UNSAFE =
  /[[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]--[\t\n\r]]|\r(?!\n)|(?<!^)\ufeff/v

export interface StraightOptions {
  /** Rules that are written alike are `RepeatedRule`s, each of which reads its own tree when it is asked for it. */
  readonly repeatsRules: boolean
}

/** The tree of a source that is in order, else `undefined`. */
export function parseStraight(
  source: SourceFile,
  readTest: ReadTest,
  { repeatsRules }: StraightOptions = { repeatsRules: false },
): StraightFile | undefined {
  if (UNSAFE.test(source.text) || !source.text.isWellFormed()) return undefined
  try {
    const cursor = new Cursor(source.name, source.text)
    const declarations: Declaration[] = []
    const readers = { readTest, rules: repeatsRules ? new RuleBook() : undefined }
    while (!cursor.is('end')) declarations.push(readDeclaration(cursor, readers))
    return { declarations, comments: cursor.comments }
  } catch (error) {
    if (error === GIVE_UP) return undefined
    throw error
  }
}

interface Readers {
  readonly readTest: ReadTest
  readonly rules: RuleBook | undefined
}

function readDeclaration(cursor: Cursor, { readTest, rules }: Readers): Declaration {
  switch (cursor.kind) {
    case 'subject':
    case 'resource':
    case 'entity':
      return readEntityType(cursor)
    case 'context':
      return readContext(cursor)
    case 'type':
      return readTypeAlias(cursor)
    case 'trust':
      return readTrustStore(cursor)
    case 'inherited':
    case 'role':
      return readRole(cursor)
    case 'assign':
      return readAssignment(cursor)
    case 'let':
      return readLet(cursor)
    case 'fn':
      return readFn(cursor)
    case 'rule':
      return rules === undefined ? readRule(cursor) : rules.read(cursor)
    case 'invariant':
      return readInvariant(cursor)
    case 'test':
      return readWholeTest(cursor, readTest)
    default:
      return giveUp()
  }
}

/** A test ends with the brace that closes its body; what is in it is for the grammar. */
function readWholeTest(cursor: Cursor, readTest: ReadTest): Declaration {
  const { start } = cursor
  const doc = cursor.doc()
  const commentsBefore = cursor.comments.length
  cursor.advance()
  cursor.title()
  if (!cursor.is('{')) giveUp()
  let depth = 0
  do {
    if (cursor.is('{')) depth++
    else if (cursor.is('}')) depth--
    else if (cursor.is('end')) giveUp()
    cursor.advance()
  } while (depth > 0)
  const end = cursor.previousEnd
  const comments = cursor.comments.slice(commentsBefore).filter((comment) => comment.start < end)
  const test = readTest({ start, end, comments })
  if (test === undefined) giveUp()
  return doc === undefined ? test : { ...(test as Test), doc }
}
