import type { Member, MethodCall } from '../../ast/nodes.ts'
import type { Type } from '../../model/types.ts'
import { didYouMean } from '../did-you-mean.ts'
import { BOOL, compareTypes, DURATION, NUMBER, STRING } from '../type-relations.ts'
import { hintValueOf } from '../value-hint.ts'
import { inferReceiver, keepChain } from './receiver.ts'
import { inferPresent, withArticle } from './require.ts'
import {
  notMonotone,
  type Position,
  relatedCalls,
  type Typed,
  type Typing,
  UNKNOWN,
  value,
} from './typing.ts'

const WEEKDAYS: Type = { kind: 'enum', values: ['fri', 'mon', 'sat', 'sun', 'thu', 'tue', 'wed'] }

interface Method {
  readonly result: Type
  /** `zone`: a string literal that may be left out. `element`, `set`: of what the receiver holds. */
  readonly argument: 'none' | 'element' | 'set' | 'text' | 'zone'
}

type MethodTable = ReadonlyMap<string, Method>

const SET_METHODS: MethodTable = new Map<string, Method>([
  ['contains', { result: BOOL, argument: 'element' }],
  ['containsAll', { result: BOOL, argument: 'set' }],
  ['containsAny', { result: BOOL, argument: 'set' }],
  ['isEmpty', { result: BOOL, argument: 'none' }],
  ['size', { result: NUMBER, argument: 'none' }],
])
const MAP_METHODS: MethodTable = new Map<string, Method>([
  ['size', { result: NUMBER, argument: 'none' }],
  ['keys', { result: { kind: 'set', element: STRING }, argument: 'none' }],
])
const TEXT_METHODS: MethodTable = new Map<string, Method>([
  ['startsWith', { result: BOOL, argument: 'text' }],
  ['endsWith', { result: BOOL, argument: 'text' }],
  ['contains', { result: BOOL, argument: 'text' }],
  ['lower', { result: STRING, argument: 'none' }],
  ['size', { result: NUMBER, argument: 'none' }],
])
const DATETIME_METHODS: MethodTable = new Map<string, Method>([
  ['time', { result: DURATION, argument: 'zone' }],
  ['dayOfWeek', { result: WEEKDAYS, argument: 'zone' }],
])
const IP_METHODS: MethodTable = new Map<string, Method>([
  ['isLoopback', { result: BOOL, argument: 'none' }],
  ['isMulticast', { result: BOOL, argument: 'none' }],
])
const NO_METHODS: MethodTable = new Map()

/** Every method name of the language. */
export const METHOD_NAMES: ReadonlySet<string> = new Set(
  [SET_METHODS, MAP_METHODS, TEXT_METHODS, DATETIME_METHODS, IP_METHODS].flatMap((table) => [
    ...table.keys(),
  ]),
)

function methodsOf(type: Type): MethodTable {
  switch (type.kind) {
    case 'set':
      return SET_METHODS
    case 'map':
      return MAP_METHODS
    case 'string':
    case 'enum':
      return TEXT_METHODS
    case 'datetime':
      return DATETIME_METHODS
    case 'ip':
      return IP_METHODS
    default:
      return NO_METHODS
  }
}

export function isMethodOf(type: Type, name: string): boolean {
  return methodsOf(type).has(name)
}

/** A method named without parentheses. */
export function inferPlainMethod(typing: Typing, node: Member, receiver: Type): Typed {
  const method = methodsOf(receiver).get(node.name.name)
  if (method === undefined) return UNKNOWN
  if (method.argument !== 'none' && method.argument !== 'zone') {
    typing.report({
      code: 'wrong-arguments',
      span: node.name.span,
      message: `\`.${node.name.name}\` needs an argument`,
      hint: `write \`.${node.name.name}(…)\``,
    })
  }
  return value(method.result)
}

export function inferMethodCall(typing: Typing, node: MethodCall, position: Position): Typed {
  const inner = notMonotone(position)
  const receiver = inferReceiver(typing, node, inner)
  if (receiver.type === undefined) {
    for (const argument of node.arguments) typing.infer(argument, inner)
    return UNKNOWN
  }
  const method = methodsOf(receiver.type).get(node.name.name)
  if (method === undefined) return reportMethod(typing, node, receiver.type)
  typing.noteMethod(node)
  checkArguments(typing, node, method, receiver.type, inner)
  return keepChain(value(method.result), receiver)
}

function reportMethod(typing: Typing, node: MethodCall, receiver: Type): Typed {
  typing.report({
    code: 'unknown-method',
    span: node.name.span,
    message: `${withArticle(receiver)} has no method \`${node.name.name}\``,
    hint: () => didYouMean(node.name.name, methodsOf(receiver).keys()) ?? listMethods(receiver),
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

export function listMethods(receiver: Type): string {
  const names = [...methodsOf(receiver).keys()].map((name) => `\`.${name}\``)
  return names.length === 0 ? 'it is a plain value: compare it as it is' : `it has ${names.join(', ')}`
}

function checkArguments(
  typing: Typing,
  node: MethodCall,
  method: Method,
  receiver: Type,
  position: Position,
): void {
  const [argument, ...others] = node.arguments
  if (argument === undefined || others.length > 0 || method.argument === 'none') {
    typing.report({
      code: 'wrong-arguments',
      span: node.span,
      message:
        method.argument === 'none'
          ? `\`.${node.name.name}\` takes no argument`
          : `\`.${node.name.name}\` takes one argument, and here are ${node.arguments.length}`,
      hint:
        method.argument === 'none'
          ? `write \`.${node.name.name}\` without parentheses`
          : 'put several values into a set: `[…]`',
    })
    return
  }
  if (method.argument === 'zone') {
    checkZone(typing, node, position)
    return
  }
  const expected = argumentType(method, receiver)
  const typed = inferPresent(typing, argument, position, expected)
  if (typed.type === undefined || expected === undefined) return
  const verdict = compareTypes(typed.type, expected)
  if (verdict === 'mismatch') {
    typing.report({
      code: 'type-mismatch',
      span: argument.span,
      message: `\`.${node.name.name}\` takes ${withArticle(expected)} here, and this is ${withArticle(typed.type)}`,
      hint:
        method.argument === 'element' && typed.type.kind === 'set'
          ? 'use `.containsAll` or `.containsAny` for a set'
          : hintValueOf(expected),
      related: relatedCalls(typing),
    })
    return
  }
  typing.judgeComparison(
    node,
    verdict === 'possible'
      ? undefined
      : {
          code: 'impossible-comparison',
          span: argument.span,
          message: `a set of ${withArticle(expected)} never holds ${withArticle(typed.type)}`,
          hint: 'test for a value that the set can hold',
          related: relatedCalls(typing),
        },
  )
}

function argumentType(method: Method, receiver: Type): Type | undefined {
  if (method.argument === 'text') return STRING
  if (receiver.kind !== 'set') return undefined
  return method.argument === 'set' ? receiver : receiver.element
}

/** `tz` is a literal, so that a zone that does not exist is found at load. */
function checkZone(typing: Typing, node: MethodCall, position: Position): void {
  const argument = node.arguments[0]
  if (argument === undefined) return
  if (argument.kind === 'string') {
    if (isTimeZone(argument.value)) return
    typing.report({
      code: 'bad-literal',
      span: argument.span,
      message: `there is no time zone \`${argument.value}\``,
      hint: 'use a name of the IANA database, such as `"Europe/Berlin"`',
    })
    return
  }
  typing.infer(argument, position)
  typing.report({
    code: 'wrong-arguments',
    span: argument.span,
    message: `\`.${node.name.name}\` takes a time zone written as a string`,
    hint: `write it out, such as \`.${node.name.name}("Europe/Berlin")\``,
  })
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
