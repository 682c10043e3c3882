// What every request passes before its body is read. Gates are plain functions, so that the same ones stand before
// Hono's routes and before the endpoints that the server answers without Hono.
import type { IncomingMessage } from 'node:http'
import type { Scope } from '../authentication/caller.ts'
import type { Log } from '../telemetry/log.ts'
import type { Problem } from '../wire/problem.ts'
import { toReportedProblem } from './errors.ts'

/** What a server tells the service about the socket behind a request. */
export interface SocketTrust {
  /** Whether a request for this `Host` may be meant for the service. Left out: any. */
  readonly trustsHost?: ((host: string) => boolean) | undefined
}

/** Who asks, once a gate has found out. */
export interface Caller {
  /** Names the caller in logs, metrics and limits: `key:billing`, `token:https://issuer.example|client-7`. */
  readonly id: string
  /** Of the API key that it came with: no secret. */
  readonly keyId?: string
  readonly scopes: ReadonlySet<Scope>
}

/** One request and its answer, as far as its head goes. Gates note here what later parts need to know. */
export interface Exchange extends SocketTrust {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** The value of a header by its name in lower case; of lines that repeat it, all, joined by `, `. */
  readonly header: (name: string) => string | undefined
  /** The request on its socket, for addresses and certificates. Undefined where there is no socket. */
  readonly incoming: IncomingMessage | undefined
  /** Sets a header of the answer, whatever the answer will be. */
  readonly setHeader: (name: string, value: string) => void
  /** Left out: nobody asked who it is. */
  caller?: Caller
  /** Until when what the questions say of their subject is known to be so (epoch milliseconds). Left out: for ever. */
  factsUntil?: number
  /**
   * Throws `PdpServerError` where what the questions say of their subject is no longer so: for who was asked long
   * before it decides. Left out: it stays so.
   */
  checkFacts?: () => void | Promise<void>
  /**
   * To be told the bytes of the body before anything is made of them; throws `PdpServerError` where they are not those
   * that the caller stands for. Left out: any will do.
   */
  checkBytes?: (bytes: Uint8Array) => void
  /** The `X-Request-ID` that was sent. */
  requestId?: string
  /** The `Edict-Decision-Id` that the answer carries. */
  decisionId?: string
}

/**
 * Lets a request through (undefined), or refuses it with problem details. What it throws refuses too: a
 * `PdpServerError` as what its code stands for, all else as a 500.
 */
export type Gate = (exchange: Exchange) => Refusal | Promise<Refusal>

export type Refusal = Problem | undefined

/** Told of each exchange once its answer is made, refusals and faults included. What it throws is logged. */
export type Observer = (exchange: Exchange, status: number, durationMs: number) => void

/** The first refusal. Waits only where a gate does: most requests need no promise. Never throws or rejects. */
export function passGates(gates: readonly Gate[], exchange: Exchange, log: Log): Refusal | Promise<Refusal> {
  return passFrom(0, gates, exchange, log)
}

function passFrom(
  start: number,
  gates: readonly Gate[],
  exchange: Exchange,
  log: Log,
): Refusal | Promise<Refusal> {
  try {
    for (let at = start; at < gates.length; at++) {
      const refusal = gates[at]?.(exchange)
      if (refusal instanceof Promise) {
        return refusal.then(
          (known) => known ?? passFrom(at + 1, gates, exchange, log),
          (error) => toReportedProblem(error, exchange, log),
        )
      }
      if (refusal !== undefined) return refusal
    }
  } catch (error) {
    return toReportedProblem(error, exchange, log)
  }
  return undefined
}

export function tellObservers(
  observers: readonly Observer[],
  exchange: Exchange,
  status: number,
  startedAt: number,
  log: Log,
): void {
  if (observers.length === 0) return
  const durationMs = performance.now() - startedAt
  for (const observe of observers) {
    try {
      observe(exchange, status, durationMs)
    } catch (error) {
      log.error({ err: error }, 'an exchange could not be observed')
    }
  }
}
