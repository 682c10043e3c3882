import { isValueWord } from '../ast/keywords.ts'
import type { Binary, BoolLiteral, Comparison, EntityLiteral, Expression, Name, Root } from '../ast/nodes.ts'
import type { Span } from '../diagnostics/span.ts'
import type { Problem } from './problem.ts'

/** An operand and the range it takes in the source, parentheses included. */
export interface Operand {
  readonly node: Expression
  readonly start: number
  readonly end: number
}

/** What follows an operand: an operator with the next operand, or a test that needs no operand. */
export interface Step {
  readonly operator: string
  readonly start: number
  readonly end: number
  readonly right: Operand | TestTail
}

/** The right side of `is`, `has`, `like` and `matches`. */
export type TestTail =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly span: Span }

/** Where a flat chain stands, and where to say what is wrong with it. */
export interface ChainContext {
  readonly file: string
  readonly text: string
  readonly report: (problem: Problem) => void
}

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'is', 'has', 'like', 'matches'])
/** Slips of other languages, already reported, and what they mean. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['===', '=='],
  ['!==', '!='],
  ['&', '&&'],
])

/** Makes a tree from `operand (operator operand)*`: precedence, and the two rules about what must be parenthesised. */
export function buildExpression(first: Operand, steps: readonly Step[], context: ChainContext): Operand {
  if (steps.length === 0) return first
  const builder = new ChainBuilder(first, steps.map(meantStep), context)
  builder.checkCoalesce()
  return builder.buildOr()
}

function meantStep(step: Step): Step {
  const meant = MEANT.get(step.operator)
  return meant === undefined ? step : { ...step, operator: meant }
}

function isOperand(right: Operand | TestTail): right is Operand {
  return 'node' in right
}

class ChainBuilder {
  readonly #steps: readonly Step[]
  readonly #context: ChainContext
  #next: Operand
  #index = 0

  constructor(first: Operand, steps: readonly Step[], context: ChainContext) {
    this.#next = first
    this.#steps = steps
    this.#context = context
  }

  checkCoalesce(): void {
    const coalesce = this.#steps.find((step) => step.operator === '??')
    const other = this.#steps.find((step) => step.operator !== '??')
    if (coalesce === undefined || other === undefined) return
    this.#context.report({
      code: 'mixed-coalesce',
      message: `\`??\` beside \`${other.operator}\` needs parentheses`,
      span: this.#span(coalesce.start, coalesce.end),
      hint: `write \`${this.#parenthesiseCoalesce()}\``,
    })
  }

  buildOr(): Operand {
    return this.#buildLogical('||', () => this.#buildLogical('&&', () => this.#buildComparison()))
  }

  #buildLogical(operator: '&&' | '||', buildOperand: () => Operand): Operand {
    const first = buildOperand()
    if (this.#operator() !== operator) return first
    const operands = [first]
    while (this.#operator() === operator) {
      this.#advance()
      operands.push(buildOperand())
    }
    return this.#cover(operands, (span) => ({
      kind: 'logical',
      operator,
      operands: operands.map(({ node }) => node),
      span,
    }))
  }

  #buildComparison(): Operand {
    let left = this.#buildSum()
    let isChained = false
    for (let step = this.#steps[this.#index]; step !== undefined; step = this.#steps[this.#index]) {
      if (!COMPARISONS.has(step.operator)) break
      if (isChained) this.#reportChained(step)
      isChained = true
      left = this.#compare(left, step)
    }
    return left
  }

  #compare(left: Operand, step: Step): Operand {
    if (!isOperand(step.right)) {
      this.#index++
      return this.#test(left, step.operator, step.right)
    }
    this.#advance()
    const right = this.#buildSum()
    const operator = step.operator as Comparison['operator']
    return this.#cover([left, right], (span) => {
      return (
        toActionTest(operator, left.node, right.node, span, this.#context.report) ?? {
          kind: 'comparison',
          operator,
          left: left.node,
          right: right.node,
          span,
        }
      )
    })
  }

  #test(left: Operand, operator: string, tail: TestTail): Operand {
    const operand = left.node
    const end = tail.kind === 'name' ? tail.name.span.end : tail.span.end
    const span = this.#span(left.start, end)
    return { node: testNode(operand, operator, tail, span), start: left.start, end }
  }

  #buildSum(): Operand {
    return this.#buildBinary(['+', '-'], () => this.#buildBinary(['*'], () => this.#buildCoalesce()))
  }

  #buildBinary(operators: readonly string[], buildOperand: () => Operand): Operand {
    let left = buildOperand()
    for (
      let operator = this.#operator();
      operator !== undefined && operators.includes(operator);
      operator = this.#operator()
    ) {
      this.#advance()
      const right = buildOperand()
      const binary = operator as Binary['operator']
      const [leftNode, rightNode] = [left.node, right.node]
      left = this.#cover([left, right], (span) => {
        return { kind: 'binary', operator: binary, left: leftNode, right: rightNode, span }
      })
    }
    return left
  }

  /** Alone in its chain, or reported already: then it binds tightest. */
  #buildCoalesce(): Operand {
    const operands = [this.#next]
    while (this.#operator() === '??') {
      this.#advance()
      operands.push(this.#next)
    }
    if (operands.length === 1) return this.#next
    return this.#cover(operands, (span) => ({
      kind: 'coalesce',
      operands: operands.map(({ node }) => node),
      span,
    }))
  }

  #operator(): string | undefined {
    return this.#steps[this.#index]?.operator
  }

  /** Steps over an operator, so that its operand is the next one to build from. */
  #advance(): void {
    const right = this.#steps[this.#index]?.right
    this.#index++
    if (right !== undefined && isOperand(right)) this.#next = right
  }

  #cover(operands: readonly Operand[], build: (span: Span) => Expression): Operand {
    const start = operands[0]?.start ?? 0
    const end = operands.at(-1)?.end ?? start
    return { node: build(this.#span(start, end)), start, end }
  }

  #span(start: number, end: number): Span {
    return { file: this.#context.file, start, end }
  }

  #reportChained(step: Step): void {
    const isEquality = step.operator === '==' || step.operator === '!='
    this.#context.report({
      code: 'chained-comparison',
      message: `\`${step.operator}\` after another comparison needs parentheses`,
      span: this.#span(step.start, step.end),
      hint: isEquality
        ? 'put the first comparison in parentheses, or join two comparisons with `&&`'
        : 'join two comparisons with `&&`, such as `a < b && b < c`',
    })
  }

  /** The source of the chain with each run of `??` in parentheses, and each test that stands before one. */
  #parenthesiseCoalesce(): string {
    const { text } = this.#context
    const pieces: string[] = []
    let piece = text.slice(this.#next.start, this.#next.end)
    let isRun = false
    let isTest = false
    for (const step of this.#steps) {
      const written = `${step.operator} ${isOperand(step.right) ? text.slice(step.right.start, step.right.end) : tailText(text, step.right)}`
      const isCoalesce = step.operator === '??'
      if (isCoalesce || !isOperand(step.right)) {
        const isClosed = isCoalesce ? isTest : isRun
        piece = `${isClosed ? `(${piece})` : piece} ${written}`
        isRun = isCoalesce
        isTest = !isCoalesce
        continue
      }
      pieces.push(isRun ? `(${piece})` : piece, step.operator)
      piece = text.slice(step.right.start, step.right.end)
      isRun = false
      isTest = false
    }
    pieces.push(isRun && pieces.length > 0 ? `(${piece})` : piece)
    return pieces.join(' ').replace(/\s+/g, ' ')
  }
}

function tailText(text: string, tail: TestTail): string {
  const span = tail.kind === 'name' ? tail.name.span : tail.span
  return text.slice(span.start, span.end)
}

export function testNode(operand: Expression, operator: string, tail: TestTail, span: Span): Expression {
  if (tail.kind === 'pattern') {
    const kind = operator === 'like' ? 'like' : 'matches'
    return { kind, operand, pattern: tail.pattern, patternSpan: tail.span, span }
  }
  if (operator === 'is') return { kind: 'is', operand, type: tail.name, span }
  // A word stands in the text as it is; with quotes it is longer than its name.
  const { name } = tail
  const isQuoted = name.span.end - name.span.start > name.name.length
  return { kind: 'has', operand, name, isQuoted, span }
}

/** `action == read` names an action; nothing else of the language looks like a name and is none. */
export function toActionTest(
  operator: Comparison['operator'],
  left: Expression,
  right: Expression,
  span: Span,
  report: ChainContext['report'],
): Expression | undefined {
  if (left.kind !== 'root' || left.root !== 'action') return undefined
  if (operator !== '==' && operator !== '!=' && operator !== 'in') return undefined
  const isList = right.kind === 'set'
  if (isList && operator !== 'in') return undefined
  const given = isList ? right.elements : [right]
  const names = given.map(toActionName)
  if (!names.every((name) => name !== undefined)) return undefined
  const typed = given.find((each) => each.kind === 'entity')
  if (typed !== undefined) reportTypedAction(typed, report)
  const reserved = given.find((each) => each.kind === 'root' || each.kind === 'bool')
  if (reserved !== undefined) {
    const written = names.map(({ name }) => (isValueWord(name) ? name : JSON.stringify(name)))
    report({ ...reservedAction(wordOf(reserved), operator, written, isList), span: reserved.span })
  }
  return { kind: 'actionTest', operator, names, isList, span }
}

/** `Action::"read"`, as Cedar has it. */
function reportTypedAction({ id, span }: EntityLiteral, report: ChainContext['report']): void {
  report({
    code: 'foreign-syntax',
    message: 'an action is named alone: it has no type',
    span,
    hint: `write \`${/^[A-Za-z_][A-Za-z0-9_]*$/.test(id) ? id : JSON.stringify(id)}\``,
  })
}

/** What is said of a word that means something of its own where an action is to be named. */
export function reservedAction(
  word: string,
  operator: string,
  written: readonly string[],
  isList: boolean,
): Omit<Problem, 'span'> {
  const isGroup = operator === 'in' && !isList
  const list = written.join(', ')
  return {
    code: 'unexpected-token',
    message: `\`${word}\` is a word of the language, and names no ${isGroup ? 'group' : 'action'} without quotes`,
    hint: `for ${isGroup ? 'a group' : 'an action'} of this name write \`action ${operator} ${isList ? `[${list}]` : list}\``,
  }
}

function wordOf(expression: Root | BoolLiteral): string {
  return expression.kind === 'root' ? expression.root : `${expression.value}`
}

function toActionName(expression: Expression): Name | undefined {
  if (expression.kind === 'reference') return expression.name
  if (expression.kind === 'string') return { name: expression.value, span: expression.span }
  if (expression.kind === 'entity') return { name: expression.id, span: expression.span }
  if (expression.kind === 'root' || expression.kind === 'bool')
    return { name: wordOf(expression), span: expression.span }
  return undefined
}
