import { concat, group, HARD_LINE, indent, join, type Layout, LINE, NOTHING, SOFT_LINE } from './layout.ts'
import type { Argument, Coalesce, Conditional, Expression, Logical, Quantifier } from './nodes.ts'
import type { PrintContext } from './print-context.ts'
import { printName, printTestedAction, printWord, writePattern, writeText } from './print-names.ts'

/** How tightly an expression holds together; an operand looser than its place is put in parentheses. */
const LOOSEST = 0
const COALESCE = 1
const OR = 2
const AND = 3
const COMPARISON = 4
const SUM = 5
const PRODUCT = 6
const PREFIX = 7
const PRIMARY = 8

function tightness(expression: Expression): number {
  switch (expression.kind) {
    case 'conditional':
    case 'quantifier':
      return LOOSEST
    case 'coalesce':
      return COALESCE
    case 'logical':
      return expression.operator === '||' ? OR : AND
    case 'comparison':
    case 'actionTest':
    case 'is':
    case 'has':
    case 'like':
    case 'matches':
      return COMPARISON
    case 'binary':
      return expression.operator === '*' ? PRODUCT : SUM
    case 'unary':
      return PREFIX
    default:
      return PRIMARY
  }
}

export function layoutExpression(expression: Expression, context: PrintContext): Layout {
  return layoutOperand(expression, LOOSEST, context)
}

/** An expression on a line of its own: a chain that breaks goes on at the same indentation. */
export function layoutOwnLine(expression: Expression, context: PrintContext): Layout {
  if (expression.kind !== 'logical' && expression.kind !== 'coalesce')
    return layoutExpression(expression, context)
  const { head, rest } = chainParts(asChain(expression), context)
  return group(head, join(NOTHING, rest))
}

function layoutOperand(expression: Expression, place: number, context: PrintContext): Layout {
  const lead = context.lead(expression.span.start)
  return concat(lead, layoutBare(expression, place, context))
}

function layoutBare(expression: Expression, place: number, context: PrintContext): Layout {
  const inner = layoutNode(expression, context)
  if (tightness(expression) >= place) return inner
  return group('(', indent(SOFT_LINE, inner), SOFT_LINE, ')')
}

function layoutNode(expression: Expression, context: PrintContext): Layout {
  switch (expression.kind) {
    case 'bool':
      return String(expression.value)
    case 'string':
      return writeText(expression.value)
    case 'number':
    case 'duration':
      return expression.text
    case 'datetime':
    case 'ip':
      return `${expression.kind}(${writeText(expression.text)})`
    case 'entity':
      return `${printName(expression.type)}::${writeText(expression.id)}`
    case 'root':
      return expression.root
    case 'reference':
      return expression.name.name
    case 'set':
      return layoutList(
        '[',
        expression.elements.map((element) => layoutElement(element, context)),
        ']',
      )
    case 'record':
      return layoutRecord(expression.entries, context)
    case 'call':
    case 'hasRole':
    case 'member':
    case 'index':
    case 'methodCall':
      return layoutAccess(expression, context)
    default:
      return layoutOperation(expression, context)
  }
}

type Access = Extract<Expression, { kind: 'call' | 'hasRole' | 'member' | 'index' | 'methodCall' }>

function layoutAccess(expression: Access, context: PrintContext): Layout {
  switch (expression.kind) {
    case 'call':
      return concat(expression.name.name, layoutValues(expression.arguments, context))
    case 'hasRole': {
      const on = expression.on === undefined ? [] : [layoutElement(expression.on, context)]
      return concat('hasRole', layoutList('(', [printName(expression.role), ...on], ')'))
    }
    case 'index': {
      const object = layoutOperand(expression.object, PRIMARY, context)
      const key = layoutOperand(expression.key, LOOSEST, context)
      return concat(object, expression.isOptional ? '?.[' : '[', key, ']')
    }
    case 'member':
      return concat(layoutOperand(expression.object, PRIMARY, context), memberName(expression))
    case 'methodCall':
      return concat(
        layoutOperand(expression.object, PRIMARY, context),
        memberName(expression),
        layoutValues(expression.arguments, context),
      )
  }
}

function memberName(expression: Extract<Expression, { kind: 'member' | 'methodCall' }>): string {
  return `${expression.isOptional ? '?.' : '.'}${expression.name.name}`
}

type Operation = Extract<
  Expression,
  {
    kind:
      | 'unary'
      | 'logical'
      | 'binary'
      | 'comparison'
      | 'actionTest'
      | 'is'
      | 'has'
      | 'like'
      | 'matches'
      | 'coalesce'
      | 'conditional'
      | 'quantifier'
  }
>

function layoutOperation(expression: Operation, context: PrintContext): Layout {
  switch (expression.kind) {
    case 'unary':
      return concat(expression.operator, layoutOperand(expression.operand, PREFIX, context))
    case 'logical':
    case 'coalesce':
      return layoutChain(asChain(expression), context)
    case 'binary': {
      const place = expression.operator === '*' ? PRODUCT : SUM
      return layoutBinary(expression, place, place + 1, context)
    }
    case 'comparison':
      return layoutBinary(expression, SUM, SUM, context)
    case 'actionTest': {
      const names = expression.names.map(printTestedAction).join(', ')
      return `action ${expression.operator} ${expression.isList ? `[${names}]` : names}`
    }
    case 'is':
      return concat(layoutOperand(expression.operand, SUM, context), ` is ${printName(expression.type)}`)
    case 'has':
      return concat(
        layoutOperand(expression.operand, SUM, context),
        ` has ${expression.isQuoted ? writeText(expression.name.name) : printWord(expression.name)}`,
      )
    case 'like':
    case 'matches': {
      const pattern = writePattern(expression.pattern)
      return concat(layoutOperand(expression.operand, SUM, context), ` ${expression.kind} ${pattern}`)
    }
    case 'conditional':
      return layoutConditional(expression, context)
    case 'quantifier':
      return layoutQuantifier(expression, context)
  }
}

interface Chain {
  readonly operator: string
  readonly operands: readonly Expression[]
  /** How tight an operand must be to stand without parentheses. */
  readonly place: number
}

function asChain(expression: Logical | Coalesce): Chain {
  const { operands } = expression
  if (expression.kind === 'coalesce') return { operator: '??', operands, place: PREFIX }
  return { operator: expression.operator, operands, place: expression.operator === '||' ? AND : COMPARISON }
}

function layoutChain(chain: Chain, context: PrintContext): Layout {
  const { head, rest } = chainParts(chain, context)
  return group(head, indent(join(NOTHING, rest)))
}

/** In a chain that is broken each operator starts a line. */
function chainParts(
  chain: Chain,
  context: PrintContext,
): { readonly head: Layout; readonly rest: readonly Layout[] } {
  const { operator, place } = chain
  const [first, ...others] = chain.operands
  if (first === undefined) return { head: NOTHING, rest: [] }
  const head = concat(layoutOperand(first, place, context), trailOperand(first, place, context))
  const rest = others.map((operand) => {
    const lead = context.lead(operand.span.start)
    const bare = layoutBare(operand, place, context)
    return concat(LINE, lead, `${operator} `, bare, trailOperand(operand, place, context))
  })
  return { head, rest }
}

function trailOperand(operand: Expression, place: number, context: PrintContext): Layout {
  return context.trail(operand.span.end, tightness(operand) < place)
}

function layoutBinary(
  expression: Extract<Expression, { kind: 'binary' | 'comparison' }>,
  leftPlace: number,
  rightPlace: number,
  context: PrintContext,
): Layout {
  const left = layoutOperand(expression.left, leftPlace, context)
  const lead = context.lead(expression.right.span.start)
  const right = layoutBare(expression.right, rightPlace, context)
  return group(left, indent(LINE, lead, `${expression.operator} `, right))
}

function layoutConditional(expression: Conditional, context: PrintContext): Layout {
  const test = layoutOperand(expression.test, COALESCE, context)
  const arms = [
    ['? ', expression.then],
    [': ', expression.otherwise],
  ] as const
  const lines = arms.map(([sign, arm]) => {
    return concat(LINE, context.lead(arm.span.start), sign, layoutBare(arm, LOOSEST, context))
  })
  return group(test, indent(...lines))
}

function layoutQuantifier(expression: Quantifier, context: PrintContext): Layout {
  const set = layoutOperand(expression.set, COALESCE, context)
  const body = layoutOperand(expression.body, LOOSEST, context)
  return group(`${expression.quantifier} ${expression.variable.name} in `, set, ':', indent(LINE, body))
}

function layoutElement(expression: Expression, context: PrintContext): Layout {
  return concat(layoutOperand(expression, LOOSEST, context), context.trail(expression.span.end))
}

function layoutValues(values: readonly Expression[], context: PrintContext): Layout {
  return layoutList(
    '(',
    values.map((value) => layoutElement(value, context)),
    ')',
  )
}

function layoutRecord(entries: readonly Argument[], context: PrintContext): Layout {
  return layoutList(
    '{',
    entries.map((entry) => layoutArgument(entry, context)),
    '}',
    LINE,
  )
}

function layoutArgument(argument: Argument, context: PrintContext): Layout {
  const value = layoutOperand(argument.value, LOOSEST, context)
  const lead = context.lead(argument.span.start)
  return concat(lead, `${printWord(argument.name)}: `, value, context.trail(argument.span.end))
}

/** Named arguments in parentheses. */
export function layoutArguments(args: readonly Argument[], context: PrintContext): Layout {
  return layoutList(
    '(',
    args.map((argument) => layoutArgument(argument, context)),
    ')',
  )
}

/** Elements between brackets: all on one line, or each on its own. */
export function layoutList(
  open: string,
  elements: readonly Layout[],
  close: string,
  edge: Layout = SOFT_LINE,
  last: readonly Layout[] = [],
): Layout {
  if (elements.length + last.length === 0) return `${open}${close}`
  const inner = concat(join(concat(',', LINE), elements), ...last.map((one) => concat(HARD_LINE, one)))
  return group(open, indent(edge, inner), edge, close)
}
