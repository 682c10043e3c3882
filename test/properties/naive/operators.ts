// Operators and methods on values that are there.
import { isLoopback, isMulticast, isWithin } from './addresses.ts'
import { isIn, type World } from './facts.ts'
import { isInstantInRange, readWallClock } from './times.ts'
import { ABSENT, bool, contains, FAILED, type Outcome, or, text, toSet, type Value } from './values.ts'

const number = (value: number): Outcome =>
  Math.abs(value) <= Number.MAX_SAFE_INTEGER ? { kind: 'number', number: value } : FAILED

const span = (ms: number): Outcome =>
  Math.abs(ms) <= Number.MAX_SAFE_INTEGER ? { kind: 'span', ms } : FAILED

const instant = (ms: number): Outcome => (isInstantInRange(ms) ? { kind: 'instant', ms } : FAILED)

export function negate(operand: Outcome): Outcome {
  if (operand.kind === 'number') return number(-operand.number)
  if (operand.kind === 'span') return span(-operand.ms)
  return FAILED
}

export function calculate(operator: '+' | '-' | '*', a: Value, b: Value): Outcome {
  if (a.kind === 'text' && b.kind === 'text' && operator === '+') return text(a.text + b.text)
  if (a.kind === 'number' && b.kind === 'number') {
    if (operator === '+') return number(a.number + b.number)
    if (operator === '-') return number(a.number - b.number)
    return number(a.number * b.number)
  }
  if (a.kind === 'span' && b.kind === 'number' && operator === '*') return span(Math.trunc(a.ms * b.number))
  if (a.kind === 'number' && b.kind === 'span' && operator === '*') return span(Math.trunc(a.number * b.ms))
  if (a.kind === 'instant' && b.kind === 'instant' && operator === '-') return span(a.ms - b.ms)
  if (b.kind !== 'span' || operator === '*') return FAILED
  const shift = operator === '+' ? b.ms : -b.ms
  if (a.kind === 'span') return span(a.ms + shift)
  return a.kind === 'instant' ? instant(a.ms + shift) : FAILED
}

function magnitude(value: Value): number | undefined {
  if (value.kind === 'number') return value.number
  return value.kind === 'instant' || value.kind === 'span' ? value.ms : undefined
}

export function compare(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value): Outcome {
  const a = magnitude(left)
  const b = magnitude(right)
  if (a === undefined || b === undefined) return FAILED
  if (operator === '<') return bool(a < b)
  if (operator === '<=') return bool(a <= b)
  return bool(operator === '>' ? a > b : a >= b)
}

/** `a in b`. */
export function isContained(world: World, a: Value, b: Value): Outcome {
  if (a.kind === 'reference' && b.kind === 'reference') return isIn(world, a, b)
  if (a.kind === 'ip' && b.kind === 'ip') return bool(isWithin(a, b))
  if (b.kind !== 'set') return FAILED
  if (a.kind !== 'reference') return bool(contains(b, a))
  return or(b.members.map((member) => (member.kind === 'reference' ? isIn(world, a, member) : FAILED)))
}

/** `*` is any run, `\*` a star, everything else itself; the whole string. */
export function matchesLike(subject: string, pattern: string): boolean {
  if (pattern === '') return subject === ''
  if (pattern.startsWith('\\*'))
    return subject.startsWith('*') && matchesLike(subject.slice(1), pattern.slice(2))
  if (pattern.startsWith('*')) {
    return (
      matchesLike(subject, pattern.slice(1)) || (subject !== '' && matchesLike(subject.slice(1), pattern))
    )
  }
  return subject !== '' && subject[0] === pattern[0] && matchesLike(subject.slice(1), pattern.slice(1))
}

/** A field of a record, or a method without arguments. */
export function readProperty(object: Value, name: string): Outcome {
  if (object.kind === 'fields') {
    const field = object.fields.get(name)
    if (object.isMap !== true && field !== undefined) return field
    if (object.isMap === false) return ABSENT
    if (name === 'size') return number(object.fields.size)
    if (name === 'keys') return toSet([...object.fields.keys()].map(text))
    return ABSENT
  }
  if (object.kind === 'set' && name === 'size') return number(object.members.length)
  if (object.kind === 'set' && name === 'isEmpty') return bool(object.members.length === 0)
  if (object.kind === 'text' && name === 'size') return number(object.text.length)
  if (object.kind === 'text' && name === 'lower') return text(object.text.toLowerCase())
  if (object.kind === 'ip' && name === 'isLoopback') return bool(isLoopback(object))
  if (object.kind === 'ip' && name === 'isMulticast') return bool(isMulticast(object))
  if (object.kind === 'instant') return readClock(object.ms, name, 'UTC')
  return FAILED
}

function readClock(ms: number, name: string, zone: string): Outcome {
  const wall = readWallClock(ms, zone)
  if (name === 'time') return span(wall.msOfDay)
  return name === 'dayOfWeek' ? text(wall.weekday) : FAILED
}

export function callMethod(object: Value, name: string, args: readonly Value[]): Outcome {
  const [argument] = args
  if (argument === undefined) return FAILED
  if (object.kind === 'set') {
    if (name === 'contains') return bool(contains(object, argument))
    if (argument.kind !== 'set') return FAILED
    const found = argument.members.filter((member) => contains(object, member))
    if (name === 'containsAll') return bool(found.length === argument.members.length)
    return name === 'containsAny' ? bool(found.length > 0) : FAILED
  }
  if (argument.kind !== 'text') return FAILED
  if (object.kind === 'instant') return readClock(object.ms, name, argument.text)
  if (object.kind !== 'text') return FAILED
  if (name === 'startsWith') return bool(object.text.startsWith(argument.text))
  if (name === 'endsWith') return bool(object.text.endsWith(argument.text))
  return name === 'contains' ? bool(object.text.includes(argument.text)) : FAILED
}
