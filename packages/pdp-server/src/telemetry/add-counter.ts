import { Counter, type Registry } from 'prom-client'

export interface CounterDescription {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** A value for each label, and how often it was. */
  readonly read: () => readonly (readonly [values: readonly string[], count: number])[]
}

/** A counter whose values are kept elsewhere, and only grow there. */
export function addCounter(registry: Registry, { name, help, labelNames, read }: CounterDescription): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset()
      for (const [values, count] of read()) {
        this.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])), count)
      }
    },
  })
}
