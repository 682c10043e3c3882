// The thread of the long run: inputs, one after the other, and word of each failure and of how far it has come.
import { parentPort, workerData } from 'node:worker_threads'
import { createTargets, makeTrial, minimise, runTrial } from './fuzz.ts'

export interface Start {
  readonly seed: number
  readonly start: number
  readonly end: number
}

export interface Report {
  /** The input that is next. */
  readonly next: number
  readonly failure?: {
    readonly index: number
    readonly target: string
    readonly message: string
    readonly input: string
    readonly smallest: string
  }
}

/** Code is slow before it is compiled: nothing is timed until then. */
const WARM_UP = 2_000

const { seed, start, end } = workerData as Start
const targets = createTargets()
const tell = (report: Report): void => parentPort?.postMessage(report)

for (let index = start; index < end; index++) {
  const trial = makeTrial(targets, seed, index)
  const finding = await runTrial(trial, index - start >= WARM_UP)
  if (finding === undefined) {
    tell({ next: index + 1 })
    continue
  }
  const smallest = await minimise(trial, finding)
  const failure = {
    index,
    target: trial.target,
    message: finding.message,
    input: trial.print(),
    smallest: smallest.print(),
  }
  tell({ next: index + 1, failure })
}
