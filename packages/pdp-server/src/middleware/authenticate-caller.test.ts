// Many callers behind one address, and one among them who sends bad credentials.
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Authentication } from '../authentication/authenticator.ts'
import { CHECKS_OF_ADDRESS } from '../authentication/check-budget.ts'
import { createFailureLimits } from '../authentication/limits.ts'
import { createTokenCache } from '../authentication/tokens/token-cache.ts'
import { type AuthenticationFailure, createAuthenticationGate } from './authenticate-caller.ts'
import type { Exchange } from './gate.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout'] }))
afterEach(() => void vi.useRealTimers())

const LIMIT = 5

/** A gate for tokens that are checked as those of an issuer are: a text that starts with `good` is right. */
function createGate() {
  const cache = createTokenCache()
  const failures: AuthenticationFailure['reason'][] = []
  let checked = 0
  const authenticate = (token: string, mayCheck: () => boolean): Authentication => {
    const caller = { id: token, scopes: new Set(['decide'] as const) }
    if (cache.get(token, Date.now()) !== undefined) return { caller }
    if (!cache.wasRight(token) && !mayCheck()) return { fault: 'not looked at', isUnread: true }
    checked++
    if (!token.startsWith('good')) return { fault: 'wrong' }
    cache.set(token, { iss: 'i', sub: token, exp: Date.now() / 1000 + 14_400 }, Date.now())
    return { caller }
  }
  const gate = createAuthenticationGate({
    authenticate,
    requirementOf: () => 'decide',
    maxCredentialBytes: 8192,
    failureLimits: createFailureLimits(LIMIT),
    onFailure: ({ reason }) => void failures.push(reason),
  })
  const ask = async (token: string, remoteAddress = '192.0.2.7') => {
    const headers = new Map<string, string>()
    const incoming = { url: '/decide', socket: { remoteAddress } } as unknown as IncomingMessage
    const refusal = await gate({
      method: 'POST',
      path: '/decide',
      incoming,
      header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
      setHeader: (name, value) => void headers.set(name, value),
    } as Exchange)
    return { status: refusal?.status ?? 200, headers }
  }
  const askMany = async (count: number, start: string) => {
    const statuses = []
    for (let index = 0; index < count; index++) statuses.push((await ask(`${start}${index}`)).status)
    return statuses
  }
  return { ask, askMany, failures, checked: () => checked }
}

describe('an address from which too many bad credentials came', () => {
  it('shuts out nobody whose token was right, minute after minute', async () => {
    const { ask, askMany } = createGate()
    const good = ['good-1', 'good-2', 'good-3']
    for (const token of good) await ask(token)
    const statuses = new Set<number>()
    for (let second = 0; second < 240; second++) {
      if (second % 30 === 0) await askMany(LIMIT + 1, `bad-${second}-`)
      for (const token of good) statuses.add((await ask(token)).status)
      vi.advanceTimersByTime(1000)
    }
    expect([...statuses]).toEqual([200])
  })

  it('lets in who brings a new token, though others send bad ones all the time', async () => {
    const { ask, askMany } = createGate()
    await askMany(LIMIT + 1, 'bad-')
    expect((await ask('good-new')).status).toBe(200)
    await askMany(CHECKS_OF_ADDRESS * 2, 'bad-again-')
    expect((await ask('good-newer')).status).toBe(429)
    vi.advanceTimersByTime(1000)
    expect((await ask('good-newer')).status).toBe(200)
  })

  it('has no more checked than so many a second, and hears when to come again', async () => {
    const { ask, askMany, checked, failures } = createGate()
    await askMany(LIMIT + 1, 'bad-')
    const before = checked()
    await askMany(CHECKS_OF_ADDRESS + 20, 'worse-')
    expect(checked() - before).toBe(CHECKS_OF_ADDRESS)
    expect(failures.filter((reason) => reason === 'unread')).toHaveLength(20)
    const { status, headers } = await ask('worse')
    expect([status, headers.get('Retry-After'), headers.get('RateLimit')]).toEqual([
      429,
      '1',
      '"checks";r=0;t=1',
    ])
  })

  it('is not kept shut by what is refused unread', async () => {
    const { ask, askMany } = createGate()
    await askMany(LIMIT + 1 + CHECKS_OF_ADDRESS, 'bad-')
    for (let count = 0; count < 100; count++) await ask('unread')
    vi.advanceTimersByTime(60_000)
    expect((await ask('bad-once-more')).headers.get('RateLimit')).toBe(`"failures";r=${LIMIT - 1};t=60`)
  })

  it('is shut for its window, and not a millisecond longer', async () => {
    const { askMany, ask } = createGate()
    await askMany(1, 'bad-')
    vi.advanceTimersByTime(100)
    await askMany(LIMIT + CHECKS_OF_ADDRESS, 'bad-')
    vi.advanceTimersByTime(59_900)
    expect(await askMany(LIMIT, 'other-')).toEqual(Array(LIMIT).fill(401))
    expect((await ask('good')).status).toBe(200)
  })

  it('has any number of right ones checked', async () => {
    const { askMany } = createGate()
    await askMany(LIMIT + 1, 'bad-')
    const statuses = await askMany(CHECKS_OF_ADDRESS * 3, 'good-')
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('takes from no other address', async () => {
    const { ask, askMany } = createGate()
    await askMany(LIMIT + 1 + CHECKS_OF_ADDRESS, 'bad-')
    expect((await ask('good-new')).status).toBe(429)
    expect((await ask('good-new', '192.0.2.8')).status).toBe(200)
  })
})
