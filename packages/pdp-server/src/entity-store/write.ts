// A write as it is asked for and answered, and why one is refused before it is planned.
import { PdpServerError, type PdpServerErrorCode } from '../errors.ts'
import type { Operation, Plan } from './plan-write.ts'

/** One write, as it is asked for. */
export interface Write {
  /** Who asks; undefined where nobody need say. */
  readonly caller: string | undefined
  readonly operations: readonly Operation[]
  readonly idempotency?: Idempotency | undefined
  /** What it is answered with once it is done. */
  readonly toReply: (plan: Plan) => WriteReply
}

export interface Idempotency {
  /** The sender's own. */
  readonly key: string
  /** Two requests share it exactly when they are the same. */
  readonly fingerprint: string
}

export interface WriteReply {
  readonly status: number
  /** Of the data once it was done. */
  readonly number?: number
  readonly etag?: string
  /** JSON. */
  readonly body: string
  /** Whether it was given before, to the same request by the same key. */
  readonly isRepeated?: true
}

/** Refusals that rest on what was stored: repeated, the request is refused again, though it would hold by now. */
const KEPT_REFUSALS: ReadonlySet<PdpServerErrorCode> = new Set([
  'not-found',
  'conflict',
  'precondition-failed',
])

/** Keys are each caller's own. */
export function keyOf({ caller, idempotency }: Write): string | undefined {
  return idempotency && JSON.stringify([caller ?? null, idempotency.key])
}

export function isKept(error: unknown): boolean {
  return error instanceof PdpServerError && KEPT_REFUSALS.has(error.code)
}

export function keyReused(): PdpServerError {
  return new PdpServerError(
    'key-reused',
    'the Idempotency-Key came with another request before: take a new one',
  )
}

export function underWay(): PdpServerError {
  return new PdpServerError('conflict', 'a request with this Idempotency-Key is under way: ask again later')
}

export function tooMany(): PdpServerError {
  return new PdpServerError('store-closed', 'too many writes wait for the disk: nothing was stored')
}

export function slowDisk(): PdpServerError {
  const detail =
    'the disk has not taken the write in time; whether it does is not known yet. Repeat the request, with the same ' +
    'Idempotency-Key if it had one'
  return new PdpServerError('store-closed', detail)
}
