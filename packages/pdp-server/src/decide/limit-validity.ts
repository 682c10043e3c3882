import type { Answer } from '@edict/policy-lang/program'
import type { Decider } from './decider.ts'

/** RFC 3339 has years of four digits. A token may say that it expires after all of them. */
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * A decider whose answers hold no longer than an instant: that until which what a question says of its subject is
 * known to be so. Whoever keeps an answer must not keep it past the token that it rests on.
 * @param until epoch milliseconds
 */
export function limitValidity<T extends Decider>(decider: T, until: number): T {
  const end = Math.min(until, LAST_INSTANT)
  const limit = <A extends Answer>(answer: A): A => {
    const { cacheable } = answer
    if (cacheable === false) return answer
    if (cacheable.until !== null && Date.parse(cacheable.until) <= end) return answer
    return { ...answer, cacheable: { until: new Date(end).toISOString() } }
  }
  return {
    ...decider,
    decide: (request, index) => limit(decider.decide(request, index)),
    explain: (request, options, index) => limit(decider.explain(request, options, index)),
  }
}
