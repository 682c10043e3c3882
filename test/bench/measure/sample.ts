// One sample: how long a decision takes, over whole passes of the same requests, so that every sample asks the same.
import type { Asker } from '../engines/engine.ts'

/** The requests of one kind of sample, verified before. */
export interface Window {
  readonly asker: Asker
  /** How many requests from the first on. */
  readonly size: number
  /** How many of them are allowed: every pass is checked against it, and nothing can be optimised away. */
  readonly allowed: number
}

/**
 * Counts processor time of the whole process, collector and compiler included, and not time on the wall: on a machine
 * that does nothing else they are the same, on a shared one only this says what a decision costs.
 * @returns nanoseconds per decision
 */
export function takeSample({ asker, size, allowed }: Window, passes: number): number {
  let found = 0
  const before = process.cpuUsage()
  for (let pass = 0; pass < passes; pass++) found += countAllowed(asker, size)
  const { user, system } = process.cpuUsage(before)
  if (found !== allowed * passes) throw new Error('an engine changed its mind while it was timed')
  return ((user + system) * 1e3) / (passes * size)
}

export function countAllowed(asker: Asker, size: number): number {
  let found = 0
  for (let index = 0; index < size; index++) {
    if (asker.decide(index)) found++
  }
  return found
}

/** Runs until the engine is warm, and tells how many passes fill a sample of this length. */
export function calibrate(window: Window, sampleMs: number, warmUpMs: number): number {
  const before = process.cpuUsage()
  let passes = 0
  let totalMs = 0
  let passMs = 0
  do {
    countAllowed(window.asker, window.size)
    const { user, system } = process.cpuUsage(before)
    passMs = (user + system) / 1e3 - totalMs
    totalMs += passMs
    passes++
  } while (totalMs < warmUpMs || passes < 2)
  // The last pass is the warmest, but short ones are below what the clock can tell.
  return Math.max(1, Math.round(sampleMs / Math.max(passMs, totalMs / passes / 10)))
}
