import { toDatetime } from '../model/datetime.ts'
import { toDuration } from '../model/duration.ts'
import type { Value } from '../model/values.ts'
import type { Place } from '../program/program.ts'
import { type Meter, stepsToRead } from './meter.ts'
import type { Result } from './result.ts'
import { failure } from './result.ts'

export type ArithmeticOperator = '+' | '-' | '*'

/** `+ - *` of two values. Fails where the result is out of range. */
export function calculate(
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  at: Place,
  meter: Meter,
): Result {
  if (typeof left === 'string' && typeof right === 'string' && operator === '+') {
    // The length is bounded by the steps: no chain of concatenations can exhaust the memory.
    meter.step(stepsToRead(left) + stepsToRead(right))
    return left + right
  }
  const result =
    typeof left === 'number' && typeof right === 'number'
      ? toNumber(calculateNumber(operator, left, right))
      : calculateTime(operator, left, right)
  return result ?? failure(`the result of \`${operator}\` is out of range`, { at })
}

/** `-x` of a Number or a Duration. */
export function negate(value: Value, at: Place): Result {
  if (typeof value === 'number') return 0 - value
  const duration = typeof value === 'object' && value.kind === 'duration' ? toDuration(-value.ms) : undefined
  return duration ?? failure('only a Number or a Duration can be negated', { at })
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
