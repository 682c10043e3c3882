// A run of properties can be repeated with the seed it prints, and made longer: EDICT_SEED=7 EDICT_RUNS=100000.
import { env } from 'node:process'

/** Of `npm test`; `npm run test:long` draws another seed each time. */
export const DEFAULT_SEED = 20_261_125

export interface RunOptions {
  readonly seed: number
  readonly numRuns: number
}

/** `numRuns` counts cases where the environment does not say otherwise. */
export function readRunOptions(numRuns: number): RunOptions {
  return {
    seed: Number(env.EDICT_SEED ?? DEFAULT_SEED),
    numRuns: Number(env.EDICT_RUNS ?? numRuns),
  }
}
