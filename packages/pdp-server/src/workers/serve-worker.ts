// A process that answers, one of several. What it needs to know it is told by the first one, and when that is gone, so
// is this.
import { createAuthentication } from '../authentication/authentication.ts'
import { PdpServerError } from '../errors.ts'
import type { ForwardedReply, ForwardedRequest } from '../middleware/forward.ts'
import type { MetricsView } from '../routes/metrics.ts'
import { createConfiguredPageTokens } from '../search/configured-page-tokens.ts'
import { createPageTokens } from '../search/page-token.ts'
import { startService } from '../service.ts'
import { createConfiguredLog } from '../telemetry/log.ts'
import type { ReadinessCheck, ReadinessProbe } from '../telemetry/readiness.ts'
import { startTelemetry } from '../telemetry/telemetry.ts'
import type { MemberStart, StartFault } from './fleet.ts'
import { createFleetSource } from './fleet-source.ts'
import { createForwardedStore, isForwarded } from './forwarded-app.ts'
import { createRelayChannels } from './log-hub.ts'
import { Wire } from './wire.ts'
import { createWorkerGuards } from './worker-guards.ts'
import type { FleetNews, Welcome } from './worker-messages.ts'

// A terminal sends them to all processes. When to stop, or to load anew, the first one says.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})

const wire = new Wire({
  send: (message) => process.send?.(message, undefined, undefined, () => {}),
  onMessage: (listener) => process.on('message', listener),
})
const guards = createWorkerGuards(wire)
let news: FleetNews | undefined
wire.handle('fleet', (payload) => {
  news = payload as FleetNews
})
const stopping = Promise.withResolvers<void>()
let hasStarted = false
wire.handle('stop', () => {
  if (!hasStarted) process.exit(0)
  stopping.resolve()
})

const checkFleet: ReadinessProbe = () => {
  const name = 'workers'
  if (news === undefined) return { name, status: 'failing', detail: 'the workers are starting' }
  const detail = `${news.listening} of ${news.size} workers answer`
  return { name, status: news.listening < news.size ? 'degraded' : 'ok', detail }
}

async function forward(request: ForwardedRequest): Promise<ForwardedReply> {
  return (await wire.ask('forward', request)) as ForwardedReply
}

/** Checks of the first process, as it told them last. */
function followChecks(first: readonly ReadinessCheck[]): readonly ReadinessProbe[] {
  let latest = first
  wire.handle('checks', (payload) => {
    latest = payload as readonly ReadinessCheck[]
  })
  return first.map((check, at) => () => latest[at] ?? check)
}

async function run(): Promise<void> {
  const welcome = (await wire.ask('welcome')) as Welcome
  const { config, sourceName, logTraits, guards: seed, pageTokenKey } = welcome
  const log = createConfiguredLog(config)
  const source = createFleetSource(sourceName, wire, welcome.failure)
  const telemetry = await startTelemetry(config, log, createRelayChannels(logTraits, wire))
  const { metrics } = telemetry
  // As text: the objects have functions, which stay here.
  wire.handle('metrics', async () => JSON.stringify((await metrics?.registry.getMetricsAsJSON()) ?? []))
  const onFailure = metrics?.countAuthenticationFailure
  const authentication = createAuthentication(config, log, onFailure, guards.begin(seed))
  const fleet = {
    pageTokens:
      config.searchTokenKeyFile === undefined
        ? createPageTokens({ key: pageTokenKey, lifetimeSeconds: config.searchTokenSeconds })
        : createConfiguredPageTokens(config),
    metricsView: {
      render: async () => (await wire.ask('render')) as Awaited<ReturnType<MetricsView['render']>>,
    },
    probes: [checkFleet, ...followChecks(welcome.checks)],
    written:
      config.entityStore === undefined
        ? undefined
        : { entityStore: createForwardedStore(), forwarding: { isForwarded, forward } },
  }
  const service = await startService({ source, probes: [] }, config, {
    log,
    authentication,
    telemetry,
    fleet,
  })
  hasStarted = true
  wire.tell('listening', { url: service.url, callers: authentication.callers } satisfies MemberStart)
  await stopping.promise
  await service.stop()
  await telemetry.stop(config.stopTimeoutMs)
  authentication.stop()
  await guards.stop()
}

try {
  await run()
  process.disconnect?.()
} catch (error) {
  const fault: StartFault = {
    message: error instanceof Error ? error.message : String(error),
    ...(error instanceof PdpServerError && { code: error.code }),
  }
  await wire.ask('failed', fault).catch(() => {})
  process.exit(1)
}
