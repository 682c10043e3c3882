// What keeps the state of a running service current, put together from the configuration.
import type { Pdp } from '../decide/pdp.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Freshness } from './freshness.ts'
import { openNumberBook } from './number-book.ts'
import type { PolicySource, SourceFailure, SourceState } from './policy-source.ts'
import { createReloader, type EntityProvider, type Reloader } from './reloader.ts'

export interface ReloadingOptions {
  readonly pdp: Pdp
  readonly source: PolicySource
  /** What was loaded already. Default: the first look brings it. */
  readonly first?: FirstState | undefined
  readonly freshness: Freshness
  readonly stateDir: string | undefined
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
}

/**
 * Puts the first state in place, and follows the source from then on. Without a first state it ends once the source
 * was looked at. Throws `PdpServerError` where the numbers of before cannot be read, or the first state is refused.
 */
export async function startReloading(options: ReloadingOptions): Promise<Reloader> {
  const { pdp, source, first, freshness, stateDir, log, metrics, provider } = options
  const onFailure = (error: unknown) =>
    log.error({ err: error }, 'the numbers of policies and data cannot be kept')
  const numbers = openNumberBook({ stateDir, source: source.name, onFailure })
  const reloader = createReloader({ pdp, source, numbers, freshness, log, metrics, provider })
  metrics?.watchFreshness(freshness, pdp)
  if (first === undefined) {
    await reloader.start()
    return reloader
  }
  reloader.use(first.state)
  freshness.confirm(first.checkedAt)
  if (first.failure !== undefined) reloader.fail(first.failure)
  void reloader.start()
  return reloader
}
