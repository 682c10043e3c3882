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
  readonly target: string
  /** Processor time of the input before, where it was timed. */
  readonly ms?: number
  readonly failure?: {
    readonly index: number
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
  const { target } = trial
  const isTimed = index - start >= WARM_UP
  const { finding, ms } = await runTrial(trial, isTimed)
  if (finding === undefined) {
    tell({ next: index + 1, target, ...(isTimed && { ms }) })
    continue
  }
  const smallest = await minimise(trial, finding)
  const failure = {
    index,
    message: finding.message,
    input: trial.print(),
    smallest: smallest.print(),
  }
  tell({ next: index + 1, target, failure })
}
