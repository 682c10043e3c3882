// Expression → Code: names resolved, `let` and `fn` inlined, groups of actions expanded.
// In: an expression that the checker found sound. Out: a tree that evaluates without any table of names.
// INVARIANT: the checker refused recursion and counted the expanded size, so inlining ends and stays bounded.
import type {
  Call,
  Comparison,
  Expression,
  HasRole,
  HasTest,
  Index,
  Logical,
  Member,
  MethodCall,
  Quantifier,
  Reference,
  Unary,
} from '../ast/nodes.ts'
import { assertUnreachable } from '../check/assert-unreachable.ts'
import type { Code, MethodName } from '../program/program.ts'
import { toLiteralCode } from './literal-code.ts'
import { lowerActionTest } from './lower-action-test.ts'
import { type Binding, EMPTY_SCOPE, inScope, type LoweringContext, notMonotone } from './lowering-context.ts'

/** Lowers a condition or value. Arguments of `fn` are substituted, so an unused one leaves no trace. */
export function lowerExpression(expression: Expression, context: LoweringContext): Code {
  const monotone = (part: Expression): Code => lowerExpression(part, context)
  const other = (part: Expression): Code => lowerExpression(part, notMonotone(context))
  const at = context.unit.placeOf(expression.span)
  switch (expression.kind) {
    case 'bool':
    case 'string':
    case 'number':
    case 'duration':
    case 'datetime':
    case 'ip':
    case 'entity':
      return toLiteralCode(expression)
    case 'set':
      return { op: 'set', elements: expression.elements.map(other) }
    case 'record': {
      const entries = expression.entries.map(({ name, value }) => ({ name: name.name, code: other(value) }))
      return { op: 'record', entries }
    }
    case 'root':
      return lowerRoot(expression.root)
    case 'reference':
      return lowerReference(expression, context)
    case 'call':
      return lowerCall(expression, context)
    case 'hasRole':
      return lowerHasRole(expression, context)
    case 'member':
      return lowerMember(expression, context)
    case 'index':
      return lowerIndex(expression, context)
    case 'methodCall':
      return lowerMethodCall(expression, context)
    case 'unary':
      return lowerUnary(expression, context)
    case 'logical':
      return lowerLogical(expression, context)
    case 'binary': {
      const { operator, left, right } = expression
      return { op: 'arithmetic', operator, left: other(left), right: other(right), at }
    }
    case 'comparison':
      return lowerComparison(expression, context)
    case 'actionTest':
      return lowerActionTest(expression, context.unit)
    case 'is':
      return { op: 'is', operand: other(expression.operand), type: expression.type.name }
    case 'has':
      return lowerHasTest(expression, context)
    case 'like':
    case 'matches':
      return { op: expression.kind, operand: other(expression.operand), pattern: expression.pattern, at }
    case 'coalesce':
      return { op: 'coalesce', operands: expression.operands.map(monotone) }
    case 'conditional': {
      const { test, then, otherwise } = expression
      // biome-ignore lint/suspicious/noThenProperty: a node of plain data, never awaited
      return { op: 'conditional', test: other(test), then: monotone(then), otherwise: monotone(otherwise) }
    }
    case 'quantifier':
      return lowerQuantifier(expression, context)
    default:
      return assertUnreachable(expression)
  }
}

function lowerRoot(root: 'subject' | 'action' | 'resource' | 'context'): Code {
  if (root === 'subject' || root === 'resource') return { op: root }
  // `action` and `context` are no values: the checker lets them stand only before a member or `has`.
  throw new TypeError(`\`${root}\` alone is no value`)
}

function lowerReference({ name: { name } }: Reference, context: LoweringContext): Code {
  const binding = context.scope.get(name)
  switch (binding?.kind) {
    case 'variable':
      return { op: 'variable', name: binding.name }
    case 'roleParameter':
      return { op: 'roleParameter', name }
    case 'argument':
      return lowerExpression(binding.expression, inScope(context, binding.scope))
    case 'absent':
      return { op: 'absent' }
    case undefined: {
      const declaration = context.unit.checked.lets.get(name)
      if (declaration === undefined) throw new TypeError(`unresolved name \`${name}\``)
      return lowerExpression(declaration.value, inScope(context, EMPTY_SCOPE))
    }
    default:
      return assertUnreachable(binding)
  }
}

function lowerCall(call: Call, context: LoweringContext): Code {
  const declaration = context.unit.checked.fns.get(call.name.name)
  if (declaration === undefined) throw new TypeError(`unresolved function \`${call.name.name}\``)
  const scope = new Map<string, Binding>()
  declaration.parameters.forEach(({ name }, index) => {
    const expression = call.arguments[index]
    const isGiven = expression !== undefined
    scope.set(
      name.name,
      isGiven ? { kind: 'argument', expression, scope: context.scope } : { kind: 'absent' },
    )
  })
  return lowerExpression(declaration.body, inScope(context, scope))
}

function lowerHasRole({ role, on, span }: HasRole, context: LoweringContext): Code {
  const isNegative = !context.isMonotone
  const at = context.unit.placeOf(span)
  if (on === undefined) return { op: 'hasRole', role: role.name, isNegative, at }
  return { op: 'hasRole', role: role.name, on: lowerExpression(on, notMonotone(context)), isNegative, at }
}

function lowerMember(member: Member, context: LoweringContext): Code {
  const name = member.name.name
  const at = context.unit.placeOf(member.span)
  if (!context.unit.checked.methods.has(member)) return lowerAttribute(member.object, name, member, context)
  const object = lowerExpression(member.object, notMonotone(context))
  return { op: 'method', object, method: name as MethodName, args: [], ...optionalMark(member), at }
}

/** `.name` of anything: the roots without a value of their own have operations of their own. */
function lowerAttribute(
  object: Expression,
  name: string,
  whole: Member | Index,
  context: LoweringContext,
): Code {
  const at = context.unit.placeOf(whole.span)
  if (object.kind === 'root' && object.root === 'context') {
    return name === 'now' ? { op: 'now', at } : { op: 'context', name, at }
  }
  if (object.kind === 'root' && object.root === 'action') {
    return name === 'name' ? { op: 'actionName' } : { op: 'parameter', name, at }
  }
  const receiver = lowerExpression(object, notMonotone(context))
  return { op: 'member', object: receiver, name, ...optionalMark(whole), at }
}

function lowerIndex(index: Index, context: LoweringContext): Code {
  const { object, key } = index
  if (object.kind === 'root' && key.kind === 'string')
    return lowerAttribute(object, key.value, index, context)
  const inner = notMonotone(context)
  const parts = { object: lowerExpression(object, inner), key: lowerExpression(key, inner) }
  return { op: 'entry', ...parts, ...optionalMark(index), at: context.unit.placeOf(index.span) }
}

function lowerMethodCall(call: MethodCall, context: LoweringContext): Code {
  const inner = notMonotone(context)
  return {
    op: 'method',
    object: lowerExpression(call.object, inner),
    method: call.name.name as MethodName,
    args: call.arguments.map((argument) => lowerExpression(argument, inner)),
    ...optionalMark(call),
    at: context.unit.placeOf(call.span),
  }
}

function optionalMark({ isOptional }: { readonly isOptional: boolean }): { readonly isOptional?: true } {
  return isOptional ? { isOptional } : {}
}

function lowerUnary({ operator, operand, span }: Unary, context: LoweringContext): Code {
  const code = lowerExpression(operand, notMonotone(context))
  if (operator === '!') return { op: 'not', operand: code }
  return { op: 'negate', operand: code, at: context.unit.placeOf(span) }
}

/** Nested chains of one operator, often left by inlining, become one: a long policy stays shallow. */
function lowerLogical({ operator, operands }: Logical, context: LoweringContext): Code {
  const op = operator === '&&' ? 'and' : 'or'
  const codes = operands.map((operand) => lowerExpression(operand, context))
  return { op, operands: codes.flatMap((code) => (code.op === op ? code.operands : [code])) }
}

function lowerComparison({ operator, left, right, span }: Comparison, context: LoweringContext): Code {
  const inner = notMonotone(context)
  const at = context.unit.placeOf(span)
  const sides = { left: lowerExpression(left, inner), right: lowerExpression(right, inner) }
  return operator === 'in' ? { op: 'in', ...sides, at } : { op: 'compare', operator, ...sides, at }
}

function lowerHasTest({ operand, name: { name }, span }: HasTest, context: LoweringContext): Code {
  const at = context.unit.placeOf(span)
  const root = operand.kind === 'root' ? operand.root : undefined
  const isAlwaysThere = (root === 'context' && name === 'now') || (root === 'action' && name === 'name')
  if (isAlwaysThere) return { op: 'literal', value: true }
  if (root === 'context') return { op: 'hasContext', name, at }
  if (root === 'action') return { op: 'hasParameter', name, at }
  return { op: 'has', operand: lowerExpression(operand, notMonotone(context)), name, at }
}

function lowerQuantifier(quantifier: Quantifier, context: LoweringContext): Code {
  const variable = context.freshVariable(quantifier.variable.name)
  const scope = new Map(context.scope).set(quantifier.variable.name, { kind: 'variable', name: variable })
  return {
    op: 'quantifier',
    quantifier: quantifier.quantifier,
    variable,
    set: lowerExpression(quantifier.set, notMonotone(context)),
    body: lowerExpression(quantifier.body, inScope(context, scope)),
    at: context.unit.placeOf(quantifier.span),
  }
}
