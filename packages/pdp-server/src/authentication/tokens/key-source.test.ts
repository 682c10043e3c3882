import { afterEach, describe, expect, it, vi } from 'vitest'
import { startIssuer } from '../../test-support/issuer.ts'
import { createRemoteKeySource } from './key-source.ts'
import { verifySignature } from './token-verifier.ts'

afterEach(() => {
  vi.useRealTimers()
})

const MINUTE = 60_000

describe('createRemoteKeySource', () => {
  it('asks for new keys after the cooldown, and keeps the last ones for an hour while nobody answers', async () => {
    const issuer = await startIssuer()
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const keys = createRemoteKeySource(issuer.jwksUri)
    const check = async () => verifySignature(await issuer.sign(), 'ES256', keys, ['ES256'])
    expect(await check()).toBeUndefined()
    await issuer.rotate()
    expect(await check()).toMatchObject({ fault: expect.stringContaining('not known') })
    vi.advanceTimersByTime(MINUTE)
    expect(await check()).toBeUndefined()
    expect(issuer.asked.keys).toBe(2)
    issuer.fault.current = 'error'
    for (let minutes = 0; minutes < 55; minutes += 11) {
      vi.advanceTimersByTime(11 * MINUTE)
      expect(await check()).toBeUndefined()
    }
    vi.advanceTimersByTime(11 * MINUTE)
    expect(await check()).toMatchObject({ isOutage: true })
    issuer.fault.current = undefined
    vi.advanceTimersByTime(MINUTE)
    expect(await check()).toBeUndefined()
    await issuer.stop()
  })
})
