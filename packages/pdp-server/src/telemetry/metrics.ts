// What can be measured from outside, in the form of Prometheus. Counting is plain arithmetic on the path of requests;
// prom-client's form is made when somebody asks.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { DecisionKinds } from '../decide/decision-kinds.ts'
import type { DecisionRecord } from '../decide/decision-record.ts'
import type { Pdp } from '../decide/pdp.ts'
import { type DecisionCacheStatus, LOOKUP_OUTCOMES } from '../decision-cache/decision-cache.ts'
import type { DecisionLogStatus } from '../decision-log/decision-log.ts'
import type { AuthenticationFailure } from '../middleware/authenticate-caller.ts'
import type { Exchange } from '../middleware/gate.ts'
import type { Freshness } from '../sources/freshness.ts'
import { ticks } from '../sources/ticks.ts'
import { addCounter, type CounterDescription } from './add-counter.ts'
import { CallerMetrics } from './caller-metrics.ts'
import { DurationHistogram, type DurationHistogramOptions, type Durations } from './duration-histogram.ts'
import { LabelCounter, OTHER, type Tally } from './label-counter.ts'
import { SearchMetrics } from './search-metrics.ts'

export interface MetricsOptions {
  /** Most combinations of labels each metric tells apart. Default 2000. */
  readonly maxLabelSets?: number
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
  /** Milliseconds that only grow, for ages. Default: those of the process. */
  readonly ticks?: () => number
  /** Whether the process is measured too: memory, CPU, event loop, garbage collection. Default true. */
  readonly measuresProcess?: boolean
}

/** What can be loaded anew. */
export type Loaded = 'policy' | 'data'

const DECISION_DURATION: DurationHistogramOptions = {
  name: 'edict_decision_duration_seconds',
  help: 'Time that the engine took for a decision',
  labelNames: [],
  buckets: [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 5e-3, 0.025, 0.1, 1],
}
const REQUEST_DURATION: DurationHistogramOptions = {
  name: 'edict_http_request_duration_seconds',
  help: 'Time from the head of a request to its answer',
  labelNames: ['path', 'status'],
  buckets: [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
}

const DECISION_LABELS = ['decision', 'action', 'resource_type', 'rule'] as const

/** Paths told apart; what strangers ask for besides could be anything. */
const PATHS: ReadonlySet<string> = new Set([
  '/decide',
  '/access/v1/evaluation',
  '/access/v1/evaluations',
  '/access/v1/search/subject',
  '/access/v1/search/resource',
  '/access/v1/search/action',
  '/healthz',
  '/readyz',
  '/metrics',
])

export class Metrics {
  readonly registry = new Registry()
  readonly searches = new SearchMetrics(this.registry)
  readonly #now: () => number
  readonly #ticks: () => number
  readonly #decisionKinds: DecisionKinds<Tally>
  readonly #callers: CallerMetrics
  readonly #decisionDurations: Durations
  readonly #requestDurations: DurationHistogram
  /** By path, then status. */
  readonly #requestRows = new Map<string, Map<number, Durations>>()
  readonly #reloads: Counter<'what' | 'outcome'>
  readonly #loadedAt = new Map<Loaded, { readonly time: number; readonly ticks: number }>()

  constructor(options: MetricsOptions = {}) {
    const { maxLabelSets = 2000, now = Date.now, measuresProcess = true } = options
    this.#ticks = options.ticks ?? ticks
    const registers = [this.registry]
    this.#now = now
    const decisions = new LabelCounter(maxLabelSets, DECISION_LABELS.length)
    this.#decisionKinds = new DecisionKinds((record) => decisions.tallyOf(toLabels(record)))
    this.#callers = new CallerMetrics(this.registry, maxLabelSets)
    this.#addLabelCounter('edict_decisions_total', 'Decisions made', DECISION_LABELS, decisions)
    this.#decisionDurations = new DurationHistogram(DECISION_DURATION, this.registry).addRow()
    this.#requestDurations = new DurationHistogram(REQUEST_DURATION, this.registry)
    this.#reloads = new Counter({
      name: 'edict_reloads_total',
      help: 'Times that policies or entity data were loaded anew, or could not be',
      labelNames: ['what', 'outcome'],
      registers,
    })
    this.#addAges()
    if (measuresProcess) collectDefaultMetrics({ register: this.registry })
  }

  /** The text form, and its media type. */
  async render(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() }
  }

  countDecision(record: DecisionRecord): void {
    this.#callers.countDecision(record)
    this.#decisionKinds.of(record).count++
    this.#decisionDurations.add(record.durationMs / 1000)
  }

  readonly countExchange = ({ path, caller }: Exchange, status: number, durationMs: number): void => {
    this.#requestRow(PATHS.has(path) ? path : OTHER, status).add(durationMs / 1000)
    this.#callers.countRequest(caller, status)
  }

  readonly countAuthenticationFailure = (failure: AuthenticationFailure): void => {
    this.#callers.countFailure(failure)
  }

  /** To be told whenever policies or data were loaded, at the start too, or could not be. */
  countReload(what: Loaded, outcome: 'success' | 'failure'): void {
    this.#reloads.inc({ what, outcome })
    if (outcome === 'success') this.#loadedAt.set(what, { time: this.#now(), ticks: this.#ticks() })
  }

  /** Shows what decisions rest on. */
  watchPdp(pdp: Pick<Pdp, 'current'>): void {
    new Gauge({
      name: 'edict_policy_info',
      help: 'Versions of the policies and data that decisions rest on; always 1',
      labelNames: ['policy_version', 'data_version'],
      registers: [this.registry],
      collect() {
        this.reset()
        const state = pdp.current()
        if (state === undefined) return
        this.set({ policy_version: state.policySet.version, data_version: state.entities?.version ?? '' }, 1)
      },
    })
  }

  /** Shows how old what decides may be, and how far its numbers are. */
  watchFreshness({ age }: Pick<Freshness, 'age'>, pdp: Pick<Pdp, 'current'>): void {
    const add = (name: string, help: string, read: () => number | undefined) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          const value = read()
          if (value !== undefined && Number.isFinite(value)) this.set(value)
        },
      })
    add(
      'edict_state_age_seconds',
      'Time since policies and data were last known to be current',
      () => age() / 1000,
    )
    add('edict_policy_number', 'Number of the policies in use', () => pdp.current()?.numbers?.policy)
    add('edict_data_number', 'Number of the entity data in use', () => pdp.current()?.numbers?.data)
  }

  /** Shows how the decision log does. */
  watchDecisionLog(status: () => DecisionLogStatus): void {
    const gauge = (
      name: string,
      help: string,
      read: (outlet: DecisionLogStatus['outlets'][number]) => number,
    ) =>
      new Gauge({
        name: `edict_decision_log_${name}`,
        help,
        labelNames: ['sink'],
        // Of several processes, one that cannot write shows; and what waits on disk is the same for all.
        aggregator: name === 'up' ? 'min' : name === 'spool_bytes' ? 'max' : 'sum',
        registers: [this.registry],
        collect() {
          for (const outlet of status().outlets) this.set({ sink: outlet.name }, read(outlet))
        },
      })
    gauge('up', 'Whether lines get to where they should', ({ failure }) => (failure === undefined ? 1 : 0))
    gauge('buffer_bytes', 'Bytes that wait in memory', ({ bufferedBytes }) => bufferedBytes)
    gauge('spool_bytes', 'Bytes that wait on disk', ({ spooledBytes }) => spooledBytes)
    this.#addCounter('edict_decision_log_lines_total', 'Lines that were delivered', ['sink'], () =>
      status().outlets.map(({ name, deliveredLines }) => [[name], deliveredLines]),
    )
    this.#addCounter('edict_decision_log_dropped_total', 'Lines that were lost', ['sink', 'reason'], () =>
      status().outlets.flatMap(({ name, droppedLines }) =>
        [...droppedLines].map(([reason, count]) => [[name, reason], count] as const),
      ),
    )
    this.#addCounter(
      'edict_decision_log_skipped_total',
      'Decisions left out as configured',
      ['reason'],
      () => [
        [['ignored'], status().ignoredCount],
        [['not-sampled'], status().notDrawnCount],
      ],
    )
  }

  /** Shows how often answers are given again. */
  watchDecisionCache(status: () => DecisionCacheStatus): void {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `edict_decision_cache_${name}`,
        help,
        registers: [this.registry],
        collect() {
          this.set(read())
        },
      })
    gauge('entries', 'Answers that are kept', () => status().entries)
    gauge('bytes', 'Bytes that they take, about', () => status().bytes)
    this.#addCounter(
      'edict_decision_cache_lookups_total',
      'Questions by whether their answer was kept',
      ['outcome'],
      () => LOOKUP_OUTCOMES.map((outcome) => [[outcome], status().lookups[outcome]]),
    )
    this.#addCounter(
      'edict_decision_cache_dropped_total',
      'Answers that had to go: for others, or because policies or data are others now',
      ['reason'],
      () => [
        [['full'], status().dropped.full],
        [['reloaded'], status().dropped.reloaded],
      ],
    )
  }

  #requestRow(path: string, status: number): Durations {
    const known = this.#requestRows.get(path)?.get(status)
    if (known !== undefined) return known
    const byStatus = this.#requestRows.get(path) ?? new Map<number, Durations>()
    const row = this.#requestDurations.addRow(path, String(status))
    this.#requestRows.set(path, byStatus.set(status, row))
    return row
  }

  #addLabelCounter(name: string, help: string, labels: readonly string[], counter: LabelCounter): void {
    this.#addCounter(name, help, labels, () => counter.counts().map(({ values, count }) => [values, count]))
  }

  #addCounter(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: CounterDescription['read'],
  ): void {
    addCounter(this.registry, { name, help, labelNames, read })
  }

  #addAges(): void {
    for (const what of ['policy', 'data'] as const) {
      const loadedAt = () => this.#loadedAt.get(what)
      // Not by the clock on the wall, which may be set back.
      const age = () => (this.#ticks() - (loadedAt()?.ticks ?? 0)) / 1000
      const add = (name: string, help: string, read: () => number) =>
        new Gauge({
          name,
          help,
          registers: [this.registry],
          collect() {
            if (loadedAt() !== undefined) this.set(read())
          },
        })
      add(
        `edict_${what}_loaded_timestamp_seconds`,
        `When the ${what} in use was loaded`,
        () => (loadedAt()?.time ?? 0) / 1000,
      )
      add(`edict_${what}_age_seconds`, `How long ago the ${what} in use was loaded`, age)
    }
  }
}

/** What `DECISION_LABELS` are for a decision. */
function toLabels({ request, answer }: DecisionRecord): readonly string[] {
  const { decision, reasons } = answer
  const [reason] = reasons
  const [action, type] = [request.action.name, request.resource.type]
  if (reason === undefined) return [decision, action, type, OTHER]
  if ('rule' in reason) return [decision, action, type, reason.rule]
  // The names of what no policy knows are the sender's to choose: they could be any number.
  const isUnknown = reason.builtin === 'unknownType' || reason.builtin === 'unknownAction'
  return [decision, isUnknown ? OTHER : action, isUnknown ? OTHER : type, `(${reason.builtin})`]
}
