// What rules of a table share, each once and under a number.
import { type Constant, isNumeric } from './constants.ts'
import type { Place } from './program.ts'
import type { RuleShape, RuleWording } from './rule-table.ts'

/** Things each once, by a key that two share exactly when they are the same. */
interface Pool<Key, T> {
  readonly items: readonly T[]
  readonly indexOf: (key: Key, create: () => T) => number
}

export function createPool<Key, T>(): Pool<Key, T> {
  const indices = new Map<Key, number>()
  const items: T[] = []
  return {
    items,
    indexOf: (key, create) => {
      const known = indices.get(key)
      if (known !== undefined) return known
      indices.set(key, items.length)
      return items.push(create()) - 1
    },
  }
}

/** Source, line and column as a layout holds them. */
export type LayoutEntry = readonly [source: number, line: number, column: number]

export interface Pools {
  readonly shapes: Pool<string, RuleShape>
  readonly wordings: Pool<string, RuleWording>
  readonly layouts: Pool<string, readonly LayoutEntry[]>
  readonly targets: Pool<string, readonly number[]>
  readonly strings: Pool<string, string>
  readonly numbers: Pool<number, number>
}

export function createPools(): Pools {
  return {
    shapes: createPool(),
    wordings: createPool(),
    layouts: createPool(),
    targets: createPool(),
    strings: createPool(),
    numbers: createPool(),
  }
}

export function addConstant({ kind, raw }: Constant, pools: Pools): number {
  return isNumeric(kind) ? addNumber(Number(raw), pools) : addString(String(raw), pools)
}

export function addNumber(number: number, { numbers }: Pools): number {
  return numbers.indexOf(number, () => number)
}

export function addString(text: string, { strings }: Pools): number {
  return strings.indexOf(text, () => text)
}

export function addLayout(places: readonly Place[], at: Place, { layouts }: Pools): number {
  const layout = places.map((place) => toLayoutEntry(place, at))
  return layouts.indexOf(layout.join(';'), () => layout)
}

/** How far below its rule a place may stand and still be told from it: what is farther is that of a `let` or `fn`. */
const NEAR_LINES = 100

function toLayoutEntry(
  [source, line, column]: Place,
  [ruleSource, ruleLine, ruleColumn]: Place,
): LayoutEntry {
  const below = line - ruleLine
  const isNear = source === ruleSource && below >= 0 && below <= NEAR_LINES
  if (isNear && below > 0) return [0, below, column]
  return isNear && column >= ruleColumn ? [0, 0, column - ruleColumn] : [source + 1, line, column]
}
