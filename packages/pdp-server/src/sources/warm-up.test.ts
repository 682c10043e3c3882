import type { PolicySet } from '@edict/policy-lang/program'
import { expect, it, suite } from 'vitest'
import { loadPolicy } from '../test-support/service.ts'
import { type WarmUpOptions, warmUp } from './warm-up.ts'

const before = loadPolicy()

/** Steps without an end, and how many were taken. */
function createEndless(): { readonly policySet: PolicySet; readonly taken: () => number } {
  let count = 0
  const steps = function* (): Generator<undefined, void> {
    for (;;) {
      count += 1
      yield
    }
  }
  return { policySet: { ...loadPolicy(), prepare: steps }, taken: () => count }
}

const warm = (options: Partial<WarmUpOptions> & Pick<WarmUpOptions, 'policySet'>) =>
  warmUp({ entities: undefined, before, signal: new AbortController().signal, ...options })

suite('warmUp', () => {
  it('ends once its time is up', async () => {
    const { policySet, taken } = createEndless()
    await warm({ policySet, maxMs: 5 })
    expect(taken()).toBeGreaterThan(0)
  })

  it('ends when it is told to, though much is left', async () => {
    const { policySet } = createEndless()
    const stopping = new AbortController()
    const ended = warm({ policySet, signal: stopping.signal, maxMs: Number.POSITIVE_INFINITY })
    stopping.abort()
    await ended
  })

  it('lets others have their turn between steps', async () => {
    const { policySet, taken } = createEndless()
    let seen = 0
    setImmediate(() => {
      seen = taken()
    })
    await warm({ policySet, maxMs: 5 })
    expect([seen > 0, seen < taken()]).toEqual([true, true])
  })

  it('takes the policy set that decides for ready', async () => {
    const { policySet, taken } = createEndless()
    await warm({ policySet, before: policySet })
    expect(taken()).toBe(0)
  })
})
