import { Counter, type Registry } from 'prom-client'
import type { SearchKind, SearchRecord } from '../decide/search-record.ts'
import { DurationHistogram, type Durations } from './duration-histogram.ts'

const DURATION = {
  name: 'edict_search_duration_seconds',
  help: 'Time from the begin of a page of a search to its end, turns of others included',
  labelNames: ['kind'],
  buckets: [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
} as const

/** Counts pages of searches. */
export class SearchMetrics {
  readonly #pages: Counter<'kind' | 'outcome'>
  readonly #results: Counter<'kind'>
  readonly #durations: Readonly<Record<SearchKind, Durations>>

  constructor(registry: Registry) {
    const registers = [registry]
    this.#pages = new Counter({
      name: 'edict_searches_total',
      help: 'Pages of searches that were answered; `cut`: there may be more',
      labelNames: ['kind', 'outcome'],
      registers,
    })
    this.#results = new Counter({
      name: 'edict_search_results_total',
      help: 'Results of searches',
      labelNames: ['kind'],
      registers,
    })
    const durations = new DurationHistogram(DURATION, registry)
    this.#durations = {
      subject: durations.addRow('subject'),
      resource: durations.addRow('resource'),
      action: durations.addRow('action'),
    }
  }

  count({ question: { kind }, count, isCut, durationMs }: SearchRecord): void {
    this.#pages.inc({ kind, outcome: isCut ? 'cut' : 'complete' })
    this.#results.inc({ kind }, count)
    this.#durations[kind].add(durationMs / 1000)
  }
}
