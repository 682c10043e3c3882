// A Decider that tells of each of its decisions. Who is told, and what becomes of it, it does not know.
import { randomUUID } from 'node:crypto'
import type { Answer, DecisionRequest } from '@edict/policy-lang/program'
import type { Decider } from './decider.ts'
import type { DecisionHooks, DecisionOrigin } from './decision-record.ts'

export interface RecordingOptions {
  readonly hooks: DecisionHooks
  readonly origin: DecisionOrigin | undefined
  readonly dataVersion: string | undefined
  readonly time: number
}

export function createRecordingDecider(decider: Decider, options: RecordingOptions): Decider {
  const { hooks, origin = {}, dataVersion, time } = options
  const { id = randomUUID() } = origin
  const { policyVersion } = decider
  const tell = <T extends Answer>(
    request: DecisionRequest,
    index: number | undefined,
    decide: () => T,
  ): T => {
    const startedAt = performance.now()
    const answer = decide()
    hooks.onDecision?.({
      id: index === undefined ? id : `${id}.${index}`,
      origin,
      time,
      durationMs: performance.now() - startedAt,
      request,
      answer,
      policyVersion,
      dataVersion,
    })
    return answer
  }
  return {
    policyVersion,
    decide: (request, index) => tell(request, index, () => decider.decide(request)),
    explain: (request, how, index) => tell(request, index, () => decider.explain(request, how)),
    recorded: () => hooks.whenRecorded?.(),
  }
}
