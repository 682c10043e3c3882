// Metrics of several processes as those of one service.
import { AggregatorRegistry, Gauge } from 'prom-client'
import type { MetricsView } from '../routes/metrics.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Fleet } from './fleet.ts'

/** Metrics of all workers together, and of what is done here for all. */
export async function renderAll(fleet: Fleet, own: Metrics | undefined): ReturnType<MetricsView['render']> {
  const all = (await fleet.askAll('metrics')).map((text) => JSON.parse(String(text)) as object[])
  const mine = await own?.registry.getMetricsAsJSON()
  const registry = AggregatorRegistry.aggregate([...(mine === undefined ? [] : [mine]), ...all])
  return { contentType: registry.contentType, text: await registry.metrics() }
}

export function watchFleet({ registry }: Metrics, fleet: Fleet): void {
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
