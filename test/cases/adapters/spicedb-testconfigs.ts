import type { Adapt, CaseRequest } from '../adapter.ts'
import { adaptRelationships } from './shared/relationships.ts'

/** When the source asks: after what has expired in its data, before what has not. */
const NOW = '2026-01-01T00:00:00Z'

/** What requests call the clock where conditions of the source read it: `context.now` in Edict. */
const CLOCK = 'now'

export const adapt: Adapt = (set, { schema }) => {
  const { data, toQuestion } = adaptRelationships(set, { schema })
  const readsClock = (set.relationships ?? []).some(({ expiration }) => expiration !== undefined)
  return {
    data,
    toQuestion: (request) => {
      const now = clockOf(request) ?? (readsClock ? NOW : undefined)
      return { ...toQuestion(withoutClock(request)), ...(now !== undefined && { now }) }
    },
  }
}

function clockOf({ context = {} }: CaseRequest): string | undefined {
  const now = context[CLOCK]
  return typeof now === 'string' ? now : undefined
}

function withoutClock(request: CaseRequest): CaseRequest {
  const { [CLOCK]: _, ...context } = request.context ?? {}
  return { ...request, context }
}
