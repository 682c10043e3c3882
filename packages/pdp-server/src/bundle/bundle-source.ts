// Bundles as a source of policies: looks at their origin again and again, takes what is signed, meant for this service,
// and no older than what it has seen, and keeps that on disk. Whatever else comes changes nothing.
import { setTimeout as pause } from 'node:timers/promises'
import { PdpServerError } from '../errors.ts'
import type { PolicySource, SourceFailure, SourceListener, SourceState } from '../sources/policy-source.ts'
import { ticks } from '../sources/ticks.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessProbe } from '../telemetry/readiness.ts'
import { checkData, type SeenBundle, toSeen } from './admit-bundle.ts'
import { type AdmittedBundle, admitInThread } from './admit-in-thread.ts'
import { refuseBundle } from './bundle-error.ts'
import { BundleKeeper } from './bundle-keeper.ts'
import type { BundleKeys } from './bundle-key.ts'
import type { BundleLook, BundleOrigin, FoundBundle } from './bundle-origin.ts'
import type { FollowedKeys } from './followed-keys.ts'
import type { KeptBundle } from './kept-bundle.ts'
import { LookPauses } from './look-pauses.ts'
import { checkTerms, loadBundle, type VerifiedBundle, verifyBundle } from './open-bundle.ts'

export interface BundleSourceOptions {
  /** Bundles of other names are for others. */
  readonly bundleName: string
  readonly keys: Pick<FollowedKeys, 'current'> & Partial<FollowedKeys>
  readonly origin: BundleOrigin
  /** Whether entity data comes from the bundle, rather than from elsewhere. Default true. */
  readonly takesData?: boolean
  /** Default: none; a restart forgets what was seen. */
  readonly kept?: KeptBundle | undefined
  /** About how long to wait between looks. */
  readonly pollMs: number
  readonly log: Log
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
  /** How long a start waits for the first look. Default 10,000. */
  readonly firstLookMs?: number
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number
  /** Waits between looks; rejects once aborted. Default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

const FIRST_LOOK_MS = 10_000

export class BundleSource implements PolicySource {
  readonly name: string
  readonly #options: BundleSourceOptions
  readonly #stopping = new AbortController()
  readonly #pauses: LookPauses
  #listener: SourceListener | undefined
  /** What is in use. */
  #current: UsableBundle | undefined
  /** What the origin holds, and could not be put in place: it does not fit the data that the service has, but may yet. */
  #offered: AdmittedBundle | undefined
  /** The least that may come: what is in use, or was kept by an earlier run. */
  #floor: SeenBundle | undefined
  /** Of what was taken last, where the origin gave it. */
  #tag: string | undefined
  /** What was refused last, for a reason that does not go away: it need not be checked again and again. */
  #refused: { readonly digest: string; readonly keys: BundleKeys; readonly error: PdpServerError } | undefined
  #lastFailure: string | undefined
  readonly #keeper: BundleKeeper | undefined
  /** Looks follow one another. */
  #looking: Promise<void> = Promise.resolve()

  constructor(options: BundleSourceOptions) {
    this.name = `bundle ${options.bundleName}`
    this.#options = options
    this.#pauses = new LookPauses({ random: Math.random, ...options })
    this.#keeper = options.kept && new BundleKeeper(options.kept, options.log)
  }

  /** Ends once the first look is over, or takes too long: then the first news may come later. */
  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener
    const kept = await this.#readKept()
    this.#floor = kept?.seen
    const firstLook = this.#lookInTurn({ kept })
    const isOver = await Promise.race([firstLook.then(() => true), this.#losePatience()])
    // An origin that hangs does not hold the service up. What it gives in the end still counts.
    if (!isOver && kept !== undefined) this.#useKept(kept)
    void this.#follow(firstLook)
  }

  async #losePatience(): Promise<boolean> {
    const { firstLookMs = FIRST_LOOK_MS } = this.#options
    await waitUnheld(firstLookMs, this.#stopping.signal).catch(() => {})
    return false
  }

  /** Without a tag, the bundle comes again whole. */
  reload(): Promise<void> {
    return this.#lookInTurn({ isWhole: true })
  }

  async stop(): Promise<void> {
    this.#listener = undefined
    this.#stopping.abort()
    await this.#looking
    await this.#keeper?.settle()
  }

  /** Why the last look came to nothing; undefined where it did not. Anybody may read it. */
  get failure(): string | undefined {
    return this.#lastFailure
  }

  /** For `/readyz`. */
  get probes(): readonly ReadinessProbe[] {
    const keeper = this.#keeper
    const { probe } = this.#options.keys
    return [...(keeper === undefined ? [] : [() => keeper.check()]), ...(probe === undefined ? [] : [probe])]
  }

  async #follow(firstLook: Promise<void>): Promise<void> {
    await firstLook
    const { wait = waitUnheld } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await wait(this.#pauses.nextMs(), signal).catch(() => {})
      if (!signal.aborted) await this.#lookInTurn()
    }
  }

  #lookInTurn(how: LookOptions = {}): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look(how))
    return this.#looking
  }

  async #look({ isWhole = false, kept }: LookOptions): Promise<void> {
    const checkedAt = ticks()
    // What is not kept is to come again, whole.
    const tag = isWhole || this.#keeper?.isFailing === true ? undefined : this.#tag
    const { signal } = this.#stopping
    try {
      // A disk that hangs must not keep the service from stopping.
      const look = await untilAborted(this.#options.origin.look(tag, signal), signal)
      if (look === undefined || signal.aborted) return
      const failure = await this.#handle(look, checkedAt, kept)
      if (signal.aborted) return
      await this.#keeper?.settle()
      if (failure !== undefined) {
        this.#fail(failure, kept, look.kind === 'missed' ? look.retryAfterMs : 0)
        return
      }
      this.#pauses.succeeded()
      this.#lastFailure = undefined
    } catch (error) {
      if (!signal.aborted) this.#fail(toFailure(error), kept)
    }
  }

  /** Throws where what was found must not be used. */
  async #handle(
    look: BundleLook,
    checkedAt: number,
    kept: KeptState | undefined,
  ): Promise<SourceFailure | undefined> {
    if (look.kind === 'missed') {
      const { summary, cause } = look
      return { what: 'policy', summary, ...(cause !== undefined && { cause }) }
    }
    if (look.kind === 'unchanged') this.#confirm(checkedAt)
    else await this.#take(look, checkedAt, kept)
    return undefined
  }

  #confirm(checkedAt: number, bytes?: Uint8Array): void {
    const one = this.#offered ?? this.#current
    const notAfter = one?.seen.notAfter
    // From then on, that it is still there does not make it good.
    if (notAfter !== undefined && Date.parse(notAfter) <= this.#now()) {
      throw refuseBundle(`must not be used after ${notAfter}, and nothing newer is there`)
    }
    if (one !== undefined) this.#checkKey(one.keyId)
    if (this.#listener?.confirmed(checkedAt) !== true) return
    if (this.#offered !== undefined) this.#settle(this.#offered)
    else if (this.#keeper?.isFailing === true && bytes !== undefined) this.#keeper.write(bytes)
    else this.#keeper?.confirm()
  }

  async #take({ bytes, tag }: FoundBundle, checkedAt: number, kept: KeptState | undefined): Promise<void> {
    const digest = await digestOf(bytes)
    const [offered, current] = [this.#offered, this.#current]
    if (digest === (offered ?? current)?.seen.digest) {
      this.#tag = tag
      this.#confirm(checkedAt, bytes)
      return
    }
    if (current !== undefined && digest === current.seen.digest) {
      // What could not be put in place was taken back.
      this.#offered = undefined
      this.#tell(current, checkedAt)
      this.#tag = tag
      this.#confirm(checkedAt, bytes)
      return
    }
    const keys = this.#options.keys.current()
    // Other keys may take it.
    if (digest === this.#refused?.digest && keys === this.#refused.keys) throw this.#refused.error
    const admitted = await this.#admit(bytes, digest, keys)
    await this.#listener?.prepare?.(toNumbered(admitted))
    if (this.#stopping.signal.aborted) return
    this.#checkKey(admitted.keyId)
    this.#tag = tag
    this.#offer(admitted, checkedAt, kept)
  }

  /** Keys may be taken back at any time. */
  #checkKey(keyId: string): void {
    if (this.#options.keys.current().has(keyId)) return
    throw refuseBundle('is signed with a key that was taken back, and nothing newer is there')
  }

  #offer(admitted: AdmittedBundle, checkedAt: number, kept: KeptState | undefined): void {
    this.#offered = admitted
    let isInPlace = this.#tell(admitted, checkedAt)
    if (!isInPlace && kept !== undefined && this.#current === undefined) {
      this.#useKept(kept)
      // What decides then is not what the origin holds.
      isInPlace = this.#tell(admitted, checkedAt)
    }
    if (isInPlace) this.#settle(admitted)
  }

  /** It is in place: from now on nothing older is, over a restart too. */
  #settle({ seen, state, keyId, bytes }: AdmittedBundle): void {
    this.#offered = undefined
    this.#current = { seen, state, keyId }
    this.#floor = seen
    this.#keeper?.write(bytes)
    const { bundleName, log } = this.#options
    log.info({ bundle: bundleName, serial: seen.serial, key: keyId }, 'bundle loaded')
  }

  async #admit(bytes: Uint8Array, digest: string, keys: BundleKeys): Promise<AdmittedBundle> {
    const { bundleName, takesData = true } = this.#options
    const rules = { keys, bundleName, takesData, floor: this.#floor, now: this.#now() }
    try {
      return await admitInThread(bytes, {
        rules,
        known: this.#current?.state.entities,
        signal: this.#stopping.signal,
      })
    } catch (error) {
      if (error instanceof PdpServerError && !error.isForNow) this.#refused = { digest, keys, error }
      throw error
    }
  }

  /** Gives whether it is in place. */
  #tell(one: Pick<UsableBundle, 'seen' | 'state'>, checkedAt: number): boolean {
    return this.#listener?.loaded(toNumbered(one), checkedAt) === true
  }

  #fail(failure: SourceFailure, kept: KeptState | undefined, retryAfterMs = 0): void {
    this.#pauses.failed(retryAfterMs)
    if (kept !== undefined) this.#useKept(kept)
    if (failure.summary === this.#lastFailure) return
    this.#lastFailure = failure.summary
    this.#listener?.failed(failure)
  }

  /** What an earlier run kept, if it is signed with a key that still counts: a key that is taken back takes it along. */
  async #readKept(): Promise<KeptState | undefined> {
    const { kept, keys, bundleName, log } = this.#options
    try {
      const found = await kept?.read()
      if (found === undefined) return undefined
      const verified = verifyBundle(found.bytes, keys.current())
      if (verified.manifest.name !== bundleName) return undefined
      return { verified, seen: toSeen(verified), checkedAt: ticks() - found.ageMs }
    } catch (error) {
      log.warn(toFailure(error), 'the bundle that was kept cannot be used')
      return undefined
    }
  }

  #useKept({ verified, seen, checkedAt }: KeptState): void {
    const { bundleName, takesData = true, log } = this.#options
    if (this.#current !== undefined || this.#stopping.signal.aborted) return
    try {
      this.#checkKey(verified.keyId)
      checkTerms(verified.manifest, bundleName, this.#now())
      checkData(verified, takesData)
      const { state } = loadBundle(verified)
      log.warn({ bundle: bundleName, serial: seen.serial }, 'serving the bundle that was kept')
      const { keyId } = verified
      if (this.#tell({ seen, state }, checkedAt)) this.#current = { seen, state, keyId }
    } catch (error) {
      log.warn(toFailure(error), 'the bundle that was kept cannot be used')
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }
}

function toNumbered({ seen, state }: Pick<UsableBundle, 'seen' | 'state'>): SourceState {
  return { ...state, numbers: { policy: seen.serial, data: seen.serial } }
}

interface LookOptions {
  /** Whether it is to come also where it has not changed. Default false. */
  readonly isWhole?: boolean
  /** Put to use where the look comes to nothing. */
  readonly kept?: KeptState | undefined
}

interface UsableBundle {
  readonly seen: SeenBundle
  readonly state: SourceState
  /** Whose signature made it count. */
  readonly keyId: string
}

interface KeptState {
  readonly verified: VerifiedBundle
  readonly seen: SeenBundle
  readonly checkedAt: number
}

/** What is no refusal is a fault of this code, or a machine at its end: no reason to stop looking. */
function toFailure(error: unknown): SourceFailure {
  if (!(error instanceof PdpServerError)) {
    return { what: 'policy', summary: 'the bundle cannot be loaded', cause: error }
  }
  const { message, problems } = error
  return {
    what: 'policy',
    summary: message,
    ...(problems.length > 0 && { details: problems }),
    ...(error.cause !== undefined && { cause: error.cause }),
  }
}

/** SHA-256 as `verifyBundle` has it, in no request's way. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex')
}

/** Undefined once aborted. Leaves nothing behind at the signal, which lives as long as the service. */
async function untilAborted<T>(task: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const stop = () => resolve(undefined)
  signal.addEventListener('abort', stop)
  try {
    return await (signal.aborted ? undefined : Promise.race([task, promise]))
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A timer that keeps no process alive. */
function waitUnheld(ms: number, signal: AbortSignal): Promise<unknown> {
  return pause(ms, undefined, { signal, ref: false })
}
