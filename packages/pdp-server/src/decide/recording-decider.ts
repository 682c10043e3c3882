// A Decider that tells of each of its decisions. Who is told, and what becomes of it, it does not know.
import { randomUUID } from 'node:crypto'
// The global of that name is looked up, and made sure of, each time.
import { performance } from 'node:perf_hooks'
import type { Answer, DecisionRequest } from '@edict/policy-lang/program'
import type { Decider } from './decider.ts'
import type { DecisionHooks, DecisionOrigin, DecisionRecord } from './decision-record.ts'

export interface RecordingOptions {
  readonly onDecision: DecisionHooks['onDecision']
  readonly onSearch: DecisionHooks['onSearch']
  readonly origin: DecisionOrigin | undefined
  readonly dataVersion: string | undefined
  readonly time: number
}

export function createRecordingDecider(decider: Decider, options: RecordingOptions): Decider {
  const { onDecision, onSearch, dataVersion, time } = options
  const origin = nameOrigin(options.origin)
  const { id } = origin
  const { policyVersion, numbers, isStale } = decider
  // Records of one batch are mostly made safe together.
  let unsafe: Set<Promise<void>> | undefined
  const keep = (safe: Promise<void> | undefined): void => {
    if (safe === undefined) return
    unsafe ??= new Set()
    unsafe.add(safe)
    // It may fail while a batch goes on, before anybody waits for it.
    safe.catch(() => undefined)
  }
  const tell = (
    request: DecisionRequest,
    index: number | undefined,
    answer: Answer,
    durationMs: number,
  ): void => {
    const safe = onDecision?.({
      id: index === undefined ? id : `${id}.${index}`,
      index,
      origin,
      time,
      durationMs,
      request,
      answer,
      policyVersion,
      dataVersion,
      // Always there: objects of one form are made faster, and read faster.
      isCached: decider.wasRecalled?.() === true ? true : undefined,
    })
    keep(safe)
  }
  return {
    policyVersion,
    numbers,
    isStale,
    decide: (request, index) => {
      const startedAt = performance.now()
      const answer = decider.decide(request)
      tell(request, index, answer, performance.now() - startedAt)
      return answer
    },
    explain: (request, how, index) => {
      const startedAt = performance.now()
      const answer = decider.explain(request, how)
      tell(request, index, answer, performance.now() - startedAt)
      return answer
    },
    search: decider.search,
    tellSearch: (outcome) => {
      keep(onSearch?.({ ...outcome, id, origin, time, policyVersion, dataVersion }))
    },
    recorded: () => (unsafe === undefined ? undefined : waitForAll(unsafe)),
  }
}

/** An origin with an id stands for one exchange: what is the same for all its records may be kept by it. */
function nameOrigin(origin: DecisionOrigin | undefined): DecisionRecord['origin'] {
  return origin?.id === undefined ? { ...origin, id: randomUUID() } : (origin as DecisionRecord['origin'])
}

async function waitForAll(promises: ReadonlySet<Promise<void>>): Promise<void> {
  await Promise.all(promises)
}
