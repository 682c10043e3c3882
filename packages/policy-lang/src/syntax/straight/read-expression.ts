// Expressions, by precedence climbing. See `parse-straight.ts`.
import type { Argument, Binary, Comparison, EntityLiteral, Expression, Name } from '../../ast/nodes.ts'
import { testNode, toActionTest } from '../build-expression.ts'
import { readDuration } from '../duration-literal.ts'
import { findTooDeep, MAX_NESTING } from '../nesting.ts'
import { readRawText } from '../text.ts'
import { type Cursor, giveUp, PRECEDENCE } from './cursor.ts'

export function readExpression(cursor: Cursor): Expression {
  const { count } = cursor
  cursor.enter()
  const isQuantifier = cursor.kind === 'some' || cursor.kind === 'every'
  const expression = isQuantifier ? readQuantifier(cursor) : readConditional(cursor)
  cursor.depth--
  // A level takes at least one token.
  if (cursor.depth === 0 && cursor.count - count > MAX_NESTING && findTooDeep(expression) !== undefined)
    giveUp()
  return expression
}

function readQuantifier(cursor: Cursor): Expression {
  const { start } = cursor
  const quantifier = cursor.kind === 'some' ? 'some' : 'every'
  cursor.advance()
  if (!cursor.isValue) giveUp()
  const variable = cursor.anyName()
  cursor.take('in')
  const set = readOperation(cursor)
  cursor.take(':')
  const body = readExpression(cursor)
  return { kind: 'quantifier', quantifier, variable, set, body, span: cursor.since(start) }
}

function readConditional(cursor: Cursor): Expression {
  const { start } = cursor
  const test = readOperation(cursor)
  if (!cursor.takes('?')) return test
  const then = readExpression(cursor)
  cursor.take(':')
  const otherwise = readExpression(cursor)
  return { kind: 'conditional', test, then, otherwise, span: cursor.since(start) }
}

function readOperation(cursor: Cursor): Expression {
  const { start } = cursor
  const first = readOperand(cursor)
  if (cursor.precedence === PRECEDENCE.none) return first
  if (cursor.precedence === PRECEDENCE.coalesce) return readCoalesce(cursor, first, start)
  const node = readOr(cursor, first, start)
  // A second comparison, or `??`, which stands alone.
  return cursor.precedence === PRECEDENCE.none ? node : giveUp()
}

function readCoalesce(cursor: Cursor, first: Expression, start: number): Expression {
  const operands = [first]
  while (cursor.takes('??')) operands.push(readOperand(cursor))
  if (cursor.precedence !== PRECEDENCE.none) giveUp()
  return { kind: 'coalesce', operands, span: cursor.since(start) }
}

function readOr(cursor: Cursor, first: Expression, start: number): Expression {
  const left = readAnd(cursor, first, start)
  if (cursor.kind !== '||') return left
  const operands = [left]
  while (cursor.takes('||')) {
    const next = cursor.start
    operands.push(readAnd(cursor, readOperand(cursor), next))
  }
  return { kind: 'logical', operator: '||', operands, span: cursor.since(start) }
}

function readAnd(cursor: Cursor, first: Expression, start: number): Expression {
  const left = readComparison(cursor, first, start)
  if (cursor.kind !== '&&') return left
  const operands = [left]
  while (cursor.takes('&&')) {
    const next = cursor.start
    operands.push(readComparison(cursor, readOperand(cursor), next))
  }
  return { kind: 'logical', operator: '&&', operands, span: cursor.since(start) }
}

function readComparison(cursor: Cursor, first: Expression, start: number): Expression {
  const left = readSum(cursor, first, start)
  if (cursor.precedence !== PRECEDENCE.comparison) return left
  const operator = cursor.kind
  cursor.advance()
  switch (operator) {
    case 'is':
    case 'has': {
      const name = operator === 'is' ? cursor.name() : readWord(cursor)
      return testNode(left, operator, { kind: 'name', name }, cursor.since(start))
    }
    case 'like':
    case 'matches': {
      const pattern = readPattern(cursor)
      return testNode(left, operator, pattern, cursor.since(start))
    }
    default:
      return readCompared(cursor, operator as Comparison['operator'], left, start)
  }
}

function readPattern(cursor: Cursor): Parameters<typeof testNode>[2] {
  if (cursor.kind !== 'string') giveUp()
  const span = cursor.span()
  const pattern = readRawText({ file: cursor.file, image: cursor.image(), start: span.start }, giveUp)
  cursor.advance()
  return { kind: 'pattern', pattern, span }
}

function readCompared(
  cursor: Cursor,
  operator: Comparison['operator'],
  left: Expression,
  start: number,
): Expression {
  const next = cursor.start
  const right = readSum(cursor, readOperand(cursor), next)
  const span = cursor.since(start)
  return (
    toActionTest(operator, left, right, span, giveUp) ?? { kind: 'comparison', operator, left, right, span }
  )
}

function readSum(cursor: Cursor, first: Expression, start: number): Expression {
  let left = readProduct(cursor, first, start)
  while (cursor.precedence === PRECEDENCE.sum) {
    const operator = cursor.kind as Binary['operator']
    cursor.advance()
    const next = cursor.start
    const right = readProduct(cursor, readOperand(cursor), next)
    left = { kind: 'binary', operator, left, right, span: cursor.since(start) }
  }
  return left
}

function readProduct(cursor: Cursor, first: Expression, start: number): Expression {
  let left = first
  while (cursor.takes('*')) {
    const right = readOperand(cursor)
    left = { kind: 'binary', operator: '*', left, right, span: cursor.since(start) }
  }
  return left
}

function readOperand(cursor: Cursor): Expression {
  if (cursor.kind !== '!' && cursor.kind !== '-') return readChained(cursor)
  const prefixes: { readonly operator: '!' | '-'; readonly start: number }[] = []
  while (cursor.kind === '!' || cursor.kind === '-') {
    prefixes.push({ operator: cursor.kind, start: cursor.start })
    cursor.advance()
  }
  let node = readChained(cursor)
  for (const { operator, start } of prefixes.reverse()) {
    node = { kind: 'unary', operator, operand: node, span: cursor.since(start) }
  }
  return node
}

/** `a.b?.c["k"].m(x)`. */
function readChained(cursor: Cursor): Expression {
  const { start } = cursor
  let node = readPrimary(cursor)
  for (;;) {
    if (cursor.kind === '.') {
      cursor.advance()
      node = readMember(cursor, node, false, start)
    } else if (cursor.kind === '[') node = readIndex(cursor, node, false, start)
    else if (cursor.kind === '?.') {
      cursor.advance()
      node = cursor.is('[') ? readIndex(cursor, node, true, start) : readMember(cursor, node, true, start)
    } else return node
  }
}

function readMember(cursor: Cursor, object: Expression, isOptional: boolean, start: number): Expression {
  if (!cursor.isWord) giveUp()
  const name = cursor.anyName()
  if (cursor.kind !== '(') return { kind: 'member', object, name, isOptional, span: cursor.since(start) }
  const args = readValues(cursor)
  if (args.length === 0) giveUp()
  return { kind: 'methodCall', object, name, arguments: args, isOptional, span: cursor.since(start) }
}

function readIndex(cursor: Cursor, object: Expression, isOptional: boolean, start: number): Expression {
  cursor.take('[')
  const key = readExpression(cursor)
  cursor.take(']')
  return { kind: 'index', object, key, isOptional, span: cursor.since(start) }
}

function readPrimary(cursor: Cursor): Expression {
  const { kind } = cursor
  switch (kind) {
    case 'string':
      return readTextOrEntity(cursor)
    case 'subject':
    case 'resource':
    case 'action':
    case 'context': {
      const span = cursor.span()
      cursor.advance()
      return { kind: 'root', root: kind, span }
    }
    case 'true':
    case 'false': {
      const span = cursor.span()
      cursor.advance()
      return { kind: 'bool', value: kind === 'true', span }
    }
    case 'number': {
      const [text, span] = [cursor.image(), cursor.span()]
      cursor.advance()
      return { kind: 'number', value: Number(text), text, span }
    }
    case 'duration': {
      const [text, span] = [cursor.image(), cursor.span()]
      cursor.advance()
      return { kind: 'duration', milliseconds: readDuration(text), text, span }
    }
    case 'datetime':
    case 'ip':
      return readConstructed(cursor, kind)
    case 'hasRole':
      return readHasRole(cursor)
    case '[':
      return readSet(cursor)
    case '{':
      return readRecord(cursor)
    case '(': {
      cursor.advance()
      const inner = readExpression(cursor)
      cursor.take(')')
      return inner
    }
    default:
      return cursor.isValue ? readReferenceOrCall(cursor) : giveUp()
  }
}

function readTextOrEntity(cursor: Cursor): Expression {
  const name = cursor.anyName()
  if (cursor.kind === '::') return readEntityRest(cursor, name)
  return { kind: 'string', value: name.name, span: name.span }
}

function readReferenceOrCall(cursor: Cursor): Expression {
  const name = cursor.anyName()
  if (cursor.kind === '::') return readEntityRest(cursor, name)
  if (cursor.kind !== '(') return { kind: 'reference', name, span: name.span }
  const args = readValues(cursor)
  return { kind: 'call', name, arguments: args, span: cursor.since(name.span.start) }
}

/** `::"id"` after the name of a type. */
export function readEntityRest(cursor: Cursor, type: Name): EntityLiteral {
  cursor.take('::')
  const id = cursor.title()
  return { kind: 'entity', type, id, span: cursor.since(type.span.start) }
}

/** Arguments of a function or a method, which have no names. */
function readValues(cursor: Cursor): Expression[] {
  const values: Expression[] = []
  cursor.take('(')
  if (cursor.takes(')')) return values
  do values.push(readExpression(cursor))
  while (cursor.takes(','))
  cursor.take(')')
  return values
}

function readConstructed(cursor: Cursor, kind: 'datetime' | 'ip'): Expression {
  const { start } = cursor
  cursor.advance()
  cursor.take('(')
  const text = cursor.title()
  cursor.take(')')
  return { kind, text, span: cursor.since(start) }
}

function readHasRole(cursor: Cursor): Expression {
  const { start } = cursor
  cursor.advance()
  cursor.take('(')
  const role = cursor.name()
  const on = cursor.takes(',') ? readExpression(cursor) : undefined
  cursor.take(')')
  const span = cursor.since(start)
  return on === undefined ? { kind: 'hasRole', role, span } : { kind: 'hasRole', role, on, span }
}

function readSet(cursor: Cursor): Expression {
  const { start } = cursor
  const elements: Expression[] = []
  cursor.advance()
  if (!cursor.is(']')) {
    do elements.push(readExpression(cursor))
    while (cursor.takes(','))
  }
  cursor.take(']')
  return { kind: 'set', elements, span: cursor.since(start) }
}

function readRecord(cursor: Cursor): Expression {
  const { start } = cursor
  const entries: Argument[] = []
  cursor.advance()
  if (!cursor.is('}')) {
    do entries.push(readArgument(cursor))
    while (cursor.takes(','))
  }
  cursor.take('}')
  return { kind: 'record', entries, span: cursor.since(start) }
}

function readArgument(cursor: Cursor): Argument {
  const { start } = cursor
  const name = readWord(cursor)
  cursor.take(':')
  const value = readExpression(cursor)
  return { kind: 'argument', name, value, span: cursor.since(start) }
}

/** Arguments in parentheses, each with its name. */
export function readArguments(cursor: Cursor): Argument[] {
  const args: Argument[] = []
  cursor.take('(')
  if (cursor.takes(')')) return args
  do args.push(readArgument(cursor))
  while (cursor.takes(','))
  cursor.take(')')
  return args
}

/** A name where any word or string may stand. */
export function readWord(cursor: Cursor): Name {
  return cursor.isWord || cursor.is('string') ? cursor.anyName() : giveUp()
}
