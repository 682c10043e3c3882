// In: a policy text. Out: its syntax tree, its comments, and everything that is wrong with it.
// Knows nothing of meaning: names are looked up by `check/`.
import type { Declaration, PolicyFile } from '../ast/nodes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { sortDiagnostics } from '../diagnostics/sort-diagnostics.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { type Comment, CommentTable } from './comments.ts'
import { nestingProblem } from './explain-error.ts'
import { PolicyGrammar } from './grammar.ts'
import { lexSource } from './lex.ts'
import { type Problem, toDiagnostic } from './problem.ts'
import { attempt, type BrokenSource, MAX_PROBLEMS, recover } from './recover.ts'
import { parseStraight, type ReadTest, type StraightOptions } from './straight/parse-straight.ts'
import { findTooDeepBracket } from './token-stream.ts'

/** What became of one source. */
export interface ParsedPolicyFile {
  /** Left out where there is an error. */
  readonly file: PolicyFile | undefined
  /** The declarations in which nothing is wrong: all of them where there is no error. */
  readonly intact: readonly Declaration[]
  /** Sorted by position, at most 100. */
  readonly diagnostics: readonly Diagnostic[]
  /** In source order. Doc comments are in the tree as well. */
  readonly comments: readonly Comment[]
}

// Built once, when the first text is parsed: about 30 ms. The checks of the parser library on the grammar run in
// the tests of this folder, which build their own.
let grammar: PolicyGrammar | undefined

function useGrammar(): PolicyGrammar {
  grammar ??= new PolicyGrammar({ skipValidations: true })
  return grammar
}

/** Parses one source. Never throws, whatever the text. */
export function parsePolicyFile(source: SourceFile): ParsedPolicyFile {
  return parseSource(source, { repeatsRules: false })
}

/** As `parsePolicyFile`, for loading: most rules that are written alike are `RepeatedRule`s. */
export function parseForLoading(source: SourceFile): ParsedPolicyFile {
  return parseSource(source, { repeatsRules: true })
}

function parseSource(source: SourceFile, options: StraightOptions): ParsedPolicyFile {
  const straight = parseStraight(source, (part) => parseTest(source, part), options)
  if (straight === undefined) return parseWith(useGrammar(), source)
  const { declarations, comments } = straight
  const span = { file: source.name, start: 0, end: source.text.length }
  const file: PolicyFile = { kind: 'policyFile', file: source.name, declarations, span }
  return { file, intact: declarations, diagnostics: [], comments }
}

/** A test is read by the grammar in any case: tests are few. */
function parseTest({ name, text }: SourceFile, part: Parameters<ReadTest>[0]): Declaration | undefined {
  const lexed = lexSource({ name, text: text.slice(part.start, part.end) })
  if (lexed.problems.length > 0) return undefined
  for (const token of lexed.tokens) token.startOffset += part.start
  const comments = new CommentTable(part.comments, text)
  let test: Declaration | undefined
  const { error, problems } = attempt(
    useGrammar(),
    lexed.tokens,
    { file: name, text, comments, tokens: lexed.tokens },
    (parser) => {
      test = parser.declaration()
    },
  )
  return error === undefined && problems.length === 0 ? test : undefined
}

/** @internal */
export function parseWith(grammar: PolicyGrammar, source: SourceFile): ParsedPolicyFile {
  const { tokens, comments, problems: lexical } = lexSource(source)
  const table = new CommentTable(comments, source.text)
  const broken: BrokenSource = { file: source.name, text: source.text, comments: table, tokens }
  const { declarations, problems } = parseTokens(grammar, broken, lexical)
  const visible = lexical.filter((problem) => !isCovered(problem, problems))
  const all = sortDiagnostics([...visible, ...problems].map(toDiagnostic)).slice(0, MAX_PROBLEMS)
  const span = { file: source.name, start: 0, end: source.text.length }
  const file =
    all.length > 0 ? undefined : { kind: 'policyFile' as const, file: source.name, declarations, span }
  const intact = declarations.filter((declaration) => !holdsAny(declaration, all))
  return { file, intact, diagnostics: all, comments }
}

function parseTokens(
  grammar: PolicyGrammar,
  source: BrokenSource,
  lexical: readonly Problem[],
): { readonly declarations: readonly Declaration[]; readonly problems: readonly Problem[] } {
  const { file, tokens } = source
  const tooDeep = findTooDeepBracket(tokens)
  if (tooDeep !== undefined) {
    const span = { file, start: tooDeep.startOffset, end: tooDeep.startOffset + 1 }
    return { declarations: [], problems: [nestingProblem(span)] }
  }
  let declarations: readonly Declaration[] = []
  const whole = attempt(grammar, tokens, source, (parser) => {
    declarations = parser.declarations()
  })
  if (whole.error === undefined) return { declarations, problems: whole.problems }
  const found = recover(source, grammar, whole)
  const problems = found.problems.filter((problem) => !isBesideLexical(problem, lexical, source))
  return { declarations: found.declarations, problems }
}

function holdsAny({ span }: Declaration, found: readonly Diagnostic[]): boolean {
  return found.some((diagnostic) => diagnostic.span.start <= span.end && diagnostic.span.end >= span.start)
}

function isCovered({ span }: Problem, problems: readonly Problem[]): boolean {
  return problems.some(({ span: { start }, covers = start }) => start <= span.start && span.end <= covers)
}

/** What the parser says next to a character that the lexer has dropped is most often about that character. */
function isBesideLexical(problem: Problem, lexical: readonly Problem[], source: BrokenSource): boolean {
  if (problem.code !== 'unexpected-token' && problem.code !== 'unknown-declaration') return false
  return lexical.some(({ code, span }) => {
    // Other wrong tokens are read as what was meant.
    if (code !== 'unexpected-character') return false
    const [first, second] = [span, problem.span].toSorted((a, b) => a.start - b.start)
    if (first === undefined || second === undefined) return false
    const between = source.text.slice(first.end, second.start)
    return !between.includes('\n') && between.trim().split(/\s+/).length <= 1
  })
}
