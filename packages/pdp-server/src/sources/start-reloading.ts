// What keeps the state of a running service current, put together from the configuration.
import type { Pdp } from '../decide/pdp.ts'
import { PdpServerError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Freshness } from './freshness.ts'
import { openNumberBook } from './number-book.ts'
import type { Counted } from './number-file.ts'
import type { PolicySource, SourceFailure, SourceState } from './policy-source.ts'
import {
  createReloader,
  type EntityProvider,
  type Reloader,
  type ReloaderOptions,
  toFailure,
} from './reloader.ts'

export interface ReloadingOptions extends Pick<ReloaderOptions, 'onLook'> {
  readonly pdp: Pdp
  readonly source: PolicySource
  /** What was loaded already. Default: the first look brings it. */
  readonly first?: FirstState | undefined
  readonly freshness: Freshness
  readonly stateDir: string | undefined
  /** The file of `provider`, for its numbers on disk. */
  readonly entityStore?: string | undefined
  readonly log: Log
  readonly metrics: Metrics | undefined
  /** Default: the entity data of the source. */
  readonly provider?: EntityProvider | undefined
}

export interface FirstState {
  readonly state: SourceState
  /** `ticks` of when the source held it. */
  readonly checkedAt: number
  /** Why it is not what the source holds now. */
  readonly failure?: SourceFailure
  /** See `SourceState`. */
  readonly keep?: SourceState['keep']
  /** What is to decide instead where it does not fit the data of the service; undefined where there is nothing. */
  readonly fallback?: (failure: SourceFailure) => FirstState | undefined
}

/**
 * Puts the first state in place, and follows the source from then on. Without a first state it ends once the source
 * was looked at. Throws `PdpServerError` where the numbers of before cannot be read, or the first state is refused.
 */
export async function startReloading(options: ReloadingOptions): Promise<Reloader> {
  const { pdp, source, first, freshness, stateDir, log, metrics, provider, onLook } = options
  const { entityStore } = options
  const onFailure = (error: unknown) =>
    log.error({ err: error }, 'the numbers of policies and data cannot be kept')
  const onLower = (what: Counted, given: number, before: number) =>
    log.warn(
      { source: source.name, what, given, before },
      'another source than before brings a lower number: requests that name one of before are refused until it is reached',
    )
  const place = { stateDir, source: source.name, entityStore }
  const numbers = openNumberBook({ ...place, onFailure, onLower })
  const reloader = createReloader({ pdp, source, numbers, freshness, log, metrics, provider, onLook })
  metrics?.watchFreshness(freshness, pdp)
  if (first === undefined) {
    await reloader.start()
    return reloader
  }
  const used = useFirst(reloader, first)
  freshness.confirm(used.checkedAt)
  if (used.failure !== undefined) reloader.fail(used.failure)
  void reloader.start()
  return reloader
}

/** Gives what is in place now. Throws what refuses the first state where nothing can stand in for it. */
function useFirst(reloader: Reloader, first: FirstState): FirstState {
  try {
    const { state, keep } = first
    reloader.use({ ...state, ...(keep && { keep }) })
    return first
  } catch (error) {
    if (!(error instanceof PdpServerError) || error.code !== 'bad-entity-data') throw error
    const failure = toFailure(error)
    const other = first.fallback?.(failure)
    if (other === undefined) throw error
    reloader.use(other.state)
    return { state: other.state, checkedAt: other.checkedAt, failure }
  }
}
