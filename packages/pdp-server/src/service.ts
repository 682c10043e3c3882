// What answers, put together from a configuration: policies that are followed, an app over them, and its sockets.
// Both the one process of a service, and each of several, are made here.
import { type AppOptions, createApp } from './app.ts'
import { type Authentication, createAuthentication } from './authentication/authentication.ts'
import { createMetadataSigner } from './authzen/metadata-signer.ts'
import type { Config } from './config.ts'
import { createPdp, type PdpState } from './decide/pdp.ts'
import { createReadingAhead } from './decide/reading-ahead.ts'
import { DecisionCache } from './decision-cache/decision-cache.ts'
import { openConfiguredStore } from './entity-store/configured-store.ts'
import { createMetricsApp, type MetricsView } from './routes/metrics.ts'
import { createConfiguredPageTokens } from './search/configured-page-tokens.ts'
import type { PageTokens } from './search/page-token.ts'
import { isLoopback, type RunningServer, startServer } from './server.ts'
import { createFreshness } from './sources/freshness.ts'
import { type ReloadingOptions, startReloading } from './sources/start-reloading.ts'
import { ticks } from './sources/ticks.ts'
import { type Log, NO_LOG } from './telemetry/log.ts'
import { startTelemetry, type Telemetry } from './telemetry/telemetry.ts'

/** What stands around decisions. */
export interface Surroundings {
  readonly log: Log
  readonly authentication: Authentication
  readonly telemetry: Telemetry
  /** Of a service of several processes. Left out: this is the one. */
  readonly fleet?: FleetParts
}

/** What one of several processes has from all of them together. */
export interface FleetParts {
  readonly pageTokens: PageTokens
  readonly metricsView: MetricsView
  readonly probes: AppOptions['probes']
  /** Of entity data that is written: another process has it. Undefined: there is none. */
  readonly written: Pick<AppOptions, 'entityStore' | 'forwarding'> | undefined
}

/** A service with all that stands around it. */
export interface WholeService extends Service {
  /** How callers say who they are; undefined where they need not. */
  readonly callers: string | undefined
}

/** One process. Throws `PdpServerError` where it cannot start. */
export async function startAlone(policies: PolicyParts, config: Config, log: Log): Promise<WholeService> {
  const telemetry = await startTelemetry(config, log)
  let authentication: Authentication | undefined
  const stopRest = async (): Promise<void> => {
    // After the last decision.
    await telemetry.stop(config.stopTimeoutMs)
    authentication?.stop()
  }
  try {
    authentication = createAuthentication(config, log, telemetry.metrics?.countAuthenticationFailure)
    const service = await startService(policies, config, { log, authentication, telemetry })
    const stop = () => service.stop().finally(stopRest)
    return { ...service, callers: authentication.callers, stop }
  } catch (error) {
    await stopRest()
    throw error
  }
}

/** Where policies and data come from. */
export type PolicyParts = Pick<ReloadingOptions, 'source' | 'first'> & Pick<AppOptions, 'probes'>

export interface Service {
  readonly url: string
  /** Where `/metrics` is, if it has a port of its own. */
  readonly metricsUrl: string | undefined
  /** What decides now; undefined while there is nothing. */
  readonly current: () => PdpState | undefined
  /** Looks whether policies and data changed, and loads them anew. */
  readonly reload: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Ends once it listens. Throws `PdpServerError` where it cannot. */
export async function startService(
  policies: PolicyParts,
  config: Config,
  { log, authentication, telemetry, fleet }: Surroundings,
): Promise<Service> {
  const { metrics, onDecision, onSearch, probes } = telemetry
  const { stepBudget, batchStepBudget, metadataKeyFile } = config
  // Before anything is started that would have to be stopped: files may not be there.
  const pageTokens = fleet?.pageTokens ?? createConfiguredPageTokens(config)
  const signMetadata =
    metadataKeyFile === undefined ? undefined : await createMetadataSigner({ keyFile: metadataKeyFile })
  const cache = config.decisionCacheBytes === 0 ? undefined : new DecisionCache(config.decisionCacheBytes)
  if (cache !== undefined) metrics?.watchDecisionCache(() => cache.status())
  const { maxStalenessSeconds, whenStale, stateDir } = config
  const maxStalenessMs = maxStalenessSeconds === 0 ? undefined : maxStalenessSeconds * 1000
  const freshness = createFreshness({ maxStalenessMs, ticks })
  const isStale = maxStalenessMs === undefined ? undefined : freshness.isStale
  const readingAhead = createReadingAhead(log)
  const hooks = { onDecision, onSearch, onSwap: readingAhead.follow }
  const pdp = createPdp({ ...hooks, stepBudget, batchStepBudget, cache, isStale, whenStale })
  // Of a fleet, one process tells what all of them rest on, and how reloads go.
  if (fleet === undefined) telemetry.watchPdp(pdp)
  const entityStore =
    fleet === undefined
      ? await openConfiguredStore(config, {
          source: policies.source.name,
          pdp,
          log,
          recordWrite: telemetry.onWrite,
          onChange: (provided) => reloader.replaceEntities(provided),
        })
      : undefined
  const reloader = await startReloading({
    ...policies,
    pdp,
    freshness,
    stateDir: fleet === undefined ? stateDir : undefined,
    entityStore: config.entityStore,
    log: fleet === undefined ? log : NO_LOG,
    metrics: fleet === undefined ? metrics : undefined,
    provider: entityStore,
  }).catch(async (error) => {
    await entityStore?.close()
    throw error
  })
  const app = createApp({
    pdp,
    limits: config,
    publicUrl: config.publicUrl,
    signMetadata,
    obligationsProfile: config.obligationsProfile,
    log,
    accessLog: config.accessLog,
    gates: authentication.gates,
    bodyGates: authentication.bodyGates,
    subjectTokens: authentication.subjectTokens,
    revocations: authentication.revocations,
    entityStore: entityStore ?? fleet?.written?.entityStore,
    forwarding: fleet?.written?.forwarding,
    pageTokens,
    observers: metrics === undefined ? [] : [metrics.countExchange],
    metrics: config.metricsPort === 0 && metrics !== undefined ? (fleet?.metricsView ?? metrics) : undefined,
    probes: [
      ...probes,
      ...authentication.probes,
      ...reloader.probes,
      ...(policies.probes ?? []),
      ...(fleet?.probes ?? []),
      ...(entityStore ? [entityStore.probe] : []),
    ],
  })
  const server = await startServer({
    ...config,
    app,
    authenticatesCallers: authentication.callers !== undefined,
    tls: authentication.tls,
  }).catch(async (error) => {
    // Their threads would keep the process.
    await reloader.stop()
    await entityStore?.close()
    throw error
  })
  const own = await startMetricsServer(config, fleet === undefined ? metrics : undefined).catch(
    async (error) => {
      await server.stop()
      throw error
    },
  )
  const stop = async () => {
    await reloader.stop()
    readingAhead.stop()
    await server.stop()
    await own?.stop()
    await entityStore?.close()
  }
  const { current } = pdp
  return { url: server.url, metricsUrl: own?.url, current, reload: reloader.reload, stop }
}

/** Whoever may reach this port may read: that is what its address says. */
export async function startMetricsServer(
  { metricsHost, metricsPort, stopTimeoutMs }: Config,
  metrics: MetricsView | undefined,
): Promise<RunningServer | undefined> {
  if (metrics === undefined || metricsPort === 0) return undefined
  return startServer({
    app: createMetricsApp(metrics),
    host: metricsHost,
    port: metricsPort,
    insecureNoAuth: !isLoopback(metricsHost),
    stopTimeoutMs,
  })
}
