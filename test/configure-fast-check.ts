// Properties draw the same cases in every run of `npm test`, so that a change fails for what it did and not by luck.
// Others are drawn with EDICT_SEED=7; how many, where a property does not say itself, with FC_NUM_RUNS=10000.
import { env } from 'node:process'
import fc from 'fast-check'
import { DEFAULT_SEED } from './properties/run-options.ts'

fc.configureGlobal({
  seed: Number(env.EDICT_SEED ?? DEFAULT_SEED),
  ...(env.FC_NUM_RUNS !== undefined && { numRuns: Number(env.FC_NUM_RUNS) }),
})
