// Durations by bucket. prom-client looks labels up anew for each value, which costs more than a decision; here a value
// is one step through an array, and prom-client's form is made when somebody asks.
import type { Metric, Registry } from 'prom-client'

export interface DurationHistogramOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[]
}

/** The durations of one combination of labels. */
export class Durations {
  readonly labels: Readonly<Record<string, string>>
  readonly #bounds: Float64Array
  /** How many lay below each bound and above the one before; the last: above all. */
  readonly #counts: Float64Array
  #sum = 0

  constructor(labels: Readonly<Record<string, string>>, buckets: readonly number[]) {
    this.labels = labels
    this.#bounds = Float64Array.from(buckets)
    this.#counts = new Float64Array(buckets.length + 1)
  }

  add(seconds: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && seconds > (bounds[at] ?? 0)) at++
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#sum += seconds
  }

  /** In prom-client's form: buckets hold all that lies below their bound. */
  toValues(name: string): readonly MetricValue[] {
    let count = 0
    const buckets = [...this.#bounds, '+Inf' as const].map((le, at) => {
      count += this.#counts[at] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, ...this.labels }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.labels, value: count },
    ]
  }
}

interface MetricValue {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

export class DurationHistogram {
  readonly #options: DurationHistogramOptions
  readonly #all: Durations[] = []

  constructor(options: DurationHistogramOptions, registry: Registry) {
    this.#options = options
    const { name, help } = options
    const metric = {
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      get: async () => ({ ...metric, values: this.#all.flatMap((durations) => durations.toValues(name)) }),
    }
    // All that the registry asks of a metric is this; its classes bring their own storage.
    registry.registerMetric(metric as unknown as Metric)
  }

  /** To be kept: each call begins another row. */
  addRow(...labelValues: readonly string[]): Durations {
    const labels = this.#options.labelNames.map((name, at) => [name, labelValues[at] ?? ''])
    const row = new Durations(Object.fromEntries(labels), this.#options.buckets)
    this.#all.push(row)
    return row
  }
}
