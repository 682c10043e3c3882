// How often one may fail to say who one is, and how often a caller may ask.
import { createHash, randomBytes } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { CHECKS_OF_ADDRESS, type Checks, createCheckBudget, FREE_CHECKS } from './check-budget.ts'

/** Where a quota stands once it was used. */
export interface Quota {
  readonly policy: 'failures' | 'requests' | 'checks'
  readonly limit: number
  readonly windowSeconds: number
  readonly remaining: number
  /** Until the window ends; whole seconds, at least one. */
  readonly resetSeconds: number
  /** The same, to the millisecond. */
  readonly resetMs: number
  readonly isExceeded: boolean
}

export interface FailureLimits {
  /** What may be checked for this address: all, unless it failed too often of late. */
  readonly openChecks: (address: string | undefined) => Checks
  /**
   * Counts a failure of an address, and of a key that was tried; gives the quota that is nearer to its end.
   * INVARIANT: not for what was refused unread, or who shares the address would keep it shut by trying.
   */
  readonly count: (address: string | undefined, keyId: string | undefined) => Promise<Quota>
}

const FAILURE_WINDOW_SECONDS = 60
/** Addresses share places at random, so that many addresses cannot fill the memory. */
const PLACE_BYTES = 2

/** What is counted, each by itself. */
export const COUNTED = ['failuresOfAddress', 'failuresOfKey', 'requests'] as const
export type Counted = (typeof COUNTED)[number]

/** Counts one more for a key, and gives where its quota stands. */
export type Limiter = (key: string) => Promise<Quota>

/** Where counting is done, for processes that count together. */
export interface SharedLimits {
  readonly createLimiter: (counted: Counted, limit: number) => Limiter
  /** Chooses the places of addresses: the same in all of them. */
  readonly placeSalt: Uint8Array
}

/** @param ticks milliseconds that only grow. Default: those of the process */
export function createFailureLimits(
  limit: number,
  shared: SharedLimits = ownLimits(),
  ticks: () => number = () => performance.now(),
): FailureLimits {
  const byAddress = shared.createLimiter('failuresOfAddress', limit)
  const byKey = shared.createLimiter('failuresOfKey', limit)
  const exceededUntil = new Map<string, number>()
  const budget = createCheckBudget(ticks)
  const placeOf = createPlaces(shared.placeSalt)
  return {
    openChecks: (address) => {
      if (exceededUntil.size === 0) return FREE_CHECKS
      const place = placeOf(address)
      const until = exceededUntil.get(place)
      if (until === undefined) return FREE_CHECKS
      if (ticks() < until) return budget.open(place)
      exceededUntil.delete(place)
      return FREE_CHECKS
    },
    count: async (address, keyId) => {
      const place = placeOf(address)
      const quota = await byAddress(place)
      // To the millisecond: rounded up, it would reach into the next window.
      if (quota.isExceeded) exceededUntil.set(place, ticks() + quota.resetMs)
      if (keyId === undefined) return quota
      // Only keys that there are come here, so their number bounds this one.
      const ofKey = await byKey(keyId)
      return ofKey.remaining < quota.remaining || (ofKey.isExceeded && !quota.isExceeded) ? ofKey : quota
    },
  }
}

/** Counts a request of a caller. */
export function createRequestLimit(perSecond: number, shared: SharedLimits = ownLimits()): Limiter {
  return shared.createLimiter('requests', perSecond)
}

/** Those of this process. */
export function ownLimits(): SharedLimits {
  return { createLimiter, placeSalt: randomBytes(16) }
}

function createLimiter(counted: Counted, limit: number): Limiter {
  const policy = counted === 'requests' ? 'requests' : 'failures'
  const windowSeconds = counted === 'requests' ? 1 : FAILURE_WINDOW_SECONDS
  const limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds })
  return async (key) => {
    // The library throws the state itself where a quota is exceeded.
    const state = await limiter.consume(key).catch((error: unknown) => {
      if (error instanceof RateLimiterRes) return error
      throw error
    })
    // Never more than a window, though the library reads a clock that may have been set back.
    const resetMs = Math.min(windowSeconds * 1000, Math.max(0, state.msBeforeNext))
    return {
      policy,
      limit,
      windowSeconds,
      remaining: Math.max(0, limit - state.consumedPoints),
      resetMs,
      resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)),
      isExceeded: state.consumedPoints > limit,
    }
  }
}

/** For what was refused unread: the next second may have room for it. */
export const CHECKS_USED_UP: Quota = {
  policy: 'checks',
  limit: CHECKS_OF_ADDRESS,
  windowSeconds: 1,
  remaining: 0,
  resetSeconds: 1,
  resetMs: 1000,
  isExceeded: true,
}

function createPlaces(salt: Uint8Array): (address: string | undefined) => string {
  return (address) => {
    const hash = createHash('sha256').update(salt).update(networkOf(address))
    return hash.digest().subarray(0, PLACE_BYTES).toString('hex')
  }
}

/** An IPv4 address, or the half of an IPv6 address that names a network: the other half is its holder's to choose. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return parsed
    .toByteArray()
    .slice(0, 8)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

/** The headers that tell of a quota (draft-ietf-httpapi-ratelimit-headers-10). */
export function toQuotaHeaders(quota: Quota): readonly (readonly [name: string, value: string])[] {
  const { policy, limit, windowSeconds, remaining, resetSeconds, isExceeded } = quota
  return [
    ['RateLimit-Policy', `"${policy}";q=${limit};w=${windowSeconds}`],
    ['RateLimit', `"${policy}";r=${remaining};t=${resetSeconds}`],
    ...(isExceeded ? ([['Retry-After', String(resetSeconds)]] as const) : []),
  ]
}
