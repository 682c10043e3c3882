import { toDatetime } from './datetime.ts'
import { toDuration } from './duration.ts'
import type { Value } from './values.ts'

export type ArithmeticOperator = '+' | '-' | '*'

/** `+ - *` of two values, `+` of two strings included. `undefined` where the result is out of range. */
export function calculateValue(operator: ArithmeticOperator, left: Value, right: Value): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    return operator === '+' ? left + right : undefined
  }
  if (typeof left === 'number' && typeof right === 'number') {
    return toNumber(calculateNumber(operator, left, right))
  }
  return calculateTime(operator, left, right)
}

/** `-x` of a Number or a Duration; `undefined` of anything else. */
export function negateValue(value: Value): Value | undefined {
  if (typeof value === 'number') return 0 - value
  return typeof value === 'object' && value.kind === 'duration' ? toDuration(-value.ms) : undefined
}

/** A Number beyond 2^53 - 1 is out of range. */
function toNumber(result: number): number | undefined {
  return Math.abs(result) <= Number.MAX_SAFE_INTEGER ? result : undefined
}

function calculateNumber(operator: ArithmeticOperator, left: number, right: number): number {
  if (operator === '*') return left * right
  return operator === '+' ? left + right : left - right
}

function calculateTime(operator: ArithmeticOperator, left: Value, right: Value): Value | undefined {
  if (operator === '*') return scale(left, right) ?? scale(right, left)
  if (typeof left !== 'object' || typeof right !== 'object') return undefined
  const sign = operator === '+' ? 1 : -1
  if (left.kind === 'duration' && right.kind === 'duration') return toDuration(left.ms + sign * right.ms)
  if (left.kind === 'datetime' && right.kind === 'duration') return toDatetime(left.epochMs + sign * right.ms)
  if (left.kind === 'datetime' && right.kind === 'datetime' && operator === '-') {
    return toDuration(left.epochMs - right.epochMs)
  }
  if (left.kind === 'duration' && right.kind === 'datetime' && operator === '+') {
    return toDatetime(right.epochMs + left.ms)
  }
  return undefined
}

/** Durations count whole milliseconds: finer is cut. */
function scale(duration: Value, factor: Value): Value | undefined {
  if (typeof duration !== 'object' || duration.kind !== 'duration' || typeof factor !== 'number')
    return undefined
  return toDuration(Math.trunc(duration.ms * factor))
}
