// Has the engine read what a new state rests on before anybody waits for it, a little at a time: requests come first.
import type { EntityStore, PolicySet, ReadAheadPlace } from '@edict/policy-lang/program'
import type { Log } from '../telemetry/log.ts'
import type { PdpState } from './pdp.ts'

export interface ReadingAhead {
  /** Prepares this state, and no longer the one of before. */
  readonly follow: (state: Pick<PdpState, 'policySet' | 'entities'>) => void
  readonly stop: () => void
}

/** How long it works without a pause. */
const TURN_MS = 2
/** It takes a third of the time: requests have the rest. */
const PAUSES_PER_TURN = 2
/** After more changes than this, all is read once more. */
const MAX_CHANGES = 1000

export function createReadingAhead(log: Pick<Log, 'warn'>): ReadingAhead {
  let under: { readonly policySet: PolicySet; entities: EntityStore } | undefined
  let place: ReadAheadPlace | undefined
  let timer: NodeJS.Timeout | undefined

  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }

  /** Nothing keeps the process for its sake. */
  const pause = (ms: number): void => {
    timer = setTimeout(work, ms).unref()
  }

  const work = (): void => {
    timer = undefined
    if (under === undefined) return
    const { policySet, entities } = under
    const startedAt = performance.now()
    try {
      do place = policySet.readAhead(entities, place)
      while (place !== undefined && performance.now() - startedAt < TURN_MS)
    } catch (error) {
      // Whoever asks will hear of it.
      log.warn({ err: error }, 'policies and data could not be read ahead')
      return
    }
    if (place !== undefined) pause((performance.now() - startedAt) * PAUSES_PER_TURN)
  }

  return {
    follow: ({ policySet, entities }) => {
      if (under !== undefined && entities !== undefined && isLittleElse(under, policySet, entities)) {
        // What is done already stays done.
        under.entities = entities
        return
      }
      stop()
      place = undefined
      under = entities && { policySet, entities }
      if (under !== undefined) pause(0)
    },
    stop,
  }
}

function isLittleElse(
  before: { readonly policySet: PolicySet; readonly entities: EntityStore },
  policySet: PolicySet,
  entities: EntityStore,
): boolean {
  if (before.policySet !== policySet) return false
  const changes = entities.changesSince?.(before.entities)
  if (changes === undefined) return before.entities === entities
  return changes.entities.length + changes.gone.length + changes.come.length <= MAX_CHANGES
}
