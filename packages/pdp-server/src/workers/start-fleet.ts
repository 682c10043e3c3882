// Several processes as one service, from the first of them: it follows the policies, writes the decision log, counts
// and remembers what all must know, and tells metrics of all. It answers no question itself.
import { randomBytes } from 'node:crypto'
import { listEntityData } from '@edict/policy-lang'
import { AggregatorRegistry, Gauge } from 'prom-client'
import { createKeyUseRecorder, defaultKeyUseFile } from '../authentication/key-use.ts'
import { createNonces } from '../authentication/signatures/nonces.ts'
import { signatureWindowMs } from '../authentication/signatures/signed-callers.ts'
import { createRevocations, type Revocation, type Revocations } from '../authentication/tokens/revocations.ts'
import type { Config } from '../config.ts'
import { createPdp, type PdpState } from '../decide/pdp.ts'
import { createChannels } from '../decision-log/start-decision-log.ts'
import type { MetricsView } from '../routes/metrics.ts'
import { type PolicyParts, startMetricsServer, type WholeService } from '../service.ts'
import { createFreshness } from '../sources/freshness.ts'
import { packState } from '../sources/pack-state.ts'
import type { PolicySource, SourceFailure } from '../sources/policy-source.ts'
import { startReloading } from '../sources/start-reloading.ts'
import { ticks } from '../sources/ticks.ts'
import type { Log } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import type { ReadinessCheck } from '../telemetry/readiness.ts'
import { Fleet, type FleetState } from './fleet.ts'
import type { LookMessage, StateMessage } from './fleet-source.ts'
import { describeDeliveryError, openLogHub } from './log-hub.ts'
import type { Wire } from './wire.ts'
import { createGuardHub } from './worker-guards.ts'
import type { Welcome } from './worker-messages.ts'

/** Others that share the file of revocations are followed so often. */
const FOLLOW_REVOCATIONS_MS = 50
const TELL_CHECKS_MS = 1000

/** Starts `config.workers` processes. Ends once all listen. Throws `PdpServerError` where they cannot. */
export async function startFleet(policies: PolicyParts, config: Config, log: Log): Promise<WholeService> {
  const metrics = config.metrics
    ? new Metrics({ maxLabelSets: config.metricsMaxLabelSets, measuresProcess: false })
    : undefined
  const logs = await openLogHub(config.decisionLog.length === 0 ? [] : createChannels(config))
  const guards = createGuards(config, log)
  const view: MetricsView = { render: () => renderAll(fleet, metrics) }
  const pageTokenKey = randomBytes(32)
  const failure: Surroundings['failure'] = { latest: undefined }
  const check = () => (policies.probes ?? []).map((probe) => probe())
  const fleet = new Fleet({
    size: config.workers,
    welcome: (): Welcome => ({
      config,
      sourceName: policies.source.name,
      failure: failure.latest,
      checks: check(),
      logTraits: logs.traits,
      guards: { placeSalt: guards.placeSalt, revocations: guards.revocations.list() },
      pageTokenKey,
    }),
    serve: (wire) => {
      logs.serve(wire)
      guards.serve(wire)
      wire.handle('render', () => view.render())
    },
    describeError: describeDeliveryError,
    log,
  })
  guards.connect((list) => fleet.tellSurely('revoked', list))
  if (metrics !== undefined) watchFleet(metrics, fleet)
  const pdp = createPdp()
  metrics?.watchPdp(pdp)
  const follower = await follow(policies, pdp, fleet, { config, log, metrics, failure })
  const stopTelling = tellChecks(check, fleet)
  const stopAll = async (): Promise<void> => {
    stopTelling()
    await follower.stop()
    logs.hurry(config.stopTimeoutMs)
    await fleet.stop(config.stopTimeoutMs)
    guards.stop()
    await logs.close()
  }
  try {
    const { url, callers } = await fleet.start()
    const own = await startMetricsServer(config, metrics && view)
    const stop = () => stopAll().finally(() => own?.stop())
    return { url, callers, metricsUrl: own?.url, current: pdp.current, reload: follower.reload, stop }
  } catch (error) {
    await stopAll()
    throw error
  }
}

interface Surroundings {
  /** Why what the source holds now does not load; kept for workers that start later. */
  readonly failure: { latest: SourceFailure | undefined }
  readonly config: Config
  readonly log: Log
  readonly metrics: Metrics | undefined
}

/** Follows the source, and brings all workers to whatever it loads, with the numbers that it got here. */
async function follow(
  { source, first }: PolicyParts,
  pdp: ReturnType<typeof createPdp>,
  fleet: Fleet,
  { config, log, metrics, failure: known }: Surroundings,
) {
  let published: PdpState | undefined
  const publish = (checkedAt: number): void => {
    const state = pdp.current()
    if (state === undefined || state === published) return
    published = state
    fleet
      .publish(toFleetState(state, checkedAt))
      .catch((error: unknown) => log.error({ err: error }, 'workers could not be told what is to decide'))
  }
  const look = (message: LookMessage): void => fleet.tell('looked', message)
  const told: PolicySource = {
    name: source.name,
    reload: () => source.reload(),
    stop: () => source.stop(),
    start: (listener) =>
      source.start({
        loaded: (state, checkedAt) => {
          listener.loaded(state, checkedAt)
          known.latest = undefined
          publish(checkedAt)
        },
        confirmed: (checkedAt) => {
          listener.confirmed(checkedAt)
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
  const reloader = await startReloading({ source: told, first, pdp, freshness, stateDir, log, metrics })
  publish(first?.checkedAt ?? ticks())
  return reloader
}

function toFleetState(state: PdpState, checkedAt: number): FleetState {
  const { entities, numbers } = state
  let content: ReturnType<typeof listEntityData>
  return {
    dataVersion: entities?.version,
    pack: (knownData): StateMessage => {
      if (entities !== undefined && entities.version !== knownData) content ??= listEntityData(entities)
      const packed = packState({ state, ...(content && { content }) }, knownData)
      return { state: packed, numbers, ageMs: ticks() - checkedAt }
    },
  }
}

type TellAll = (revocations: readonly Revocation[]) => Promise<void>

interface Guards {
  readonly placeSalt: Uint8Array
  readonly revocations: Revocations
  /** Tells all workers of each revocation from now on. */
  readonly connect: (tellAll: TellAll) => void
  readonly serve: (wire: Wire) => void
  readonly stop: () => void
}

function createGuards(config: Config, log: Log): Guards {
  const { keyFile, keyUseFile, authFailuresPerMinute, callerRequestsPerSecond } = config
  const hasTokens = config.callerIssuers !== undefined || config.subjectIssuers !== undefined
  let tellAll: TellAll = () => Promise.resolve()
  /** Of what was taken last. */
  let told: Promise<void> = Promise.resolve()
  const revocations = createRevocations({
    path: hasTokens ? config.revocationFile : undefined,
    log,
    now: Date.now,
    onTaken: (list) => {
      told = tellAll(list)
    },
  })
  const keyUse =
    keyFile === undefined ? undefined : createKeyUseRecorder(keyUseFile ?? defaultKeyUseFile(keyFile), log)
  const hub = createGuardHub({
    limits: {
      failuresOfAddress: authFailuresPerMinute,
      failuresOfKey: authFailuresPerMinute,
      requests: callerRequestsPerSecond,
    },
    nonces: createNonces(signatureWindowMs(config.signatureMaxAgeSeconds)),
    keyUse,
    revoke: async (list) => {
      await revocations.add(list)
      await told
    },
  })
  const timer = setInterval(() => revocations.follow(), FOLLOW_REVOCATIONS_MS)
  timer.unref()
  return {
    placeSalt: hub.placeSalt,
    revocations,
    connect: (given) => {
      tellAll = given
    },
    serve: hub.serve,
    stop: () => {
      clearInterval(timer)
      keyUse?.stop()
    },
  }
}

/** Tells workers of checks that came out otherwise. */
function tellChecks(check: () => readonly ReadinessCheck[], fleet: Fleet): () => void {
  let told = JSON.stringify(check())
  const timer = setInterval(() => {
    const checks = check()
    const text = JSON.stringify(checks)
    if (text !== told) fleet.tell('checks', checks)
    told = text
  }, TELL_CHECKS_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Metrics of all workers together, and of what is done here for all. */
async function renderAll(fleet: Fleet, own: Metrics | undefined): ReturnType<MetricsView['render']> {
  const all = (await fleet.askAll('metrics')).map((text) => JSON.parse(String(text)) as object[])
  const mine = await own?.registry.getMetricsAsJSON()
  const registry = AggregatorRegistry.aggregate([...(mine === undefined ? [] : [mine]), ...all])
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function watchFleet({ registry }: Metrics, fleet: Fleet): void {
  const registers = [registry]
  new Gauge({
    name: 'edict_workers',
    help: 'Processes that answer, and those that should',
    labelNames: ['state'],
    registers,
    collect() {
      const { size, listening } = fleet.status()
      this.set({ state: 'listening' }, listening)
      this.set({ state: 'wanted' }, size)
    },
  })
  new Gauge({
    name: 'edict_worker_restarts',
    help: 'Times that a process that answers had to be started again',
    registers,
    collect() {
      this.set(fleet.status().restarts)
    },
  })
}
