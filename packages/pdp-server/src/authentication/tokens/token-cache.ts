// Verified tokens, so that a signature is checked once and not with each request.
import { createHash } from 'node:crypto'
import type { TokenClaims } from './check-claims.ts'

const MAX_ENTRIES = 10_000
/** A key that its issuer withdraws stops counting after so long. */
const MAX_AGE_MS = 60_000

interface Entry {
  readonly claims: TokenClaims
  readonly since: number
  /** It counts no longer; that it was right before is still known. */
  until: number
}

export interface TokenCache {
  readonly get: (token: string, now: number) => TokenClaims | undefined
  /** Whether the token was found right once, and not wrong since. */
  readonly wasRight: (token: string) => boolean
  readonly forget: (token: string) => void
  readonly set: (token: string, claims: TokenClaims, now: number, maxAgeMs?: number) => void
}

/** Holds hashes of tokens, no tokens. An entry never counts past its token, nor where the clock went back. */
export function createTokenCache(maxEntries: number = MAX_ENTRIES): TokenCache {
  const entries = new Map<string, Entry>()
  return {
    get: (token, now) => {
      const entry = entries.get(hash(token))
      if (entry === undefined) return undefined
      if (now < entry.until && now >= entry.since) return entry.claims
      // For good, wherever the clock goes.
      entry.until = Number.NEGATIVE_INFINITY
      return undefined
    },
    wasRight: (token) => entries.has(hash(token)),
    forget: (token) => void entries.delete(hash(token)),
    set: (token, claims, now, maxAgeMs = MAX_AGE_MS) => {
      const key = hash(token)
      // What was right of late comes last, and what comes first goes first.
      entries.delete(key)
      if (entries.size >= maxEntries) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      entries.set(key, { claims, since: now, until: Math.min(claims.exp * 1000, now + maxAgeMs) })
    },
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
