import type { Adapt, CaseRequest } from '../adapter.ts'
import { adaptRelationships } from './shared/relationships.ts'

/** What the source calls the clock in its requests. */
const CLOCK = 'current_time'

/** Time comes with the request. Where the translation declares no such context, it reads the clock: that is set. */
export const adapt: Adapt = (set, { schema }) => {
  const { data, toQuestion } = adaptRelationships(set, { schema })
  const readsClock = !schema.context.some(({ name }) => name === CLOCK)
  return {
    data,
    toQuestion: (request) => {
      const now = readsClock ? clockOf(request) : undefined
      return { ...toQuestion(request), ...(now !== undefined && { now }) }
    },
  }
}

function clockOf({ context = {} }: CaseRequest): string | undefined {
  const now = context[CLOCK]
  return typeof now === 'string' ? now : undefined
}
