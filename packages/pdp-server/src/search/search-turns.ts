// Searches take turns, one slice of one search in each turn of the event loop: however many are under way, a request
// of another kind waits for one slice at most. No caller can take all the places, nor all the room to wait.
import { PdpServerError } from '../errors.ts'

/** Each holds its results in memory. */
const MAX_RUNNING = 8
const MAX_WAITING = 1000
const MAX_WAIT_MS = 10_000
/** What one caller may have of the places, and of those that wait. */
const SHARE = 1 / 4
const MAX_RUNNING_OF_ONE = Math.max(1, Math.floor(MAX_RUNNING * SHARE))
const MAX_WAITING_OF_ONE = Math.max(1, Math.floor(MAX_WAITING * SHARE))

/** For whom a search is. */
export interface Searcher {
  /** Undefined: callers are not told apart, and there are no shares. */
  readonly callerId: string | undefined
  /** Whether nobody waits for the answer any more. */
  readonly isGone: () => boolean
}

export interface SearchTurns {
  /**
   * Ends once the search may begin; undefined where it may at once. Throws `PdpServerError`: `overloaded` where too
   * many wait already, or it has waited for too long, `abandoned` where nobody waits for the answer any more.
   */
  readonly begin: (searcher: Searcher) => Promise<void> | undefined
  /** Ends once it is this search's turn again. */
  readonly next: () => Promise<void>
  /** To be called once for each `begin` that ended well. */
  readonly end: (searcher: Searcher) => void
}

interface Waiting {
  readonly searcher: Searcher
  readonly start: () => void
  readonly refuse: (error: PdpServerError) => void
}

export function createSearchTurns(): SearchTurns {
  const running = createCounts()
  const { next } = createTurns()
  /** Not begun, the one that came first in front. */
  let waiting: Waiting[] = []

  const mayRun = ({ callerId }: Searcher) =>
    running.total() < MAX_RUNNING && (callerId === undefined || running.of(callerId) < MAX_RUNNING_OF_ONE)

  /** Those that nobody waits for make room. */
  const refuseGone = (): void => {
    const gone = waiting.filter(({ searcher }) => searcher.isGone())
    if (gone.length === 0) return
    waiting = waiting.filter((one) => !gone.includes(one))
    for (const { refuse } of gone) refuse(abandoned())
  }

  const refuseWhereFull = ({ callerId }: Searcher): void => {
    const ofCaller = waiting.filter(({ searcher }) => searcher.callerId === callerId).length
    const isFull = waiting.length >= MAX_WAITING
    if (!isFull && (callerId === undefined || ofCaller < MAX_WAITING_OF_ONE)) return
    const whose = isFull ? 'searches' : 'searches of this caller'
    throw new PdpServerError('overloaded', `too many ${whose} are under way: try again later`)
  }

  const wait = (searcher: Searcher): Promise<void> =>
    new Promise((resolve, reject) => {
      const one: Waiting = {
        searcher,
        start: () => {
          clearTimeout(timer)
          running.add(searcher.callerId, 1)
          void next().then(resolve)
        },
        refuse: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      const timer = setTimeout(() => {
        waiting = waiting.filter((other) => other !== one)
        reject(new PdpServerError('overloaded', 'the search waited too long for its turn: try again later'))
      }, MAX_WAIT_MS)
      timer.unref()
      waiting.push(one)
    })

  const startWaiting = (): void => {
    refuseGone()
    for (;;) {
      const at = waiting.findIndex(({ searcher }) => mayRun(searcher))
      const [one] = at === -1 ? [] : waiting.splice(at, 1)
      if (one === undefined) return
      one.start()
    }
  }

  return {
    begin: (searcher) => {
      if (mayRun(searcher)) {
        running.add(searcher.callerId, 1)
        // Alone, it needs to wait for nobody.
        return running.total() === 1 ? undefined : next()
      }
      refuseGone()
      refuseWhereFull(searcher)
      return wait(searcher)
    },
    next,
    end: ({ callerId }) => {
      running.add(callerId, -1)
      startWaiting()
    },
  }
}

/** One search has the event loop at a time. */
function createTurns(): Pick<SearchTurns, 'next'> {
  /** Begun, and waiting for a turn. */
  const turns: (() => void)[] = []
  let isPumping = false
  const pump = (): void => {
    turns.shift()?.()
    isPumping = turns.length > 0
    if (isPumping) setImmediate(pump)
  }
  return {
    next: () =>
      new Promise((resolve) => {
        turns.push(resolve)
        if (isPumping) return
        isPumping = true
        setImmediate(pump)
      }),
  }
}

/** How many there are, and how many of each caller. */
function createCounts() {
  let total = 0
  const ofCallers = new Map<string | undefined, number>()
  return {
    total: () => total,
    of: (callerId: string): number => ofCallers.get(callerId) ?? 0,
    add: (callerId: string | undefined, change: number): void => {
      total += change
      const count = (ofCallers.get(callerId) ?? 0) + change
      if (count === 0) ofCallers.delete(callerId)
      else ofCallers.set(callerId, count)
    },
  }
}

/** Runs a search once it may begin. @param run told whether it had to wait */
export async function takeTurn<T>(
  turns: SearchTurns,
  searcher: Searcher,
  run: (hasWaited: boolean) => Promise<T>,
): Promise<T> {
  const waited = turns.begin(searcher)
  if (waited !== undefined) await waited
  try {
    if (searcher.isGone()) throw abandoned()
    return await run(waited !== undefined)
  } finally {
    turns.end(searcher)
  }
}

export function abandoned(): PdpServerError {
  return new PdpServerError('abandoned', 'the connection was closed before the search had ended')
}
