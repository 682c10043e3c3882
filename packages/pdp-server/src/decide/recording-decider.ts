// A Decider that tells of each of its decisions. Who is told, and what becomes of it, it does not know.
import { randomUUID } from 'node:crypto'
import type { Answer, DecisionRequest } from '@edict/policy-lang/program'
import type { Decider } from './decider.ts'
import type { DecisionHooks, DecisionOrigin } from './decision-record.ts'

export interface RecordingOptions {
  readonly onDecision: DecisionHooks['onDecision']
  readonly onSearch: DecisionHooks['onSearch']
  readonly origin: DecisionOrigin | undefined
  readonly dataVersion: string | undefined
  readonly time: number
}

export function createRecordingDecider(decider: Decider, options: RecordingOptions): Decider {
  const { onDecision, onSearch, origin = {}, dataVersion, time } = options
  const { id = randomUUID() } = origin
  const { policyVersion, numbers, isStale } = decider
  // Records of one batch are mostly made safe together.
  const unsafe = new Set<Promise<void>>()
  const keep = (safe: Promise<void> | undefined): void => {
    if (safe === undefined) return
    unsafe.add(safe)
    // It may fail while a batch goes on, before anybody waits for it.
    safe.catch(() => undefined)
  }
  const tell = <T extends Answer>(
    request: DecisionRequest,
    index: number | undefined,
    decide: () => T,
  ): T => {
    const startedAt = performance.now()
    const answer = decide()
    const safe = onDecision?.({
      id: index === undefined ? id : `${id}.${index}`,
      origin,
      time,
      durationMs: performance.now() - startedAt,
      request,
      answer,
      policyVersion,
      dataVersion,
      ...(decider.wasRecalled?.() === true && { isCached: true }),
    })
    keep(safe)
    return answer
  }
  return {
    policyVersion,
    numbers,
    isStale,
    decide: (request, index) => tell(request, index, () => decider.decide(request)),
    explain: (request, how, index) => tell(request, index, () => decider.explain(request, how)),
    search: decider.search,
    tellSearch: (outcome) => {
      keep(onSearch?.({ ...outcome, id, origin, time, policyVersion, dataVersion }))
    },
    recorded: () => (unsafe.size === 0 ? undefined : waitForAll(unsafe)),
  }
}

async function waitForAll(promises: ReadonlySet<Promise<void>>): Promise<void> {
  await Promise.all(promises)
}
