// Follows the source of policies for all workers, and brings them to whatever it loads, with the numbers that it has here.
import type { Config } from '../config.ts'
import type { Pdp, PdpState } from '../decide/pdp.ts'
import type { PolicyParts } from '../service.ts'
import { createFreshness } from '../sources/freshness.ts'
import type { SourceFailure } from '../sources/policy-source.ts'
import type { EntityProvider, ProvidedEntities, Reloader } from '../sources/reloader.ts'
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
  readonly config: Pick<Config, 'stateDir' | 'entityStore'>
  readonly log: Log
  readonly metrics: Metrics | undefined
  /** Entity data that is written; undefined where the source has it. */
  readonly store: EntityProvider | undefined
}

export interface Follower extends Reloader {
  /** Ends once all workers use the latest state. */
  readonly settled: () => Promise<void>
}

/** Throws `PdpServerError` where the first state is refused. */
export async function followSource(
  { source, first }: PolicyParts,
  pdp: Pdp,
  fleet: Pick<Fleet, 'publish' | 'tell'>,
  { config, log, metrics, failure: known, store }: FollowOptions,
): Promise<Follower> {
  const freshness = createFreshness({ ticks })
  const confirmedAt = (): number => ticks() - freshness.age()
  /** What was published last, and until when that is known to be current: not until when what comes after it is. */
  let published: { readonly state: PdpState; checkedAt: number } | undefined
  let settled: Promise<void> = Promise.resolve()
  /** Gives whether there was something new. */
  const publish = (): boolean => {
    const state = pdp.current()
    if (state === undefined || state === published?.state) return false
    const one = { state, checkedAt: confirmedAt() }
    published = one
    settled = fleet
      .publish(new PublishedState(state, () => ({ checkedAt: one.checkedAt, failure: known.latest })))
      .catch((error: unknown) => log.error({ err: error }, 'workers could not be told what is to decide'))
    return true
  }
  const onLook = (failure: SourceFailure | undefined): void => {
    known.latest = failure
    // Who gets a new state gets with it how it stands.
    if (publish()) return
    const checkedAt = confirmedAt()
    if (published !== undefined) published.checkedAt = checkedAt
    const toMessage = (): LookMessage => (failure ? { failure } : { ageMs: ticks() - checkedAt })
    // It is about what was published, so nobody is to hear it who does not hold that yet.
    void settled.then(() => fleet.tell('looked', toMessage()))
  }
  const { stateDir, entityStore } = config
  const provider = store
  const reloader = await startReloading({
    source,
    first,
    pdp,
    freshness,
    stateDir,
    entityStore,
    log,
    metrics,
    provider,
    onLook,
  })
  publish()
  return {
    ...reloader,
    settled: () => settled,
    replaceEntities: (provided: ProvidedEntities) => {
      reloader.replaceEntities(provided)
      publish()
    },
  }
}
