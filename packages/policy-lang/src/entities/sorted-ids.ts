import { compareCodePoints } from '../model/code-points.ts'

/** The ids of one type in code-point order, put in order when somebody asks. Never changes. */
export interface SortedIds {
  readonly all: () => readonly string[]
  /** The same with some ids more or fewer; undefined where sorting anew costs less. */
  readonly with: (steps: readonly IdStep[]) => SortedIds | undefined
}

export interface IdStep {
  readonly id: string
  readonly isAdded: boolean
}

/** So many steps are kept until somebody asks for the order. */
const MAX_STEPS = 1000

export function createSortedIds(ids: Iterable<string>): SortedIds {
  const list = [...ids]
  // Most come in order; looking costs a tenth of sorting.
  return fromOrdered(isOrdered(list) ? list : list.sort(compareCodePoints), [])
}

function isOrdered(ids: readonly string[]): boolean {
  for (let at = 1; at < ids.length; at++) {
    if (compareCodePoints(ids[at - 1] ?? '', ids[at] ?? '') > 0) return false
  }
  return true
}

function fromOrdered(base: readonly string[], steps: readonly IdStep[]): SortedIds {
  let ordered = steps.length === 0 ? base : undefined
  return {
    all: () => {
      ordered ??= merge(base, steps)
      return ordered
    },
    with: (more) => {
      if (ordered !== undefined) return fromOrdered(ordered, more)
      return steps.length + more.length > MAX_STEPS ? undefined : fromOrdered(base, [...steps, ...more])
    },
  }
}

/** The last step of an id counts. */
function merge(base: readonly string[], steps: readonly IdStep[]): readonly string[] {
  const last = new Map(steps.map(({ id, isAdded }) => [id, isAdded]))
  const added = [...last].flatMap(([id, isAdded]) => (isAdded ? [id] : [])).sort(compareCodePoints)
  const merged: string[] = []
  let next = 0
  for (const id of base) {
    if (last.has(id)) continue
    for (let one = added[next]; one !== undefined && compareCodePoints(one, id) < 0; one = added[next]) {
      merged.push(one)
      next += 1
    }
    merged.push(id)
  }
  return [...merged, ...added.slice(next)]
}

/** How many of the sorted ids come before or are this one. */
export function countUpTo(ids: readonly string[], last: string): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareCodePoints(ids[middle] ?? '', last) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
