import { type ArithmeticOperator, calculateValue, negateValue } from '../model/arithmetic.ts'
import type { Value } from '../model/values.ts'
import type { Place } from '../program/program.ts'
import { type Meter, stepsToRead } from './meter.ts'
import type { Result } from './result.ts'
import { failure } from './result.ts'

/** `+ - *` of two values. Fails where the result is out of range. */
export function calculate(
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  at: Place,
  meter: Meter,
): Result {
  if (typeof left === 'string' && typeof right === 'string') {
    // The length is bounded by the steps: no chain of concatenations can exhaust the memory.
    meter.step(stepsToRead(left) + stepsToRead(right))
  }
  return (
    calculateValue(operator, left, right) ?? failure(`the result of \`${operator}\` is out of range`, { at })
  )
}

/** `-x` of a Number or a Duration. */
export function negate(value: Value, at: Place): Result {
  return negateValue(value) ?? failure('only a Number or a Duration can be negated', { at })
}
