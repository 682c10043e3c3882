// What a worker has in common with the others, on both ends: counts, nonces, uses of keys, revocations.
import type { SharedGuards } from '../authentication/authentication.ts'
import type { KeyUseRecorder } from '../authentication/key-use.ts'
import { COUNTED, type Counted, type Limiter, ownLimits, type Quota } from '../authentication/limits.ts'
import type { Nonces, NonceUse } from '../authentication/signatures/nonces.ts'
import { createRevocations, type Revocation } from '../authentication/tokens/revocations.ts'
import { NO_LOG } from '../telemetry/log.ts'
import type { Wire } from './wire.ts'

/** What a worker is told of them at its start. */
export interface GuardSeed {
  readonly placeSalt: Uint8Array
  readonly revocations: readonly Revocation[]
}

interface UsedNonce {
  readonly keyId: string
  readonly nonce: string
  readonly created: number
}

const TELL_USE_EVERY_MS = 1000

export interface WorkerGuards {
  readonly begin: (seed: GuardSeed) => SharedGuards
  /** Hands on what was not handed on yet. */
  readonly stop: () => Promise<void>
}

/** Of a worker. It hears of revocations from now on, also before it begins. */
export function createWorkerGuards(wire: Wire): WorkerGuards {
  const revocations = createRevocations({ path: undefined, log: NO_LOG, now: Date.now })
  wire.handle('revoked', (payload) => revocations.take(payload as readonly Revocation[]))
  let uses = new Map<string, number>()
  const tellUses = async (): Promise<void> => {
    if (uses.size === 0) return
    const told = uses
    uses = new Map()
    await wire.ask('used', told)
  }
  const timer = setInterval(() => void tellUses().catch(() => {}), TELL_USE_EVERY_MS)
  timer.unref()
  return {
    begin: (seed) => {
      revocations.take(seed.revocations)
      return {
        limits: {
          placeSalt: seed.placeSalt,
          createLimiter: (counted) => async (key) => (await wire.ask('count', { counted, key })) as Quota,
        },
        nonces: {
          use: async (keyId, nonce, _, created) =>
            (await wire.ask('nonce', { keyId, nonce, created })) as NonceUse,
        },
        keyUse: { record: (id, at) => void uses.set(id, at), stop: () => {} },
        revocations: { ...revocations, add: async (list) => void (await wire.ask('revoke', list)) },
      }
    },
    stop: async () => {
      clearInterval(timer)
      await tellUses()
    },
  }
}

export interface GuardHubOptions {
  /** How often each may be counted; 0 where it is not. */
  readonly limits: Readonly<Record<Counted, number>>
  readonly nonces: Nonces
  readonly keyUse: KeyUseRecorder | undefined
  readonly revoke: (revocations: readonly Revocation[]) => Promise<void>
}

/** In the first process. */
export function createGuardHub({ limits, nonces, keyUse, revoke }: GuardHubOptions) {
  const { createLimiter, placeSalt } = ownLimits()
  const limiters = new Map<Counted, Limiter>(
    COUNTED.filter((counted) => limits[counted] > 0).map((counted) => [
      counted,
      createLimiter(counted, limits[counted]),
    ]),
  )
  return {
    placeSalt,
    serve: (wire: Wire) => {
      wire.handle('count', (payload) => {
        const { counted, key } = payload as { readonly counted: Counted; readonly key: string }
        return limiters.get(counted)?.(key)
      })
      wire.handle('nonce', (payload) => {
        const { keyId, nonce, created } = payload as UsedNonce
        // The clock of this process: it outlives all workers.
        return nonces.use(keyId, nonce, performance.now(), created)
      })
      wire.handle('used', (payload) => {
        for (const [id, at] of payload as ReadonlyMap<string, number>) keyUse?.record(id, at)
      })
      wire.handle('revoke', (payload) => revoke(payload as readonly Revocation[]))
    },
  }
}
