import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'

/**
 * Steps of niceness. Four of them leave a thread about a third of the time where two want it all: a reload takes longer
 * then, and yet it comes to its end on a machine that has much else to do.
 */
const STEPS = 4
const NICEST = 19

/**
 * Has the calling thread stand back where processors are scarce. Linux gives each thread a priority of its own;
 * elsewhere nothing happens.
 */
export function yieldToRequests(): void {
  if (process.platform !== 'linux') return
  try {
    // `PID/task/TID`: the thread that reads it.
    const thread = Number(basename(readlinkSync('/proc/thread-self')))
    setPriority(thread, Math.min(NICEST, getPriority(thread) + STEPS))
  } catch {
    // No /proc here, or not allowed: then they share.
  }
}
