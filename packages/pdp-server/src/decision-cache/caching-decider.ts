// A Decider that gives again what it gave before, where that is what it would decide now.
//
// Why it is: a decision is a function of policies, data, the clock and what it reads of a request, and what it reads
// next depends only on what it has read. So two requests that agree in all that the decision of one has read are
// decided alike. The footprint says what was read; keys hold at least that.
import type { Answer, DecideOptions, DecisionRequest, PolicySet } from '@edict/policy-lang/program'
import type { Decider } from '../decide/decider.ts'
import type { CacheView, DecisionCache } from './decision-cache.ts'
import { KnownReads } from './known-reads.ts'
import { kindOf, RequestKeyWriter } from './request-key.ts'

/** What a decision counts at least, of steps that several share. */
const STEPS_OF_A_HIT = 4

export interface CachingOptions {
  readonly cache: DecisionCache
  readonly policySet: PolicySet
  /** Those of the decider. */
  readonly options: DecideOptions & { readonly now: () => number }
}

export function createCachingDecider(
  decider: Decider,
  { cache, policySet, options }: CachingOptions,
): Decider {
  const { entities, sharedSteps, now } = options
  const { sharedSteps: _, ...ownOptions } = options
  const notingOptions = { ...ownOptions, footprint: true }
  const writer = new RequestKeyWriter()
  let wasRecalled = false
  const writeKey = ({ number }: CacheView, kind: string, request: DecisionRequest, reads: KnownReads) =>
    writer.write(`${number}.${reads.revision};${kind}`, request, reads)

  /**
   * Decides, and keeps the answer for all questions that agree in what it rests on. Which that is, and for how long it
   * holds, only the form that notes it can say; which of several deciding rules an answer names, is the same for all
   * questions for which the same rules speak.
   */
  const decideAndLearn = (
    request: DecisionRequest,
    index: number | undefined,
    kind: string,
    view: CacheView,
  ): Answer => {
    const answer = decider.decide(request, index)
    if (!isKept(answer) || isOfStranger(answer)) return answer
    const { footprint, cacheable } = policySet.decide(request, notingOptions)
    if (footprint === undefined || cacheable === false) return answer
    const reads = view.reads.get(kind) ?? new KnownReads()
    reads.learn(footprint.request)
    view.reads.set(kind, reads)
    const key = writeKey(view, kind, request, reads)
    if (key !== undefined) cache.keep(key, { ...answer, cacheable }, now())
    return answer
  }

  const decide = (request: DecisionRequest, index: number | undefined): Answer => {
    const kind = kindOf(request)
    if (kind === undefined || (sharedSteps !== undefined && !(sharedSteps.left > 0))) {
      cache.count('bypass')
      return decider.decide(request, index)
    }
    const view = cache.viewOf(policySet, entities)
    const reads = view.reads.get(kind)
    if (reads === undefined) {
      cache.count('miss')
      return decideAndLearn(request, index, kind, view)
    }
    const key = writeKey(view, kind, request, reads)
    const { leavesOut } = writer
    if (key === undefined) {
      cache.count('bypass')
      return decider.decide(request, index)
    }
    const known = cache.find(key, now())
    if (known !== undefined) {
      if (sharedSteps !== undefined) sharedSteps.left -= STEPS_OF_A_HIT
      wasRecalled = true
      return known
    }
    if (leavesOut) return decideAndLearn(request, index, kind, view)
    // All members that are there are known to be read: there is nothing to learn.
    const answer = decider.decide(request, index)
    if (isKept(answer)) cache.keep(key, answer, now())
    return answer
  }

  return {
    ...decider,
    wasRecalled: () => wasRecalled,
    decide: (request, index) => {
      wasRecalled = false
      return decide(request, index)
    },
    explain: (request, how, index) => {
      wasRecalled = false
      return decider.explain(request, how, index)
    },
  }
}

/** Failures, and what was said in vain, are decided each time. */
function isKept({ cacheable, errorCount, ignored }: Answer): boolean {
  return cacheable !== false && errorCount === 0 && ignored === undefined
}

/** Of a type or an action that no policy knows: anyone can name any number of them. */
function isOfStranger({ reasons }: Answer): boolean {
  return reasons.some(
    (reason) =>
      'builtin' in reason && (reason.builtin === 'unknownType' || reason.builtin === 'unknownAction'),
  )
}
