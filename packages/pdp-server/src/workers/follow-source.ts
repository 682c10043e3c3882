// Follows the source of policies for all workers, and brings them to whatever it loads, with the numbers that it has here.
import type { Config } from '../config.ts'
import type { Pdp, PdpState } from '../decide/pdp.ts'
import type { WritableStore } from '../entity-store/writable-store.ts'
import type { PolicyParts } from '../service.ts'
import { createFreshness } from '../sources/freshness.ts'
import type { PolicySource, SourceFailure } from '../sources/policy-source.ts'
import type { ProvidedEntities, Reloader } from '../sources/reloader.ts'
import { startReloading } from '../sources/start-reloading.ts'
import { ticks } from '../sources/ticks.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Fleet } from './fleet.ts'
import type { LookMessage } from './fleet-source.ts'
import { PublishedState } from './published-state.ts'

export interface FollowOptions {
  /** Why what the source holds now does not load; kept for workers that start later. */
  readonly failure: { latest: SourceFailure | undefined }
  readonly config: Config
  readonly log: Log
  readonly metrics: Metrics | undefined
  /** Entity data that is written; undefined where the source has it. */
  readonly store: WritableStore | undefined
}

export interface Follower extends Reloader {
  /** Ends once all workers use the latest state. */
  readonly settled: () => Promise<void>
}

/** Throws `PdpServerError` where the first state is refused. */
export async function followSource(
  { source, first }: PolicyParts,
  pdp: Pdp,
  fleet: Fleet,
  { config, log, metrics, failure: known, store }: FollowOptions,
): Promise<Follower> {
  let published: PdpState | undefined
  let settled: Promise<void> = Promise.resolve()
  const publish = (checkedAt: number): void => {
    const state = pdp.current()
    if (state === undefined || state === published) return
    published = state
    settled = fleet
      .publish(new PublishedState(state, checkedAt))
      .catch((error: unknown) => log.error({ err: error }, 'workers could not be told what is to decide'))
  }
  let confirmedAt = Number.NEGATIVE_INFINITY
  const look = (message: LookMessage): void => fleet.tell('looked', message)
  const told: PolicySource = {
    name: source.name,
    reload: () => source.reload(),
    stop: () => source.stop(),
    start: (listener) =>
      source.start({
        loaded: (state, checkedAt) => {
          listener.loaded(state, checkedAt)
          confirmedAt = checkedAt
          known.latest = undefined
          publish(checkedAt)
        },
        confirmed: (checkedAt) => {
          listener.confirmed(checkedAt)
          confirmedAt = checkedAt
          known.latest = undefined
          look({ ageMs: ticks() - checkedAt })
        },
        failed: (failure) => {
          listener.failed(failure)
          const { what, summary } = failure
          known.latest = { what, summary }
          look({ failure: known.latest })
        },
      }),
  }
  const freshness = createFreshness({ ticks })
  const { stateDir } = config
  const provider = store
  const reloader = await startReloading({
    source: told,
    first,
    pdp,
    freshness,
    stateDir,
    log,
    metrics,
    provider,
  })
  let checkedAt = first?.checkedAt ?? ticks()
  publish(checkedAt)
  return {
    ...reloader,
    settled: () => settled,
    replaceEntities: (provided: ProvidedEntities) => {
      reloader.replaceEntities(provided)
      // That data was written says nothing of how current the policies are.
      checkedAt = Math.max(checkedAt, confirmedAt)
      publish(checkedAt)
    },
  }
}
