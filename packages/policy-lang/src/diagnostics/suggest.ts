const MAX_LENGTH = 64

/**
 * The known name nearest to one that was not found, or none where all are too far to be a slip: one edit per three
 * letters. A swap of neighbours counts as one edit, a difference in case alone as less than one. Ties go to the
 * name that comes first in code unit order, so that the answer never depends on the order of declarations.
 */
export function suggestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 0.5
  for (const candidate of known) {
    if (candidate === name) continue
    const distance = distanceWithin(name, candidate, bestDistance)
    if (distance > bestDistance) continue
    if (distance === bestDistance && (best === undefined || candidate > best)) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

function distanceWithin(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY
  if (Math.max(a.length, b.length) > MAX_LENGTH) return Number.POSITIVE_INFINITY
  if (a.toLowerCase() === b.toLowerCase()) return 0.5
  const distance = editDistance(a, b)
  // Nothing of the name would be left.
  return distance >= Math.max(a.length, b.length) ? Number.POSITIVE_INFINITY : distance
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      let distance = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      )
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1)
      current.push(distance)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
