import type { DecideOptions } from '../evaluate/decide.ts'

/** How to search; what is not said here is as for `decide`. */
export interface SearchOptions
  extends Pick<DecideOptions, 'entities' | 'now' | 'stepBudget' | 'strict' | 'allowRequestClock'> {
  /** The `next` of the page before. Default: from the beginning. */
  readonly after?: string
  /** Most results of the page, at least 1. Default: all there are. */
  readonly limit?: number
  /**
   * Once decisions have taken so many steps, the page ends where it is. The last decision may go past it, within its
   * own `stepBudget`; at least one is made. Default 10,000,000.
   */
  readonly maxSteps?: number
  /**
   * What each candidate counts besides its decision. A decision goes through parts of the request without counting them,
   * so whoever takes requests from strangers counts more for long ones. Default 1.
   */
  readonly stepsPerCandidate?: number
}

export const DEFAULT_SEARCH_STEPS = 10_000_000
