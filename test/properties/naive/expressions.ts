// Expressions over their syntax trees. Nothing is skipped: both sides of everything are looked at.
import type {
  ActionTest,
  Call,
  Comparison,
  Conditional,
  Expression,
  HasTest,
  Index,
  Member,
  MethodCall,
  Quantifier,
} from '../../../packages/policy-lang/src/ast/nodes.ts'
import { readAddress } from './addresses.ts'
import { hasAttribute, hasValue, readAttribute, readField, type World } from './facts.ts'
import {
  calculate,
  callMethod,
  compare,
  isContained,
  matchesLike,
  negate,
  readProperty,
} from './operators.ts'
import type { Fields as FieldTypes, Type } from './schema.ts'
import { readInstant } from './times.ts'
import {
  ABSENT,
  and,
  bool,
  equal,
  FAILED,
  isFalse,
  isTrue,
  isValue,
  not,
  type Outcome,
  or,
  type Reference,
  reference,
  text,
  toSet,
  type Value,
} from './values.ts'

/** Says how far a role is held. `isPositive`: the question stands under nothing that could turn it round. */
export type AskRole = (role: string, on: Reference, isPositive: boolean) => Outcome

/** A name's meaning: a value, or an expression of the place that calls. */
type Binding =
  | { readonly outcome: Outcome }
  | { readonly expression: Expression; readonly scope: Scope; readonly type: Type }

export interface Scope {
  readonly world: World
  readonly askRole: AskRole
  /** The entity that `resource` names, where it may be named. */
  readonly resource: Reference | undefined
  readonly names: ReadonlyMap<string, Binding>
}

export function subjectOf(world: World): Reference {
  return reference(world.request.subject.type, world.request.subject.id)
}

function actionParameters(scope: Scope): FieldTypes {
  const type = resourceTypeOf(scope)
  return type?.actions.get(scope.world.request.action.name) ?? new Map()
}

function resourceTypeOf(scope: Scope) {
  return scope.world.schema.types.get(scope.world.request.resource.type)
}

function readContext(scope: Scope, name: string): Outcome {
  const { now, schema, request } = scope.world
  if (name === 'now') return now === undefined ? FAILED : { kind: 'instant', ms: now }
  return readField(scope.world, request.context, schema.context, name)
}

function readAction(scope: Scope, name: string): Outcome {
  const { action } = scope.world.request
  if (name === 'name') return text(action.name)
  return readField(scope.world, action.properties, actionParameters(scope), name)
}

/** `a.name` and `a["name"]` where a is `context` or `action`; else nothing. */
function readRoot(object: Expression, name: string, scope: Scope): Outcome | undefined {
  if (object.kind !== 'root') return undefined
  if (object.root === 'context') return readContext(scope, name)
  if (object.root === 'action') return readAction(scope, name)
  return undefined
}

function evaluateMember(node: Member, scope: Scope): Outcome {
  const root = readRoot(node.object, node.name.name, scope)
  if (root !== undefined) return root
  const object = evaluate(node.object, scope, false)
  if (!isValue(object)) return object
  if (object.kind === 'reference') return readAttribute(scope.world, object, node.name.name)
  return readProperty(object, node.name.name)
}

function evaluateIndex(node: Index, scope: Scope): Outcome {
  if (node.key.kind === 'string') {
    const root = readRoot(node.object, node.key.value, scope)
    if (root !== undefined) return root
  }
  const object = evaluate(node.object, scope, false)
  if (!isValue(object)) return object
  const key = evaluate(node.key, scope, false)
  if (key.kind !== 'text') return FAILED
  if (object.kind === 'reference') return readAttribute(scope.world, object, key.text)
  return object.kind === 'fields' ? (object.fields.get(key.text) ?? ABSENT) : FAILED
}

function evaluateMethod(node: MethodCall, scope: Scope): Outcome {
  const object = evaluate(node.object, scope, false)
  if (!isValue(object)) return object
  const args = node.arguments.map((argument) => evaluate(argument, scope, false))
  if (!args.every(isValue)) return FAILED
  return callMethod(object, node.name.name, args)
}

function evaluateHas(node: HasTest, scope: Scope): Outcome {
  const { operand, name } = node
  if (operand.kind === 'root' && operand.root === 'context') {
    const isDeclared = name.name === 'now' || scope.world.schema.context.has(name.name)
    return isDeclared ? hasValue(readContext(scope, name.name)) : bool(false)
  }
  if (operand.kind === 'root' && operand.root === 'action') {
    const isDeclared = name.name === 'name' || actionParameters(scope).has(name.name)
    return isDeclared ? hasValue(readAction(scope, name.name)) : bool(false)
  }
  const object = evaluate(operand, scope, false)
  if (object.kind === 'reference') return hasAttribute(scope.world, object, name.name)
  return object.kind === 'fields' ? bool(object.fields.has(name.name)) : FAILED
}

function evaluateActionTest(node: ActionTest, scope: Scope): Outcome {
  const action = scope.world.request.action.name
  const groups = resourceTypeOf(scope)?.groups
  const isNamed = (name: string): boolean => name === action || (groups?.get(name)?.some(isNamed) ?? false)
  const isAny = node.names.some((each) => isNamed(each.name))
  return bool(node.operator === '!=' ? !isAny : isAny)
}

function evaluateComparison(node: Comparison, scope: Scope): Outcome {
  const left = evaluate(node.left, scope, false)
  const right = evaluate(node.right, scope, false)
  if (!isValue(left) || !isValue(right)) return FAILED
  if (node.operator === '==') return bool(equal(left, right))
  if (node.operator === '!=') return bool(!equal(left, right))
  if (node.operator === 'in') return isContained(scope.world, left, right)
  return compare(node.operator, left, right)
}

function evaluateConditional(node: Conditional, scope: Scope, isPositive: boolean): Outcome {
  const test = evaluate(node.test, scope, false)
  const first = evaluate(node.then, scope, isPositive)
  const second = evaluate(node.otherwise, scope, isPositive)
  if (isTrue(test)) return first
  if (isFalse(test)) return second
  if (first.kind === 'absent' && second.kind === 'absent') return ABSENT
  return isValue(first) && isValue(second) && equal(first, second) ? first : FAILED
}

function evaluateQuantifier(node: Quantifier, scope: Scope, isPositive: boolean): Outcome {
  const set = evaluate(node.set, scope, false)
  if (set.kind !== 'set') return FAILED
  const results = set.members.map((outcome) => {
    const names = new Map([...scope.names, [node.variable.name, { outcome }]])
    return evaluate(node.body, { ...scope, names }, isPositive)
  })
  return node.quantifier === 'some' ? or(results) : and(results)
}

function evaluateCall(node: Call, scope: Scope, isPositive: boolean): Outcome {
  const fn = scope.world.schema.fns.get(node.name.name)
  if (fn === undefined) throw new Error(`no fn ${node.name.name}`)
  const types = scope.world.schema.fnParameters.get(node.name.name)
  const names = new Map<string, Binding>()
  for (const [index, parameter] of fn.parameters.entries()) {
    const expression = node.arguments[index]
    const type = types?.get(parameter.name.name)?.type
    const binding = expression && type && { expression, scope, type }
    names.set(parameter.name.name, binding ?? { outcome: ABSENT })
  }
  return evaluate(fn.body, { ...scope, names }, isPositive)
}

/** A record literal where a map is expected is a map. */
function asType(outcome: Outcome, type: Type): Outcome {
  return outcome.kind === 'fields' && outcome.isMap === undefined
    ? { ...outcome, isMap: type.kind === 'map' }
    : outcome
}

function evaluateName(name: string, scope: Scope, isPositive: boolean): Outcome {
  const binding = scope.names.get(name)
  if (binding === undefined) {
    const value = scope.world.schema.lets.get(name)
    if (value === undefined) throw new Error(`no name ${name}`)
    return evaluate(value, { ...scope, names: new Map() }, isPositive)
  }
  if ('outcome' in binding) return binding.outcome
  // What stands in the place of a parameter keeps the names of its own place, and the polarity of this one.
  return asType(evaluate(binding.expression, binding.scope, isPositive), binding.type)
}

function evaluateAll(expressions: readonly Expression[], scope: Scope): readonly Value[] | undefined {
  const outcomes = expressions.map((expression) => evaluate(expression, scope, false))
  return outcomes.every(isValue) ? outcomes : undefined
}

function evaluateRoot(root: string, scope: Scope): Outcome {
  if (root === 'subject') return subjectOf(scope.world)
  if (root === 'resource' && scope.resource !== undefined) return scope.resource
  throw new Error(`${root} is no value here`)
}

/** `isPositive`: reached through nothing that could turn a role question round. */
export function evaluate(node: Expression, scope: Scope, isPositive: boolean): Outcome {
  switch (node.kind) {
    case 'bool':
      return bool(node.value)
    case 'string':
      return text(node.value)
    case 'number':
      return { kind: 'number', number: node.value }
    case 'duration':
      return { kind: 'span', ms: node.milliseconds }
    case 'datetime': {
      const ms = readInstant(node.text)
      return ms === undefined ? FAILED : { kind: 'instant', ms }
    }
    case 'ip':
      return readAddress(node.text) ?? FAILED
    case 'entity':
      return reference(node.type.name, node.id)
    case 'set': {
      const members = evaluateAll(node.elements, scope)
      return members === undefined ? FAILED : toSet(members)
    }
    case 'record': {
      const values = evaluateAll(
        node.entries.map((entry) => entry.value),
        scope,
      )
      if (values === undefined) return FAILED
      const names = node.entries.map((entry) => entry.name.name)
      return { kind: 'fields', fields: new Map(values.map((value, index) => [names[index] ?? '', value])) }
    }
    case 'root':
      return evaluateRoot(node.root, scope)
    case 'reference':
      return evaluateName(node.name.name, scope, isPositive)
    case 'call':
      return evaluateCall(node, scope, isPositive)
    case 'hasRole': {
      const on = node.on === undefined ? scope.resource : evaluate(node.on, scope, false)
      return on?.kind === 'reference' ? scope.askRole(node.role.name, on, isPositive) : FAILED
    }
    case 'member':
      return evaluateMember(node, scope)
    case 'index':
      return evaluateIndex(node, scope)
    case 'methodCall':
      return evaluateMethod(node, scope)
    case 'unary': {
      const operand = evaluate(node.operand, scope, false)
      return node.operator === '!' ? not(operand) : negate(operand)
    }
    case 'logical': {
      const parts = node.operands.map((operand) => evaluate(operand, scope, isPositive))
      return node.operator === '&&' ? and(parts) : or(parts)
    }
    case 'binary': {
      const left = evaluate(node.left, scope, false)
      const right = evaluate(node.right, scope, false)
      return isValue(left) && isValue(right) ? calculate(node.operator, left, right) : FAILED
    }
    case 'comparison':
      return evaluateComparison(node, scope)
    case 'actionTest':
      return evaluateActionTest(node, scope)
    case 'is': {
      const operand = evaluate(node.operand, scope, false)
      return operand.kind === 'reference' ? bool(operand.type === node.type.name) : FAILED
    }
    case 'has':
      return evaluateHas(node, scope)
    case 'like': {
      const operand = evaluate(node.operand, scope, false)
      return operand.kind === 'text' ? bool(matchesLike(operand.text, node.pattern)) : FAILED
    }
    case 'matches': {
      const operand = evaluate(node.operand, scope, false)
      // The generated patterns mean the same here and in RE2.
      return operand.kind === 'text'
        ? bool(new RegExp(`^(?:${node.pattern})$`, 'u').test(operand.text))
        : FAILED
    }
    case 'coalesce': {
      const outcomes = node.operands.map((operand) => evaluate(operand, scope, isPositive))
      return outcomes.find((outcome) => outcome.kind !== 'absent') ?? ABSENT
    }
    case 'conditional':
      return evaluateConditional(node, scope, isPositive)
    case 'quantifier':
      return evaluateQuantifier(node, scope, isPositive)
  }
}
