// Finds every mistake of a source that does not parse: the first one of each declaration, and of each statement
// inside the body of a declaration.
import type { IRecognitionException, IToken } from 'chevrotain'
import type { Declaration } from '../ast/nodes.ts'
import type { CommentTable } from './comments.ts'
import { type BodyKind, bodyKindOf, cutDeclarations, cutStatements, findBody, type Piece } from './cut.ts'
import { readExpectedTokens } from './expected-tokens.ts'
import { explainError, explainPieceStart, UNMATCHED_HINT } from './explain-error.ts'
import type { PolicyGrammar } from './grammar.ts'
import { NestingError } from './nesting.ts'
import type { Problem } from './problem.ts'
import { isBalanced, TokenLines } from './token-stream.ts'

export const MAX_PROBLEMS = 100

export interface BrokenSource {
  readonly file: string
  readonly text: string
  readonly comments: CommentTable
  readonly tokens: readonly IToken[]
}

/** What went wrong in one parse: the error of the parser, and the problems found while building the tree. */
export interface Failure {
  readonly error: IRecognitionException | NestingError | undefined
  readonly problems: readonly Problem[]
}

type Parse = (grammar: PolicyGrammar) => void

/** What a broken source says all the same. */
export interface Recovered {
  readonly problems: readonly Problem[]
  /** Those that can be read. */
  readonly declarations: readonly Declaration[]
}

const DECLARATION: Parse = (grammar) => {
  grammar.declaration()
}
const STATEMENTS: Readonly<Record<BodyKind, Parse>> = {
  type: (grammar) => {
    grammar.typeMember()
  },
  role: (grammar) => {
    grammar.grant()
  },
  test: (grammar) => {
    grammar.testItem()
  },
  given: (grammar) => {
    grammar.givenItem()
  },
}

/** `whole` is what went wrong with the source as a whole: said where no part of it is wrong alone. */
export function recover(source: BrokenSource, grammar: PolicyGrammar, whole: Failure): Recovered {
  const recovered = new Recovery(source, grammar).run()
  if (recovered.problems.length > 0 || whole.error === undefined) return recovered
  return { problems: [explainError(whole.error, source.tokens, source)], declarations: [] }
}

/** Parses some tokens with one rule and says what is wrong. */
export function attempt(
  grammar: PolicyGrammar,
  tokens: readonly IToken[],
  source: BrokenSource,
  parse: Parse,
): Failure {
  // The parser library appends to the array.
  grammar.start(tokens.slice(), source)
  try {
    parse(grammar)
    return { error: grammar.errors[0], problems: grammar.problems }
  } catch (error) {
    if (!(error instanceof NestingError)) throw error
    return { error, problems: grammar.problems }
  }
}

/** Far from the brace, or in place of it, a mistake makes the body doubtful: its brace may be another one. */
function isNearBody(error: Failure['error'], header: readonly IToken[], open: number): boolean {
  if (error === undefined || error instanceof NestingError) return false
  const isBraceMissing = readExpectedTokens(error.message).includes('{')
  return !isBraceMissing && header.indexOf(error.token) >= open - 4
}

class Recovery {
  readonly #source: BrokenSource
  readonly #grammar: PolicyGrammar
  readonly #lines: TokenLines
  readonly #problems: Problem[] = []
  readonly #declarations: Declaration[] = []

  constructor(source: BrokenSource, grammar: PolicyGrammar) {
    this.#source = source
    this.#grammar = grammar
    this.#lines = new TokenLines(source.tokens, { name: source.file, text: source.text })
  }

  run(): Recovered {
    for (const piece of cutDeclarations(this.#source.tokens, this.#lines)) {
      if (this.#problems.length >= MAX_PROBLEMS) break
      this.#recoverPiece(piece)
    }
    return { problems: this.#problems, declarations: this.#declarations }
  }

  readonly #parseDeclaration: Parse = (grammar) => {
    const declaration = grammar.declaration()
    if (grammar.errors.length === 0) this.#declarations.push(declaration)
  }

  #recoverPiece(piece: Piece): void {
    const tokens = this.#source.tokens.slice(piece.from, piece.to)
    const start = explainPieceStart(tokens, this.#source)
    if (start !== undefined) {
      this.#problems.push({
        ...start,
        covers: this.#source.tokens[piece.to]?.startOffset ?? this.#source.text.length,
      })
      return
    }
    if (piece.unclosed !== undefined) {
      this.#recoverUnclosed(tokens, piece.unclosed, this.#source.tokens[piece.to])
      return
    }
    const found = this.#recoverTokens(tokens, piece.from, this.#parseDeclaration)
    if (!found && piece.unmatched !== undefined) this.#problems.push(this.#unmatchedProblem(piece.unmatched))
  }

  /** The parser most often stops where a closing brace is missing; else it gets to the end without one. */
  #recoverUnclosed(tokens: readonly IToken[], brace: IToken, next: IToken | undefined): void {
    const whole = attempt(this.#grammar, tokens, this.#source, DECLARATION)
    const isAtEnd =
      whole.error === undefined || whole.error instanceof NestingError || !tokens.includes(whole.error.token)
    if (isAtEnd) this.#problems.push(this.#unclosedProblem(brace, next))
    else this.#reportFailure(whole, tokens)
  }

  /** Says what is wrong with some tokens; whether anything is. */
  #recoverTokens(tokens: readonly IToken[], offset: number, parse: Parse): boolean {
    const whole = attempt(this.#grammar, tokens, this.#source, parse)
    if (whole.error === undefined) {
      this.#problems.push(...whole.problems)
      return whole.problems.length > 0
    }
    const before = this.#problems.length
    if (this.#recoverBody(tokens, offset, parse)) return true
    this.#problems.length = before
    this.#reportFailure(whole, tokens)
    return true
  }

  /** Looks for the mistakes in the header and in each statement of the body; whether there were any. */
  #recoverBody(tokens: readonly IToken[], offset: number, parse: Parse): boolean {
    const isDeclaration = parse === this.#parseDeclaration
    const kind =
      parse === STATEMENTS.test || isDeclaration ? bodyKindOf(tokens[0], !isDeclaration) : undefined
    const body = findBody(tokens)
    // With a bracket too few or too many, nobody knows which brace closes the body.
    if (kind === undefined || body === undefined || !isBalanced(tokens)) return false
    const before = this.#problems.length
    const header = [...tokens.slice(0, body.open + 1), ...tokens.slice(body.close)]
    const outside = attempt(this.#grammar, header, this.#source, parse)
    if (outside.error !== undefined) {
      this.#reportFailure(outside, header)
      if (!isNearBody(outside.error, header, body.open)) return true
    }
    const inside = tokens.slice(body.open + 1, body.close)
    const insideOffset = offset + body.open + 1
    const starts = cutStatements(inside, kind, (index) => this.#lines.isFirst(insideOffset + index))
    starts.forEach((start, index) => {
      if (this.#problems.length >= MAX_PROBLEMS) return
      const statement = inside.slice(start, starts[index + 1])
      this.#recoverTokens(statement, insideOffset + start, STATEMENTS[kind])
    })
    return this.#problems.length > before
  }

  #reportFailure(failure: Failure, tokens: readonly IToken[]): void {
    const { error, problems } = failure
    if (error === undefined) return
    const problem = explainError(error, tokens, this.#source)
    this.#problems.push(...problems.filter(({ span }) => span.end <= problem.span.start), problem)
  }

  #unclosedProblem(brace: IToken, next: IToken | undefined): Problem {
    const { file } = this.#source
    const related =
      next === undefined
        ? undefined
        : [
            {
              span: { file, start: next.startOffset, end: next.startOffset + next.image.length },
              message: 'the next declaration starts here',
            },
          ]
    return {
      code: 'unclosed-brace',
      message: '`{` is never closed',
      span: { file, start: brace.startOffset, end: brace.startOffset + 1 },
      related,
      hint: 'close it with `}`',
    }
  }

  #unmatchedProblem(brace: IToken): Problem {
    return {
      code: 'unmatched-brace',
      message: '`}` closes nothing',
      span: { file: this.#source.file, start: brace.startOffset, end: brace.startOffset + 1 },
      hint: UNMATCHED_HINT,
    }
  }
}
