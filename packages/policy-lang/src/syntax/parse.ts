// In: a policy text. Out: its syntax tree, its comments, and what is wrong with it.
// Knows nothing of meaning: names are looked up by `check/`.
import { type IToken, Lexer } from 'chevrotain'
import type { PolicyFile } from '../ast/nodes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { type Comment, CommentTable } from './comments.ts'
import { PolicyGrammar } from './grammar.ts'
import { NestingError } from './nesting.ts'
import { toDiagnostic } from './problem.ts'
import { TOKENS } from './tokens.ts'

/** What became of one source. */
export interface ParsedPolicyFile {
  /** Left out where there is an error. */
  readonly file: PolicyFile | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** In source order. Doc comments are in the tree as well. */
  readonly comments: readonly Comment[]
}

let lexer: Lexer | undefined
let grammar: PolicyGrammar | undefined

export function parsePolicyFile(source: SourceFile): ParsedPolicyFile {
  lexer ??= new Lexer(TOKENS, { positionTracking: 'onlyOffset', ensureOptimizations: true })
  grammar ??= new PolicyGrammar(false)
  const lexed = lexer.tokenize(source.text)
  const comments = (lexed.groups.comments ?? []).map((token: IToken) => ({
    start: token.startOffset,
    text: token.image,
  }))
  const table = new CommentTable(comments, source.text)
  const span = { file: source.name, start: 0, end: source.text.length }
  grammar.start(lexed.tokens, { file: source.name, text: source.text, comments: table })
  const diagnostics: Diagnostic[] = []
  try {
    const declarations = grammar.declarations()
    for (const error of grammar.errors) {
      const start = Number.isNaN(error.token.startOffset) ? source.text.length : error.token.startOffset
      diagnostics.push(
        toDiagnostic({
          code: 'unexpected-token',
          message: error.message,
          span: { file: source.name, start, end: start + error.token.image.length },
        }),
      )
    }
    diagnostics.push(...grammar.problems.map(toDiagnostic))
    for (const error of lexed.errors) {
      const end = error.offset + error.length
      diagnostics.push(
        toDiagnostic({
          code: 'unexpected-character',
          message: `\`${source.text.slice(error.offset, end)}\` starts nothing`,
          span: { file: source.name, start: error.offset, end },
        }),
      )
    }
    const file: PolicyFile | undefined =
      diagnostics.length > 0 ? undefined : { kind: 'policyFile', file: source.name, declarations, span }
    return { file, diagnostics, comments }
  } catch (error) {
    if (!(error instanceof NestingError)) throw error
    return {
      file: undefined,
      diagnostics: [
        toDiagnostic({ code: 'nesting-too-deep', message: 'nesting deeper than 100', span: error.span }),
      ],
      comments,
    }
  }
}
