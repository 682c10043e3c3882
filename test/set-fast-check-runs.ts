// Properties that do not say themselves how often they run: FC_NUM_RUNS=10000 vitest run …
import { env } from 'node:process'
import fc from 'fast-check'

fc.configureGlobal({ numRuns: Number(env.FC_NUM_RUNS) })
