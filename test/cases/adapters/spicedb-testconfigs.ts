import type { Adapt } from '../adapter.ts'
import { adaptRelationships } from './shared/relationships.ts'

/** When the source asks: after what has expired in its data, before what has not. */
const NOW = '2026-01-01T00:00:00Z'

export const adapt: Adapt = (set, { schema }) => {
  const { data, toQuestion } = adaptRelationships(set, { schema })
  const readsClock = (set.relationships ?? []).some(({ expiration }) => expiration !== undefined)
  return {
    data,
    toQuestion: (request) => ({ ...toQuestion(request), ...(readsClock && { now: NOW }) }),
  }
}
