// All that the service tells of itself, put together from the configuration.
import type { DecisionHooks } from '../decide/decision-record.ts'
import type { Pdp } from '../decide/pdp.ts'
import type { Channel } from '../decision-log/channel.ts'
import type { DecisionLog } from '../decision-log/decision-log.ts'
import type { DecisionLogConfig } from '../decision-log/log-config.ts'
import { startDecisionLog } from '../decision-log/start-decision-log.ts'
import { toAuditEntry, type WriteRecord } from '../entity-store/audit-entry.ts'
import { createDecisionTracer, type DecisionTracer } from './decision-tracer.ts'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { checkDecisionLog, type ReadinessProbe } from './readiness.ts'
import { createSearchTracer, type SearchTracer } from './search-tracer.ts'

export interface TelemetryConfig extends DecisionLogConfig {
  readonly metrics: boolean
  readonly metricsMaxLabelSets: number
}

export interface Telemetry {
  /** Undefined where nobody wants to know of decisions. */
  readonly onDecision: DecisionHooks['onDecision']
  readonly onSearch: DecisionHooks['onSearch']
  /** Records a change of the entity data. Undefined where decisions are recorded nowhere. */
  readonly onWrite: ((record: WriteRecord) => Promise<void> | undefined) | undefined
  readonly metrics: Metrics | undefined
  /** For `/readyz`. */
  readonly probes: readonly ReadinessProbe[]
  /** Shows what decisions rest on. */
  readonly watchPdp: (pdp: Pdp) => void
  /** Writes what is not written yet, as far as that works in time. After the last decision. */
  readonly stop: (timeoutMs: number) => Promise<void>
}

/**
 * Throws `PdpServerError` `unwritable-file` where the decision log cannot be written.
 * @param channels where lines of the decision log go. Default: where the configuration says
 */
export async function startTelemetry(
  config: TelemetryConfig,
  log: Log,
  channels?: readonly Channel[],
): Promise<Telemetry> {
  const decisionLog = await startDecisionLog(config, log, channels)
  const metrics = config.metrics ? new Metrics({ maxLabelSets: config.metricsMaxLabelSets }) : undefined
  if (decisionLog !== undefined) metrics?.watchDecisionLog(() => decisionLog.status())
  return {
    onDecision: createDecisionHook(decisionLog, metrics, createDecisionTracer()),
    onSearch: createSearchHook(decisionLog, metrics, createSearchTracer()),
    onWrite: decisionLog && ((record) => decisionLog.addChange(toAuditEntry(record))),
    metrics,
    probes: decisionLog === undefined ? [] : [() => checkDecisionLog(decisionLog.status())],
    watchPdp: (pdp) => metrics?.watchPdp(pdp),
    stop: async (timeoutMs) => decisionLog?.stop(timeoutMs),
  }
}

function createDecisionHook(
  decisionLog: DecisionLog | undefined,
  metrics: Metrics | undefined,
  tracer: DecisionTracer | undefined,
): DecisionHooks['onDecision'] {
  if (decisionLog === undefined && metrics === undefined && tracer === undefined) return undefined
  return (record) => {
    metrics?.countDecision(record)
    const span = tracer?.(record)
    return decisionLog?.add(record, span)
  }
}

function createSearchHook(
  decisionLog: DecisionLog | undefined,
  metrics: Metrics | undefined,
  tracer: SearchTracer | undefined,
): DecisionHooks['onSearch'] {
  if (decisionLog === undefined && metrics === undefined && tracer === undefined) return undefined
  return (record) => {
    metrics?.searches.count(record)
    const span = tracer?.(record)
    return decisionLog?.addSearch(record, span)
  }
}
