// Puts what a source loads in place of what decides now, whole or not at all, and tells what became of it: log,
// metrics, readiness. It must never know where policies come from.
import type { EntityStore, PolicySet } from '@edict/policy-lang/program'
import type { Pdp, PdpState } from '../decide/pdp.ts'
import { PdpServerError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ReadinessCheck, ReadinessProbe } from '../telemetry/readiness.ts'
import type { Freshness } from './freshness.ts'
import type { NumberBook } from './number-book.ts'
import type { PolicySource, SourceFailure, SourceListener, SourceState } from './policy-source.ts'
import { warmUp } from './warm-up.ts'

/** Entity data of its own, in place of the source's. */
export interface EntityProvider {
  /** All data as it is now, for this policy set. What it throws makes the reload fail as data that does not fit. */
  readonly entitiesFor: (policySet: PolicySet) => ProvidedEntities
  /**
   * Finds out ahead, in small turns, what `entitiesFor` has to know of a policy set that may decide next. Left out: that
   * takes no time.
   */
  readonly prepare?: (policySet: PolicySet, signal: AbortSignal) => Promise<void>
  /** Stays the same for as long as what `entitiesFor` says of a policy set does. */
  readonly mark: () => unknown
}

export interface ProvidedEntities {
  readonly entities: EntityStore
  /** The provider's own, which only grows. */
  readonly number: number
  /** Counts for people, beside those of the policies. */
  readonly counts?: Readonly<Record<string, number>>
}

export interface ReloaderOptions {
  readonly pdp: Pdp
  readonly source: PolicySource
  readonly numbers: NumberBook
  readonly freshness: Freshness
  readonly log: Log
  readonly metrics?: Pick<Metrics, 'countReload'> | undefined
  /** Default: the entity data of the source. */
  readonly provider?: EntityProvider | undefined
  /** Told of each word of the source: why what it holds is not in place; undefined where it is. */
  readonly onLook?: ((failure: SourceFailure | undefined) => void) | undefined
}

export interface Reloader {
  /** Puts a state in place that was loaded before the source is followed. Throws as `NumberBook.numberOf` does. */
  readonly use: (state: SourceState) => void
  /** Tells that what the source holds does not load, as the source itself would. */
  readonly fail: (failure: SourceFailure) => void
  /** Follows the source; ends once its first look is over. */
  readonly start: () => Promise<void>
  /** Has the source looked at now; ends once that is done. Never rejects. */
  readonly reload: () => Promise<void>
  /** The same policies, other data: for a provider whose data changed. Throws before the first state. */
  readonly replaceEntities: (provided: ProvidedEntities) => void
  readonly probes: readonly ReadinessProbe[]
  readonly stop: () => Promise<void>
}

export function createReloader(options: ReloaderOptions): Reloader {
  const { pdp, source, numbers, freshness, log, metrics, provider } = options
  const use = ({ keep, keepSoon: _, ...state }: SourceState): void => {
    const before = pdp.current()
    const next = addNumbers(provide(state, provider), numbers)
    try {
      keep?.()
    } catch (error) {
      log.error({ err: error, source: source.name }, NOT_KEPT)
    }
    pdp.swap(next)
    countSwap(before, next, metrics)
  }
  const stopping = new AbortController()
  const follower = createFollower(options, {
    use,
    prepare: (state) => prepare(state, options, stopping.signal),
  })
  return {
    use,
    fail: follower.failed,
    start: () => source.start(follower),
    reload: () => source.reload(),
    replaceEntities: (provided) => {
      const current = pdp.current()
      if (current === undefined) throw new Error('no policy set is loaded')
      const next = addNumbers(withProvided(current, provided), numbers)
      pdp.swap(next)
      countSwap(current, next, metrics)
    },
    probes: [follower.probe, () => checkFreshness(freshness)],
    stop: () => {
      stopping.abort()
      return source.stop()
    },
  }
}

/** Before it decides. Never rejects: what is not ready then is made when it is asked for. */
async function prepare(state: SourceState, options: ReloaderOptions, signal: AbortSignal): Promise<void> {
  const { pdp, source, provider, log } = options
  const { policySet, entities } = state
  const before = pdp.current()
  if (before === undefined) return
  try {
    await provider?.prepare?.(policySet, signal)
    const data = provider === undefined ? entities : before.entities
    await warmUp({ policySet, entities: data, before: before.policySet, signal })
  } catch (error) {
    log.warn(
      { err: error, source: source.name },
      'what is about to decide could not be made ready beforehand',
    )
  }
  if (!signal.aborted) await writeDown(state, options)
}

/**
 * Puts on disk, while others are answered, what must be there before a state decides. Never rejects.
 * INVARIANT: what a provider has may yet refuse it; what is on disk must then speak of what decides.
 */
async function writeDown(
  state: SourceState,
  { numbers, provider, source, log }: ReloaderOptions,
): Promise<void> {
  const { policySet, entities, numbers: given, keepSoon } = state
  const policy = { what: 'policy', version: policySet.version, given: given?.policy } as const
  if (provider !== undefined) {
    if (policy.given === undefined) await numbers.prepare([policy])
    return
  }
  const data = entities && ({ what: 'data', version: entities.version, given: given?.data } as const)
  await numbers.prepare(data === undefined ? [policy] : [policy, data])
  try {
    await keepSoon?.()
  } catch (error) {
    log.error({ err: error, source: source.name }, NOT_KEPT)
  }
}

const NOT_KEPT = 'the policies and data that loaded last cannot be kept'

interface Follower extends SourceListener {
  readonly probe: ReadinessProbe
}

/** Listens to a source, and remembers what went wrong last. */
function createFollower(
  { pdp, source, freshness, log, metrics, provider, onLook }: ReloaderOptions,
  { use, prepare }: Required<Pick<SourceListener, 'prepare'>> & Pick<Reloader, 'use'>,
): Follower {
  let fault: (SourceFailure & { readonly text: string; readonly since: string }) | undefined
  /** What the source holds and could not be put in place: tried again once other data may take it. */
  let refused:
    | { readonly state: SourceState; readonly failure: SourceFailure; readonly mark: unknown }
    | undefined
  const fail = ({ what, summary, details, cause }: SourceFailure): void => {
    // Said once, be it found at the start and by the source.
    const text = JSON.stringify([summary, details])
    if (text === fault?.text) return
    metrics?.countReload(what, 'failure')
    fault = { what, summary, text, since: new Date().toISOString() }
    log.error(
      { source: source.name, ...(details && { details }), ...(cause !== undefined && { err: cause }) },
      `a reload failed, and what decides stays as it was: ${summary}`,
    )
  }
  const succeed = (checkedAt: number): void => {
    refused = undefined
    freshness.confirm(checkedAt)
    if (fault !== undefined) log.info({ source: source.name }, 'the source loads again')
    fault = undefined
  }
  const place = (state: SourceState, checkedAt: number): boolean => {
    try {
      use(state)
    } catch (error) {
      const failure = toFailure(error)
      fail(failure)
      refused = { state, failure, mark: provider?.mark() }
      return false
    }
    succeed(checkedAt)
    const { policySet, entities, numbers } = pdp.current() ?? state
    const versions = { policyVersion: policySet.version, dataVersion: entities?.version }
    log.info({ source: source.name, ...versions, numbers }, 'policies and data were loaded anew')
    return true
  }
  const confirm = (checkedAt: number): boolean => {
    if (refused === undefined) {
      succeed(checkedAt)
      return true
    }
    // To check all data against it takes a while, in which nothing is answered.
    const isHopeless = provider !== undefined && provider.mark() === refused.mark
    if (!isHopeless) return place(refused.state, checkedAt)
    fail(refused.failure)
    return false
  }
  const tell = (isInPlace: boolean): boolean => {
    onLook?.(fault && { what: fault.what, summary: fault.summary })
    return isInPlace
  }
  return {
    prepare,
    loaded: (state, checkedAt) => tell(place(state, checkedAt)),
    confirmed: (checkedAt) => tell(confirm(checkedAt)),
    failed: (failure) => {
      fail(failure)
      tell(false)
    },
    probe: () => {
      if (fault === undefined) return { name: 'reload', status: 'ok', detail: 'the source loads' }
      const detail = `since ${fault.since} the source does not load, and what was loaded before decides: ${fault.summary}`
      return { name: 'reload', status: 'degraded', detail }
    },
  }
}

function checkFreshness(freshness: Freshness): ReadinessCheck {
  const seconds = Math.round(freshness.age() / 1000)
  const isStale = freshness.isStale()
  return {
    name: 'freshness',
    status: isStale ? 'failing' : 'ok',
    detail: isStale
      ? `for ${seconds} s the source has not said that what decides is current`
      : 'what decides is current',
  }
}

function provide(state: SourceState, provider: EntityProvider | undefined): SourceState {
  return provider === undefined ? state : withProvided(state, provider.entitiesFor(state.policySet))
}

function withProvided(state: SourceState, { entities, number, counts }: ProvidedEntities): SourceState {
  return {
    ...state,
    entities,
    counts: { ...state.counts, ...counts },
    numbers: { ...state.numbers, data: number },
  }
}

function addNumbers(state: SourceState, book: NumberBook): PdpState {
  const { policySet, entities, numbers: given } = state
  const policy = book.numberOf('policy', policySet.version, given?.policy)
  const data = entities && book.numberOf('data', entities.version, given?.data)
  return { ...state, numbers: { policy, ...(data !== undefined && { data }) } }
}

function countSwap(before: PdpState | undefined, next: PdpState, metrics: ReloaderOptions['metrics']): void {
  if (before?.policySet.version !== next.policySet.version) metrics?.countReload('policy', 'success')
  if (next.entities !== undefined && before?.entities?.version !== next.entities.version) {
    metrics?.countReload('data', 'success')
  }
}

/** What a refusal says to anybody. */
export function toFailure(error: unknown): SourceFailure {
  const isOwn = error instanceof PdpServerError
  return {
    what: isOwn && error.code === 'bad-entity-data' ? 'data' : 'policy',
    summary: isOwn ? error.message : 'a fault of the service itself; the log says more',
    cause: error,
  }
}
