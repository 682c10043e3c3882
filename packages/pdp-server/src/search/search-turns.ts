// Searches take turns, one slice of one search in each turn of the event loop: however many are under way, a request
// of another kind waits for one slice at most.
import { PdpServerError } from '../errors.ts'

/** Each holds its results in memory. */
const MAX_RUNNING = 8
const MAX_WAITING = 1000

export interface SearchTurns {
  /** Ends once the search may begin. Throws `PdpServerError` `overloaded` where too many wait already. */
  readonly begin: () => Promise<void>
  /** Ends once it is this search's turn again. */
  readonly next: () => Promise<void>
  /** To be called once for each `begin`. */
  readonly end: () => void
}

export function createSearchTurns(): SearchTurns {
  let running = 0
  /** Begun, and waiting for a turn. */
  const turns: (() => void)[] = []
  /** Not begun. */
  const waiting: (() => void)[] = []
  let isPumping = false

  const pump = (): void => {
    turns.shift()?.()
    isPumping = turns.length > 0
    if (isPumping) setImmediate(pump)
  }
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      turns.push(resolve)
      if (isPumping) return
      isPumping = true
      setImmediate(pump)
    })
  return {
    begin: async () => {
      if (running < MAX_RUNNING) {
        running += 1
        // Alone, it needs to wait for nobody.
        return running === 1 ? undefined : next()
      }
      if (waiting.length >= MAX_WAITING) {
        throw new PdpServerError('overloaded', 'too many searches are under way: try again later')
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
    next,
    end: () => {
      const first = waiting.shift()
      if (first === undefined) running -= 1
      else void next().then(first)
    },
  }
}
