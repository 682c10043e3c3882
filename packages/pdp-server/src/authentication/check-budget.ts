// How many checks that cost a lot may come to nothing where too many failed before: those of a token that is not known,
// or of a signature by a public key. None at all would shut out whoever shares the address; any number, let one sender
// take all the CPU.

const WINDOW_MS = 1000
/** A second, for one address: about two hundredths of a core. */
export const CHECKS_OF_ADDRESS = 50
/** The same for all addresses that failed too often, together. */
const CHECKS_OF_ALL = 500

/** What one request may have checked. */
export interface Checks {
  /** Whether something that costs a lot may be checked now; takes from what is left. */
  readonly mayCheck: () => boolean
  /** What was checked is right: it takes nothing. */
  readonly giveBack: () => void
}

/** Without any bound. */
export const FREE_CHECKS: Checks = { mayCheck: () => true, giveBack: () => {} }

export interface CheckBudget {
  /** For an address that failed too often. */
  readonly open: (place: string) => Checks
}

interface Second {
  readonly since: number
  used: number
}

/** @param ticks milliseconds that only grow */
export function createCheckBudget(ticks: () => number): CheckBudget {
  const places = new Map<string, Second>()
  let all: Second = { since: Number.NEGATIVE_INFINITY, used: 0 }
  /** Of this second; what was used before is forgotten, and with it the addresses that used it. */
  const current = (): Second => {
    const now = ticks()
    if (now - all.since < WINDOW_MS) return all
    all = { since: now, used: 0 }
    places.clear()
    return all
  }
  return {
    open: (place) => {
      let taken: readonly Second[] = []
      return {
        mayCheck: () => {
          const ofAll = current()
          const ofPlace = places.get(place) ?? { since: ofAll.since, used: 0 }
          if (ofAll.used >= CHECKS_OF_ALL || ofPlace.used >= CHECKS_OF_ADDRESS) return false
          places.set(place, ofPlace)
          taken = [ofAll, ofPlace]
          for (const second of taken) second.used++
          return true
        },
        giveBack: () => {
          for (const second of taken) second.used--
          taken = []
        },
      }
    },
  }
}
