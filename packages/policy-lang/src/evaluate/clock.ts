import type { Cacheable } from '../model/answer.ts'
import { formatDatetime, MAX_EPOCH_MS, MIN_EPOCH_MS, toDatetime } from '../model/datetime.ts'
import type { Failure, Result } from './result.ts'
import { failure, isFailure } from './result.ts'

/** `context.now`, and for how long an answer that read it holds. */
export interface Clock {
  /** The instant of this decision, the same however often it is asked for. */
  now(): number | Failure
  /** An outcome may differ from this instant on. */
  flipsAt(epochMs: number): void
  /** The clock went into a value: no instant can be named at which the answer changes. */
  flipsAnyTime(): void
  cacheable(): Cacheable
}

/** @param source asked at most once, and only when a rule or an expiry needs the time */
export function createClock(source: () => Result | number): Clock {
  let instant: number | Failure | undefined
  let next = Number.POSITIVE_INFINITY
  let isBounded = true
  const now = (): number | Failure => {
    instant ??= toInstant(source())
    // An answer that missed the clock may be another as soon as there is one.
    if (isFailure(instant)) isBounded = false
    return instant
  }
  return {
    now,
    flipsAt(epochMs) {
      const current = now()
      if (typeof current === 'number' && epochMs > current) next = Math.min(next, epochMs)
    },
    flipsAnyTime() {
      isBounded = false
    },
    cacheable() {
      if (!isBounded) return false
      return { until: next > MAX_EPOCH_MS ? null : formatDatetime(Math.max(next, MIN_EPOCH_MS)) }
    },
  }
}

function toInstant(source: Result | number): number | Failure {
  if (typeof source === 'number') {
    const datetime = toDatetime(Math.floor(source))
    return datetime?.epochMs ?? failure('the clock is out of range')
  }
  if (isFailure(source)) return source
  if (typeof source === 'object' && source.kind === 'datetime') return source.epochMs
  return failure('there is no clock')
}
