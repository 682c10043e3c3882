/**
 * Milliseconds that only grow, the same in all threads of this process (`performance.now` is not). For ages: the
 * clock on the wall may be set back.
 */
export function ticks(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
