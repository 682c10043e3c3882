// Nonces that were used, so that no request counts twice.
import { createHash } from 'node:crypto'

/** Most nonces of one key in one window. A caller that needs more signs with several keys. */
const MAX_PER_KEY = 250_000
/** 128 bits: of nonces their senders choose, who cannot make two of one hash. */
const HASH_LENGTH = 22

export interface Nonces {
  /**
   * @param now milliseconds of a clock that never goes back
   * @param created of the signature, epoch seconds
   */
  readonly use: (keyId: string, nonce: string, now: number, created: number) => NonceUse | Promise<NonceUse>
}

/** `forgotten`: of a time whose nonces are remembered no longer, though the clock says that it may be accepted. */
export type NonceUse = 'fresh' | 'used' | 'forgotten' | 'too-many'

interface Generation {
  readonly nonces: Set<string>
  /** The latest `created` of their signatures. */
  latest: number
}

interface Generations {
  since: number
  current: Generation
  previous: Generation
  /** The latest `created` of those that are forgotten. */
  forgotten: number
}

/**
 * Each nonce is remembered for at least a window, and at most for two: that long a signature that bears it is accepted.
 * @param windowMs how long a signature may be accepted
 * @param maxPerKey default 250,000
 */
export function createNonces(windowMs: number, maxPerKey: number = MAX_PER_KEY): Nonces {
  const byKey = new Map<string, Generations>()
  return {
    use: (keyId, text, now, created) => {
      const nonce = createHash('sha256').update(text).digest('base64url').slice(0, HASH_LENGTH)
      const known = byKey.get(keyId) ?? {
        since: now,
        current: createGeneration(),
        previous: createGeneration(),
        forgotten: Number.NEGATIVE_INFINITY,
      }
      byKey.set(keyId, known)
      if (now - known.since >= windowMs) renew(known, now, now - known.since >= 2 * windowMs)
      const { current, previous, forgotten } = known
      if (current.nonces.has(nonce) || previous.nonces.has(nonce)) return 'used'
      // Only where the clock was set back: else a signature is too old by then.
      if (created <= forgotten) return 'forgotten'
      if (current.nonces.size >= maxPerKey) return 'too-many'
      current.nonces.add(nonce)
      current.latest = Math.max(current.latest, created)
      return 'fresh'
    },
  }
}

function renew(known: Generations, now: number, forgetsAll: boolean): void {
  const { current, previous, forgotten } = known
  const gone = forgetsAll ? [previous, current] : [previous]
  known.forgotten = Math.max(forgotten, ...gone.map(({ latest }) => latest))
  known.previous = forgetsAll ? createGeneration() : current
  known.current = createGeneration()
  known.since = now
}

function createGeneration(): Generation {
  return { nonces: new Set(), latest: Number.NEGATIVE_INFINITY }
}
