// Verified tokens, so that a signature is checked once and not with each request.
import { createHash } from 'node:crypto'
import type { TokenClaims } from './check-claims.ts'

const MAX_ENTRIES = 10_000
/** A key that its issuer withdraws stops counting after so long. */
const MAX_AGE_MS = 60_000

interface Entry {
  readonly claims: TokenClaims
  readonly until: number
}

export interface TokenCache {
  readonly get: (token: string, now: number) => TokenClaims | undefined
  readonly set: (token: string, claims: TokenClaims, now: number, maxAgeMs?: number) => void
}

/** Holds hashes of tokens, no tokens. An entry never outlives its token, nor counts where the clock went back. */
export function createTokenCache(maxEntries: number = MAX_ENTRIES): TokenCache {
  const entries = new Map<string, Entry & { readonly since: number }>()
  return {
    get: (token, now) => {
      const key = hash(token)
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (now < entry.until && now >= entry.since) return entry.claims
      entries.delete(key)
      return undefined
    },
    set: (token, claims, now, maxAgeMs = MAX_AGE_MS) => {
      const until = Math.min(claims.exp * 1000, now + maxAgeMs)
      if (until <= now) return
      if (entries.size >= maxEntries) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      entries.set(hash(token), { claims, until, since: now })
    },
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
