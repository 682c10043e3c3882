const UNITS: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
])

/** Milliseconds of a duration literal such as `1h30m`. */
export function readDuration(text: string): number {
  let milliseconds = 0
  for (const [, count, unit] of text.matchAll(/([0-9]+)([dhms])/g)) {
    milliseconds += Number(count) * (UNITS.get(unit ?? '') ?? 0)
  }
  return milliseconds
}
