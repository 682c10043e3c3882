// Runs inputs one after the other. An input is made from the run's seed and its own number, so that each can be
// repeated alone.
import { createPolicyCorpus } from './policy-mutations.ts'
import { Random } from './random.ts'
import type { Target, Trial } from './target.ts'
import { createDataTarget } from './targets/decode-data.ts'
import { createHttpTarget } from './targets/http-edge.ts'
import { createLoadTarget } from './targets/load-and-decide.ts'
import { createParseTarget } from './targets/parse-and-format.ts'

/** Inputs go round them. */
export function createTargets(): readonly Target[] {
  const corpus = createPolicyCorpus()
  const [data, http] = [createDataTarget(), createHttpTarget()]
  // Policy text takes five times as long as the others.
  return [createParseTarget(corpus), data, http, createLoadTarget(corpus), data, http]
}

export function makeTrial(targets: readonly Target[], seed: number, index: number): Trial {
  const target = targets[index % targets.length]
  if (target === undefined) throw new Error('there are no targets')
  return target.makeTrial(new Random(seed, index))
}

export interface Finding {
  readonly kind: 'wrong' | 'thrown' | 'slow'
  readonly message: string
}

export interface TrialResult {
  /** What is wrong with the input. */
  readonly finding: Finding | undefined
  /** Processor time; of several attempts the shortest. */
  readonly ms: number
}

/** The longest that an input may take. */
const LIMIT_MS = 100

/**
 * Longer policy text, which only whole policy sets with all their tests have (up to 50,000 characters), may take longer
 * in proportion: checked, run, stored and asked a dozen times they take some 60 ms, and 104 on a machine that is busy.
 */
const LIMIT_CHARACTERS = 30_000

const limitOf = ({ length }: Trial): number => LIMIT_MS * Math.max(1, length / LIMIT_CHARACTERS)

/** Tries one input. How long it takes counts with `isTimed` only. */
export async function runTrial(trial: Trial, isTimed: boolean): Promise<TrialResult> {
  const startedAt = cpuMs()
  const finding = await checkTrial(trial)
  const ms = cpuMs() - startedAt
  if (finding !== undefined || !isTimed || ms <= limitOf(trial)) return { finding, ms }
  const fastest = await measureAgain(trial)
  if (fastest <= limitOf(trial)) return { finding, ms: fastest }
  return { finding: { kind: 'slow', message: `takes ${Math.round(fastest)} ms` }, ms: fastest }
}

async function checkTrial(trial: Trial): Promise<Finding | undefined> {
  try {
    const message = await trial.check()
    return message === undefined ? undefined : { kind: 'wrong', message }
  } catch (error) {
    return {
      kind: 'thrown',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  }
}

const RETRIES = 5

/** Time of this thread alone: what else the machine has to do does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** It may have been the turn of the garbage collector: only what is slow every time is. */
async function measureAgain(trial: Trial): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY
  for (let retry = 0; retry < RETRIES; retry++) {
    const startedAt = cpuMs()
    await trial.check()
    fastest = Math.min(fastest, cpuMs() - startedAt)
    if (fastest <= limitOf(trial)) break
  }
  return fastest
}

const MINIMISE_MS = 20_000

/** The smallest input found that fails in the same way. */
export async function minimise(trial: Trial, { kind }: Finding): Promise<Trial> {
  const endsAt = performance.now() + MINIMISE_MS
  let smallest = trial
  for (let next: Trial | undefined = trial; next !== undefined; ) {
    smallest = next
    next = undefined
    for (const candidate of smallest.smaller()) {
      if (performance.now() > endsAt) return smallest
      if ((await runTrial(candidate, kind === 'slow')).finding?.kind !== kind) continue
      next = candidate
      break
    }
  }
  return smallest
}
