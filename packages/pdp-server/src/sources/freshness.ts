// How old what decides may be: the time since its source last said that it is current.

export interface Freshness {
  /** The source was looked at then, and what decides is what it held. Earlier instants than known ones count nothing. */
  readonly confirm: (checkedAt: number) => void
  /** Milliseconds; `Infinity` where nothing was ever confirmed. */
  readonly age: () => number
  readonly isStale: () => boolean
}

export interface FreshnessOptions {
  /** Default: never stale. */
  readonly maxStalenessMs?: number | undefined
  /** Milliseconds that only grow: a clock that is set back must make nothing younger. */
  readonly ticks: () => number
}

export function createFreshness({ maxStalenessMs, ticks }: FreshnessOptions): Freshness {
  let confirmedAt = Number.NEGATIVE_INFINITY
  const age = (): number => Math.max(0, ticks() - confirmedAt)
  return {
    confirm: (checkedAt) => {
      // What comes late, or out of order, makes nothing older; and no source has seen the future.
      confirmedAt = Math.max(confirmedAt, Math.min(checkedAt, ticks()))
    },
    age,
    isStale: () => maxStalenessMs !== undefined && age() > maxStalenessMs,
  }
}
