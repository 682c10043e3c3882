// Nonces that were used, so that no request counts twice.
import { createHash } from 'node:crypto'

/** Most nonces of one key in one window. A caller that needs more signs with several keys. */
const MAX_PER_KEY = 250_000
/** 128 bits: of nonces their senders choose, who cannot make two of one hash. */
const HASH_LENGTH = 22

export interface Nonces {
  /** True the first time. @param now epoch milliseconds, of a clock that never goes back */
  readonly use: (keyId: string, nonce: string, now: number) => NonceUse | Promise<NonceUse>
}

export type NonceUse = 'fresh' | 'used' | 'too-many'

interface Generations {
  since: number
  current: Set<string>
  previous: Set<string>
}

/**
 * Each nonce is remembered for at least a window, and at most for two: that long a signature that bears it is accepted.
 * @param windowMs how long a signature may be accepted
 * @param maxPerKey default 250,000
 */
export function createNonces(windowMs: number, maxPerKey: number = MAX_PER_KEY): Nonces {
  const byKey = new Map<string, Generations>()
  return {
    use: (keyId, text, now) => {
      const nonce = createHash('sha256').update(text).digest('base64url').slice(0, HASH_LENGTH)
      const known = byKey.get(keyId) ?? {
        since: now,
        current: new Set<string>(),
        previous: new Set<string>(),
      }
      byKey.set(keyId, known)
      if (now - known.since >= windowMs) {
        known.previous = now - known.since >= 2 * windowMs ? new Set() : known.current
        known.current = new Set()
        known.since = now
      }
      if (known.current.has(nonce) || known.previous.has(nonce)) return 'used'
      if (known.current.size >= maxPerKey) return 'too-many'
      known.current.add(nonce)
      return 'fresh'
    },
  }
}
