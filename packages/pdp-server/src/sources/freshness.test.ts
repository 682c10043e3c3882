import { expect, it, suite } from 'vitest'
import { createFreshness } from './freshness.ts'

suite('createFreshness', () => {
  let now = 1000
  const ticks = () => now

  it('is stale until something was confirmed, and once that is too long ago', () => {
    const freshness = createFreshness({ maxStalenessMs: 500, ticks })
    expect([freshness.age(), freshness.isStale()]).toEqual([Number.POSITIVE_INFINITY, true])
    freshness.confirm(now)
    now += 500
    expect([freshness.age(), freshness.isStale()]).toEqual([500, false])
    now += 1
    expect(freshness.isStale()).toBe(true)
    freshness.confirm(now)
    expect(freshness.isStale()).toBe(false)
  })

  it('counts from before the look, however late its outcome comes', () => {
    const freshness = createFreshness({ maxStalenessMs: 500, ticks })
    freshness.confirm(now - 400)
    expect(freshness.age()).toBe(400)
  })

  it('grows no older by what comes out of order, and no younger than now', () => {
    const freshness = createFreshness({ maxStalenessMs: 500, ticks })
    freshness.confirm(now)
    freshness.confirm(now - 400)
    expect(freshness.age()).toBe(0)
    freshness.confirm(now + 10_000)
    now += 600
    expect([freshness.age(), freshness.isStale()]).toEqual([600, true])
  })

  it('is never stale without a limit', () => {
    expect(createFreshness({ ticks }).isStale()).toBe(false)
  })
})
