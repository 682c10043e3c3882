// Comparisons of `context.now`, shifted by durations, with an instant: the one use of the clock for which the
// moment is known at which it comes out differently.
import { MAX_EPOCH_MS, MIN_EPOCH_MS, toDatetime } from '../model/datetime.ts'
import type { DurationValue, Value } from '../model/values.ts'
import type { Code, ComparisonOperator, Place } from '../program/program.ts'
import type { Clock } from './clock.ts'
import { compareValues } from './compare.ts'
import type { Outcome, Result } from './result.ts'
import { failure } from './result.ts'

type Comparison = Extract<Code, { readonly op: 'compare' }>

/** A comparison turned so that the clock stands left. */
export interface ClockComparison {
  /** The side that is the clock. */
  readonly clock: Code
  /** Durations added to it or taken from it, innermost first. */
  readonly shifts: readonly Shift[]
  readonly operator: ComparisonOperator
  readonly other: Code
  readonly at: Place
}

interface Shift {
  readonly sign: 1 | -1
  readonly code: Code
}

const MIRRORED = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** The comparison, where one side is `context.now` or that plus or minus something. */
export function toClockComparison({ left, right, operator, at }: Comparison): ClockComparison | undefined {
  const leftShifts = clockShifts(left)
  if (leftShifts !== undefined) return { clock: left, shifts: leftShifts, operator, other: right, at }
  const shifts = clockShifts(right)
  return shifts && { clock: right, shifts, operator: MIRRORED[operator], other: left, at }
}

function clockShifts(code: Code): readonly Shift[] | undefined {
  if (code.op === 'now') return []
  if (code.op !== 'arithmetic' || code.operator === '*') return undefined
  const sign = code.operator === '+' ? 1 : -1
  const inner = clockShifts(code.left)
  if (inner !== undefined) return [...inner, { sign, code: code.right }]
  const swapped = sign === 1 ? clockShifts(code.right) : undefined
  return swapped && [...swapped, { sign, code: code.left }]
}

/** `now ± durations`, noting the instants at which it leaves or enters the range of a Datetime. */
export function shiftClock(
  clock: Clock,
  shifts: readonly Shift[],
  durations: readonly DurationValue[],
): Result {
  const now = clock.now()
  if (typeof now !== 'number') return now
  let offset = 0
  for (const [index, { ms }] of durations.entries()) {
    offset += (shifts[index]?.sign ?? 1) * ms
    clock.flipsAt(offset > 0 ? MAX_EPOCH_MS - offset + 1 : MIN_EPOCH_MS - offset)
    if (toDatetime(now + offset) === undefined) return failure('the shifted clock is out of range')
  }
  return toDatetime(now + offset)
}

/** Compares and notes when the outcome can change. */
export function compareWithClock(
  clock: Clock,
  instant: Value,
  { operator, at }: Pick<ClockComparison, 'operator' | 'at'>,
  other: Value,
): Outcome {
  const now = clock.now()
  if (typeof now === 'number') {
    const offset = toEpochMs(instant) - now
    const meeting = toEpochMs(other) - offset
    if (operator !== '<=' && operator !== '>') clock.flipsAt(meeting)
    if (operator !== '<' && operator !== '>=') clock.flipsAt(meeting + 1)
  }
  return compareValues(operator, instant, other, at)
}

/** Of what is no instant, NaN: nothing flips there. */
function toEpochMs(value: Value): number {
  return typeof value === 'object' && value.kind === 'datetime' ? value.epochMs : Number.NaN
}
