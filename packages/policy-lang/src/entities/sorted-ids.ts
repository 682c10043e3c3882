import { compareCodePoints } from '../model/code-points.ts'

/** The ids of one type in code-point order. Never changes. */
export interface SortedIds {
  /** From behind `after`, at most `limit`. */
  readonly list: (after: string | undefined, limit: number) => readonly string[]
  /** The same with some ids more or fewer; of several steps of one id, the last counts. */
  readonly with: (steps: readonly IdStep[]) => SortedIds
}

export interface IdStep {
  readonly id: string
  readonly isAdded: boolean
}

/** In order, one after the other, none of them empty. */
type Blocks = readonly (readonly string[])[]

/** A change copies the blocks that it falls into, and the list of all of them. */
const MAX_BLOCK_LENGTH = 512

export function createSortedIds(ids: Iterable<string>): SortedIds {
  const list = [...ids]
  // Most come in order; looking costs a tenth of sorting.
  return fromBlocks(cut(isOrdered(list) ? list : list.sort(compareCodePoints)))
}

function isOrdered(ids: readonly string[]): boolean {
  for (let at = 1; at < ids.length; at++) {
    if (compareCodePoints(ids[at - 1] ?? '', ids[at] ?? '') > 0) return false
  }
  return true
}

/** Pieces of one length, so that each has room: ids that come one by one, in whatever order, leave no tiny ones. */
function cut(ids: readonly string[]): Blocks {
  const count = Math.ceil(ids.length / MAX_BLOCK_LENGTH)
  const length = Math.ceil(ids.length / count)
  return Array.from({ length: count }, (_, at) => ids.slice(at * length, (at + 1) * length))
}

function fromBlocks(blocks: Blocks): SortedIds {
  return {
    list: (after, limit) => listFrom(blocks, after, limit),
    with: (steps) => fromBlocks(change(blocks, steps)),
  }
}

function listFrom(blocks: Blocks, after: string | undefined, limit: number): readonly string[] {
  let at = after === undefined ? 0 : blockOf(blocks, after)
  let start = after === undefined ? 0 : countUpTo(blocks[at] ?? [], after)
  const found: string[] = []
  for (; found.length < limit && at < blocks.length; at += 1) {
    found.push(...(blocks[at] ?? []).slice(start, start + limit - found.length))
    start = 0
  }
  return found
}

function change(blocks: Blocks, steps: readonly IdStep[]): Blocks {
  const last = [...new Map(steps.map((step) => [step.id, step])).values()]
  const sorted = last.sort((a, b) => compareCodePoints(a.id, b.id))
  const changed: (readonly string[])[] = []
  let copied = 0
  for (let next = 0; next < sorted.length; ) {
    const at = blockOf(blocks, sorted[next]?.id ?? '')
    const end = blocks[at + 1]?.[0]
    const start = next
    while (
      next < sorted.length &&
      (end === undefined || compareCodePoints(sorted[next]?.id ?? '', end) < 0)
    ) {
      next += 1
    }
    for (; copied < at; copied += 1) changed.push(blocks[copied] ?? [])
    changed.push(...cut(merge(blocks[at] ?? [], sorted.slice(start, next))))
    copied = at + 1
  }
  for (; copied < blocks.length; copied += 1) changed.push(blocks[copied] ?? [])
  return changed
}

/** Both are in order. */
function merge(ids: readonly string[], steps: readonly IdStep[]): readonly string[] {
  const merged: string[] = []
  let from = 0
  for (const { id, isAdded } of steps) {
    const to = countUpTo(ids, id)
    const isThere = to > 0 && ids[to - 1] === id
    for (; from < (isThere ? to - 1 : to); from += 1) merged.push(ids[from] ?? '')
    from = to
    if (isAdded) merged.push(id)
  }
  for (; from < ids.length; from += 1) merged.push(ids[from] ?? '')
  return merged
}

/** Where the id stands, or belongs: the last block that begins with it or before it, else the first. */
function blockOf(blocks: Blocks, id: string): number {
  let [low, high] = [0, blocks.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareCodePoints(blocks[middle]?.[0] ?? '', id) <= 0) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** How many of the sorted ids come before or are this one. */
function countUpTo(ids: readonly string[], last: string): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareCodePoints(ids[middle] ?? '', last) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
