// Expressions of a wanted type, well typed wherever they stand.
import { type Environment, type Form, negative, type Path, pathsOf } from './environment.ts'
import { ADDRESSES, DURATIONS, MAP_KEYS, pickDatetime, pickId, pickNumber, STRINGS } from './json-values.ts'
import { type Fn, isSameType, type Type, writeEntity, writeName } from './model.ts'

const quote = (text: string): string => JSON.stringify(text)

const SHORT_DURATIONS = DURATIONS.filter((text) => /^\d/.test(text))

export function literal(type: Type, environment: Environment): string {
  const { choices } = environment
  switch (type.kind) {
    case 'bool':
      return choices.pick(['true', 'false'])
    case 'string':
      return quote(choices.pick(STRINGS))
    case 'number':
      return numberLiteral(pickNumber(choices))
    case 'datetime':
      return `datetime(${quote(pickDatetime(choices))})`
    case 'duration':
      return choices.pick(SHORT_DURATIONS)
    case 'ip':
      return `ip(${quote(choices.pick(ADDRESSES))})`
    case 'enum':
      return quote(choices.pick(type.values))
    case 'entity':
      return writeEntity(choices.pick(type.types), pickId(choices))
    case 'set':
      return `[${choices.list(1, 3, () => literal(type.element, environment)).join(', ')}]`
    case 'map': {
      const keys = choices.some(MAP_KEYS, 1, 2)
      return `{${keys.map((key) => `${writeName(key)}: ${literal(type.value, environment)}`).join(', ')}}`
    }
    case 'record': {
      const fields = type.fields.filter((field) => !field.isOptional || choices.chance(50))
      return `{${fields.map(({ name, type: own }) => `${writeName(name)}: ${literal(own, environment)}`).join(', ')}}`
    }
  }
}

const numberLiteral = (value: number): string => (value < 0 ? `(-${-value})` : String(value))

/** A value of `type` fits where `wanted` is wanted. */
function fits(type: Type, wanted: Type): boolean {
  if (type.kind === 'entity' && wanted.kind === 'entity') {
    return type.types.every((each) => wanted.types.includes(each))
  }
  return isSameType(type, wanted)
}

export const pathsTo = (environment: Environment, wanted: Type, isOptional: boolean): readonly Path[] =>
  pathsOf(environment).filter((path) => path.isOptional === isOptional && fits(path.type, wanted))

export const path =
  (wanted: Type): Form =>
  (environment) => {
    const paths = pathsTo(environment, wanted, false)
    return paths.length === 0 ? undefined : environment.choices.pick(paths).text
  }

/** `(x ?? d)`, also with two that may be absent. */
const coalesce =
  (wanted: Type): Form =>
  (environment, depth) => {
    const { choices } = environment
    const paths = pathsTo(environment, wanted, true)
    if (paths.length === 0) return undefined
    const operands = choices.list(1, 2, () => optional(wanted, environment, depth, paths))
    return `(${[...operands, expression(wanted, environment, depth - 1)].join(' ?? ')})`
  }

/** Something that may be absent. */
function optional(wanted: Type, environment: Environment, depth: number, paths: readonly Path[]): string {
  const { choices } = environment
  if (depth < 2 || !choices.chance(35)) return choices.pick(paths).text
  const test = expression({ kind: 'bool' }, negative(environment), depth - 2)
  return `(${test} ? ${choices.pick(paths).text} : ${choices.pick([...paths, ...pathsTo(environment, wanted, false)]).text})`
}

const conditional =
  (wanted: Type): Form =>
  (environment, depth) => {
    const test = environment.conditions.guard(environment, depth - 1)
    const first = expression(wanted, test.whenTrue, depth - 1)
    return `(${test.text} ? ${first} : ${expression(wanted, test.whenFalse, depth - 1)})`
  }

/** Where `fn` may be called. */
function isCallable(fn: Fn, environment: Environment, wanted: Type): boolean {
  if (!isSameType(fn.returns, wanted)) return false
  if (fn.asksRole && environment.level < 1) return false
  if (fn.hasQuantifier && environment.isInQuantifier) return false
  if (fn.testsTypes && environment.isAsserted) return false
  if (fn.resourceTypes === undefined) return true
  const { resourceTypes } = environment
  return resourceTypes?.every((type) => fn.resourceTypes?.includes(type)) ?? false
}

const call =
  (wanted: Type): Form =>
  (environment, depth) => {
    const fns = environment.fns.filter((fn) => isCallable(fn, environment, wanted))
    if (fns.length === 0) return undefined
    const fn = environment.choices.pick(fns)
    if (fn.isLet) return fn.name
    const last = fn.parameters.at(-1)
    const isShort = last?.isOptional === true && environment.choices.chance(40)
    const parameters = isShort ? fn.parameters.slice(0, -1) : fn.parameters
    if (parameters.length === 0) return undefined
    // What stands in the place of a parameter may come to stand below the `some` or `every` of the body.
    const isInQuantifier = environment.isInQuantifier || fn.hasQuantifier
    const inner = { ...negative(environment), isInQuantifier }
    const args = parameters.map(({ type, isOptional }) => argument(type, isOptional, inner, depth - 1))
    return `${fn.name}(${args.join(', ')})`
  }

function argument(type: Type, isOptional: boolean, environment: Environment, depth: number): string {
  const paths = isOptional ? pathsTo(environment, type, true) : []
  return paths.length > 0 && environment.choices.chance(50)
    ? environment.choices.pick(paths).text
    : expression(type, environment, depth)
}

const binary =
  (left: Type, operators: readonly string[], right: Type): Form =>
  (environment, depth) => {
    const operator = environment.choices.pick(operators)
    const inner = negative(environment)
    return `(${expression(left, inner, depth - 1)} ${operator} ${expression(right, inner, depth - 1)})`
  }

/** `x.member` of an expression of another type. */
const member =
  (of: Type, text: string): Form =>
  (environment) => {
    const paths = pathsTo(environment, of, false)
    return paths.length === 0 ? undefined : `${environment.choices.pick(paths).text}${text}`
  }

/** The same through something that may be absent. */
const optionalMember =
  (of: Type, name: string, wanted: Type): Form =>
  (environment, depth) => {
    const paths = pathsTo(environment, of, true)
    if (paths.length === 0) return undefined
    const { text, isOwnOptional } = environment.choices.pick(paths)
    return `(${text}${isOwnOptional ? '?.' : '.'}${name} ?? ${expression(wanted, environment, depth - 1)})`
  }

const negated =
  (type: Type): Form =>
  (environment, depth) =>
    `(-${expression(type, environment, depth - 1)})`

/** The paths whose type is of a kind, whatever it holds. */
export const pathsOfKind = (
  environment: Environment,
  kind: Type['kind'],
  isOptional = false,
): readonly Path[] =>
  pathsOf(environment).filter((each) => each.isOptional === isOptional && each.type.kind === kind)

const sizeOf =
  (kind: Type['kind']): Form =>
  (environment) => {
    const paths = pathsOfKind(environment, kind)
    return paths.length === 0 ? undefined : `${environment.choices.pick(paths).text}.size`
  }

const keys: Form = (environment) => {
  const paths = pathsOfKind(environment, 'map')
  return paths.length === 0 ? undefined : `${environment.choices.pick(paths).text}.keys`
}

const elements =
  (element: Type): Form =>
  (environment, depth) =>
    `[${environment.choices.list(1, 2, () => expression(element, environment, depth - 2)).join(', ')}]`

const STRING: Type = { kind: 'string' }
const NUMBER: Type = { kind: 'number' }
const DATETIME: Type = { kind: 'datetime' }
const DURATION: Type = { kind: 'duration' }

const ZONES = ['Europe/Berlin', 'America/New_York', 'UTC', 'Asia/Kolkata'] as const
const wallTime: Form = (environment) => {
  const zone = environment.choices.pick(ZONES)
  return member(DATETIME, environment.choices.chance(40) ? '.time' : `.time(${quote(zone)})`)(environment, 0)
}

/** Forms that only one type has; each with its weight. */
function ownForms(type: Type): readonly (readonly [number, Form])[] {
  switch (type.kind) {
    case 'string':
      return [
        [3, binary(STRING, ['+'], STRING)],
        [2, member(STRING, '.lower')],
        [1, optionalMember(STRING, 'lower', STRING)],
      ]
    case 'number':
      return [
        [5, binary(NUMBER, ['+', '-', '*'], NUMBER)],
        [2, negated(NUMBER)],
        [1, sizeOf('set')],
        [1, sizeOf('map')],
        [1, sizeOf('string')],
        [1, optionalMember(STRING, 'size', NUMBER)],
      ]
    case 'datetime':
      return [[5, binary(DATETIME, ['+', '-'], DURATION)]]
    case 'duration':
      return [
        [2, binary(DURATION, ['+', '-'], DURATION)],
        [2, binary(DURATION, ['*'], NUMBER)],
        [2, binary(DATETIME, ['-'], DATETIME)],
        [1, negated(DURATION)],
        [4, wallTime],
      ]
    case 'set':
      return [[2, elements(type.element)], ...(type.element.kind === 'string' ? [[2, keys] as const] : [])]
    default:
      return []
  }
}

/** Both arms of `?:` and literals beside `??` are only written where their type is plain. */
const isPlain = (type: Type): boolean => !['enum', 'record', 'map', 'set', 'entity'].includes(type.kind)

function formsOf(type: Type, environment: Environment): readonly (readonly [number, Form])[] {
  if (type.kind === 'bool') return environment.conditions.forms
  return [
    [6, (inner) => literal(type, inner)],
    [14, path(type)],
    [4, coalesce(type)],
    [14, call(type)],
    ...(isPlain(type) ? [[3, conditional(type)] as const] : []),
    ...ownForms(type),
  ]
}

/** The text of an expression of the wanted type. */
export function expression(wanted: Type, environment: Environment, depth: number): string {
  const { choices } = environment
  if (depth > 0) {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const text = choices.weighted(formsOf(wanted, environment))(environment, depth)
      if (text !== undefined) return text
    }
  }
  return path(wanted)(environment, 0) ?? literal(wanted, environment)
}

export const shared = { coalesce, conditional, call }
