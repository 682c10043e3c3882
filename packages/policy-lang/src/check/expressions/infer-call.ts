import type { Call, Reference } from '../../ast/nodes.ts'
import type { Type } from '../../model/types.ts'
import { entityOf } from '../type-relations.ts'
import { type Fact, filterByFact, NO_FACTS } from './facts.ts'
import { isOwnPath, pathOf, pathOfArgument } from './path.ts'
import { checkAssignable, requirePresent } from './require.ts'
import {
  type Binding,
  EMPTY_SCOPE,
  notMonotone,
  type Position,
  type Scope,
  type Typed,
  type Typing,
  UNKNOWN,
  value,
} from './typing.ts'

/** A variable, a parameter, or a `let`, whose value is typed where it is used. */
export function inferReference(typing: Typing, node: Reference, position: Position, expected?: Type): Typed {
  const binding = position.scope.get(node.name.name)
  if (binding !== undefined) return inferBinding(typing, node, binding, position)
  const declared = typing.tables.declarations.lets.get(node.name.name)
  if (declared === undefined || typing.tables.values.get(node.name.name) === undefined) return UNKNOWN
  const typed = inside(typing, node, () =>
    typing.infer(declared.value, { ...position, scope: EMPTY_SCOPE, isInlined: true }, expected),
  )
  return narrowByFact(typed, factOf(typing, node, position))
}

/** A `fn`: its body is typed with the roots and facts of the caller. */
export function inferCall(typing: Typing, node: Call, position: Position, expected?: Type): Typed {
  const fn = typing.tables.declarations.fns.get(node.name.name)
  const types = typing.tables.fnParameters.get(node.name.name)
  const isKnown =
    fn !== undefined && types !== undefined && typing.tables.values.get(node.name.name) !== undefined
  // A second look at nested calls that looked at their arguments twice again would never end.
  const given = typing.isSilent() ? [] : inferArguments(typing, node, position, types)
  if (!isKnown) return UNKNOWN
  const scope = new Map<string, Binding>()
  const call = typing.nextVariable()
  for (const [index, parameter] of fn.parameters.entries()) {
    const argument = node.arguments[index]
    const type = types[index]
    const typed = given[index]
    if (argument !== undefined && typed !== undefined) {
      const checked = parameter.isOptional ? typed : requirePresent(typing, argument, typed)
      checkAssignable(
        typing,
        argument,
        checked,
        type,
        `the parameter \`${parameter.name.name}\` of \`${node.name.name}\``,
      )
    }
    scope.set(parameter.name.name, {
      kind: 'argument',
      type,
      isOptional: parameter.isOptional,
      call,
      argument,
      scope: position.scope,
    })
  }
  return inside(typing, node, () => typing.infer(fn.body, { ...position, scope, isInlined: true }, expected))
}

/** What an argument tests is noted where the body uses it, not here. */
function inferArguments(
  typing: Typing,
  node: Call,
  position: Position,
  types: readonly (Type | undefined)[] | undefined,
): readonly Typed[] {
  const inner = notMonotone(position)
  return typing.withoutTests(() =>
    node.arguments.map((argument, index) => typing.infer(argument, inner, types?.[index])),
  )
}

/** Findings inside a body show where it was used; that a test is constant there is no fault of the body. */
function inside(typing: Typing, node: Call | Reference, work: () => Typed): Typed {
  typing.calls.push(node.span)
  const { constant: _, ...typed } = work()
  typing.calls.pop()
  return typed
}

function inferBinding(typing: Typing, node: Reference, binding: Binding, position: Position): Typed {
  const fact = factOf(typing, node, position)
  const argument = lookAgain(typing, binding, position)
  const typed: Typed = {
    ...value(binding.type),
    isOptional: binding.isOptional && !(fact?.isPresent ?? false),
    whenTrue: argument?.whenTrue ?? NO_FACTS,
    whenFalse: argument?.whenFalse ?? NO_FACTS,
  }
  return narrowByFact(typed, fact)
}

function factOf(typing: Typing, node: Reference, { facts, scope }: Position): Fact | undefined {
  const path = facts === 'never' || facts.size === 0 ? undefined : pathOf(node, scope, typing)
  return path === undefined || facts === 'never' ? undefined : facts.get(path)
}

function narrowByFact(typed: Typed, fact: Fact | undefined): Typed {
  if (typed.type?.kind !== 'entity' || fact === undefined) return typed
  const types = filterByFact(typed.type.types, fact)
  return { ...typed, type: types.length === 0 ? undefined : entityOf(types) }
}

/** An argument stands for its parameter: the roles it tests and the facts it gives count here. */
function lookAgain(typing: Typing, binding: Binding, position: Position): Typed | undefined {
  if (binding.kind !== 'argument' || binding.argument === undefined) return undefined
  const path = pathOfArgument(binding, typing)
  if (path !== undefined && !isOwnPath(path)) return undefined
  const { argument } = binding
  const scope: Scope = binding.scope
  return typing.silence(() => typing.infer(argument, { ...position, scope, isInlined: true }))
}
