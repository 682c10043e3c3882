// Several processes as one service, from the first of them: it follows the policies, writes the decision log, counts
// and remembers what all must know, and tells metrics of all. It answers no question itself.
import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { createPdp } from '../decide/pdp.ts'
import { createChannels, startDecisionLog } from '../decision-log/start-decision-log.ts'
import { toAuditEntry } from '../entity-store/audit-entry.ts'
import { openConfiguredStore } from '../entity-store/configured-store.ts'
import { PdpServerError } from '../errors.ts'
import type { ForwardedReply, ForwardedRequest } from '../middleware/forward.ts'
import type { MetricsView } from '../routes/metrics.ts'
import { type PolicyParts, startMetricsServer, type WholeService } from '../service.ts'
import type { Log } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import type { ReadinessCheck, ReadinessProbe } from '../telemetry/readiness.ts'
import { Fleet } from './fleet.ts'
import { createFleetGuards } from './fleet-guards.ts'
import { renderAll, watchFleet } from './fleet-metrics.ts'
import { type FollowOptions, followSource } from './follow-source.ts'
import { createForwardedApp } from './forwarded-app.ts'
import { describeDeliveryError, openLogHub } from './log-hub.ts'
import type { Welcome } from './worker-messages.ts'

const TELL_CHECKS_MS = 1000

/** Starts `config.workers` processes. Ends once all listen. Throws `PdpServerError` where they cannot. */
export async function startFleet(policies: PolicyParts, config: Config, log: Log): Promise<WholeService> {
  const metrics = config.metrics
    ? new Metrics({ maxLabelSets: config.metricsMaxLabelSets, measuresProcess: false })
    : undefined
  const logs = await openLogHub(config.decisionLog.length === 0 ? [] : createChannels(config))
  const guards = createFleetGuards(config, log)
  const view: MetricsView = { render: () => renderAll(fleet, metrics) }
  const pageTokenKey = randomBytes(32)
  const storeProbes: ReadinessProbe[] = []
  let answerForwarded = (_: ForwardedRequest): Promise<ForwardedReply> =>
    Promise.reject(new PdpServerError('not-ready', 'the service is starting'))
  const failure: FollowOptions['failure'] = { latest: undefined }
  const check = () => [...(policies.probes ?? []), ...storeProbes].map((probe) => probe())
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
      wire.handle('forward', (request) => answerForwarded(request as ForwardedRequest))
    },
    describeError: describeDeliveryError,
    log,
  })
  guards.connect((list) => fleet.tellSurely('revoked', list))
  if (metrics !== undefined) watchFleet(metrics, fleet)
  const pdp = createPdp()
  metrics?.watchPdp(pdp)
  const decisionLog = await startDecisionLog(config, log, logs.own)
  const store = await openConfiguredStore(config, {
    source: policies.source.name,
    pdp,
    log,
    recordWrite: decisionLog && ((record) => decisionLog.addChange(toAuditEntry(record))),
    onChange: (provided) => follower.replaceEntities(provided),
  })
  const follower = await followSource(policies, pdp, fleet, { config, log, metrics, failure, store })
  if (store !== undefined) {
    storeProbes.push(store.probe)
    const answer = createForwardedApp(pdp, store, config, log)
    answerForwarded = async (request) => {
      const reply = await answer(request)
      // Whoever is answered sees at every worker what was written.
      await follower.settled()
      return reply
    }
  }
  const stopTelling = tellChecks(check, fleet)
  const stopAll = async (): Promise<void> => {
    stopTelling()
    await follower.stop()
    logs.hurry(config.stopTimeoutMs)
    await fleet.stop(config.stopTimeoutMs)
    await store?.close()
    await decisionLog?.stop(config.stopTimeoutMs)
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
