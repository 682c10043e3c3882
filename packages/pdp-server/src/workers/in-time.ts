// Waits for another process, and gives it up. It must never take its own delay for the other's.
import { setTimeout as pause, setImmediate } from 'node:timers/promises'

/** The time is counted in so many parts, each of which counts once however long this process was held up in it. */
const PARTS = 20
/** In which what came meanwhile is read: a timer that is late runs before that. */
const TURNS = 2

/** Whether it ends well, and soon enough: within `ms` in which this process was there to hear of it. */
export async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController()
  const isDone = await Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    wait(ms, timer.signal).then(
      () => false,
      () => false,
    ),
  ])
  timer.abort()
  return isDone
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  for (let part = 0; part < PARTS; part++) await pause(ms / PARTS, undefined, { signal })
  for (let turn = 0; turn < TURNS; turn++) await setImmediate(undefined, { signal })
}
