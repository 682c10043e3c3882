import type { Answer } from '@edict/policy-lang/program'
import type { Decider } from './decider.ts'

/**
 * A decider whose answers hold no longer than an instant: that until which what a question says of its subject is
 * known to be so. Whoever keeps an answer must not keep it past the token that it rests on.
 * @param until epoch milliseconds
 */
export function limitValidity<T extends Decider>(decider: T, until: number): T {
  const limit = <A extends Answer>(answer: A): A => {
    const { cacheable } = answer
    if (cacheable === false) return answer
    if (cacheable.until !== null && Date.parse(cacheable.until) <= until) return answer
    return { ...answer, cacheable: { until: new Date(until).toISOString() } }
  }
  return {
    ...decider,
    decide: (request, index) => limit(decider.decide(request, index)),
    explain: (request, options, index) => limit(decider.explain(request, options, index)),
  }
}
