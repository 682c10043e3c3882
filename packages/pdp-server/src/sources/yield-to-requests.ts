import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'

/** Of 19 (least) to 0: about a tenth of the time of a thread that has its hands full, where there is not enough for both. */
const NICENESS = 10

/**
 * Has the calling thread wait for all others of the process where processors are scarce. Linux gives each thread a
 * priority of its own; elsewhere nothing happens.
 */
export function yieldToRequests(): void {
  if (process.platform !== 'linux') return
  try {
    // `PID/task/TID`: the thread that reads it.
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS)
  } catch {
    // No /proc here, or not allowed: then they share.
  }
}
