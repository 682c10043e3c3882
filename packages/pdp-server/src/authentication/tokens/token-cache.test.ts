import { describe, expect, it } from 'vitest'
import { createTokenCache } from './token-cache.ts'

const claims = (exp: number) => ({ iss: 'i', sub: 's', exp })

describe('createTokenCache', () => {
  it('keeps a token for a minute, and never past its end', () => {
    const cache = createTokenCache()
    cache.set('long', claims(1000), 0)
    cache.set('short', claims(10), 0)
    expect([cache.get('long', 9999), cache.get('short', 9999)]).toEqual([claims(1000), claims(10)])
    expect(cache.get('short', 10_000)).toBeUndefined()
    expect(cache.get('long', 60_000)).toBeUndefined()
    expect(cache.get('long', 0)).toBeUndefined()
  })

  it('keeps nothing that is over, or may not be kept', () => {
    const cache = createTokenCache()
    cache.set('over', claims(10), 10_000)
    cache.set('never', claims(1000), 0, 0)
    expect([cache.get('over', 9000), cache.get('never', 0)]).toEqual([undefined, undefined])
  })

  it('does not count where the clock went back', () => {
    const cache = createTokenCache()
    cache.set('t', claims(1000), 5000)
    expect(cache.get('t', 4999)).toBeUndefined()
  })

  it('knows what was right before, until it is found wrong', () => {
    const cache = createTokenCache()
    cache.set('t', claims(1000), 0)
    expect([cache.get('t', 60_000), cache.wasRight('t'), cache.wasRight('u')]).toEqual([
      undefined,
      true,
      false,
    ])
    cache.forget('t')
    expect(cache.wasRight('t')).toBe(false)
  })

  it('is bounded', () => {
    const cache = createTokenCache(2)
    for (const token of ['a', 'b', 'c']) cache.set(token, claims(1000), 0)
    expect(['a', 'b', 'c'].map((token) => cache.get(token, 1) !== undefined)).toEqual([false, true, true])
  })
})
