// Counts by labels whose values come from requests and policies: quick to count, and bounded.

export interface LabelCount {
  /** In the order of `count`. */
  readonly values: readonly string[]
  readonly count: number
}

export const OTHER = 'other'

/** One combination of values; whoever counts it often keeps it. */
export interface Tally {
  count: number
}

interface Leaf extends Tally {
  readonly values: readonly string[]
}

type Level = Map<string, Level | Leaf>

/**
 * A counter that tells at most `maxSets` combinations of values apart, and counts all others as `other`. Maps within
 * maps, since any text that joined the values could be part of one.
 */
export class LabelCounter {
  readonly #maxSets: number
  readonly #root: Level = new Map()
  readonly #leaves: Leaf[] = []
  readonly #other: Leaf

  constructor(maxSets: number, labelCount: number) {
    this.#maxSets = maxSets
    this.#other = { values: new Array<string>(labelCount).fill(OTHER), count: 0 }
  }

  /** `values`: one for each label. */
  count(values: readonly string[]): void {
    this.tallyOf(values).count++
  }

  /** What counts a combination from now on. Asked for only where it is counted, since it takes a place. */
  tallyOf(values: readonly string[]): Tally {
    const leaf = this.#find(values)
    if (leaf !== undefined) return leaf
    return this.#leaves.length < this.#maxSets ? this.#add(values) : this.#other
  }

  counts(): readonly LabelCount[] {
    return this.#other.count > 0 ? [...this.#leaves, this.#other] : this.#leaves
  }

  #find(values: readonly string[]): Leaf | undefined {
    let level: Level | Leaf | undefined = this.#root
    for (const value of values) level = (level as Level | undefined)?.get(value)
    return level as Leaf | undefined
  }

  #add(values: readonly string[]): Tally {
    const leaf = { values: [...values], count: 0 }
    let level = this.#root
    for (const value of values.slice(0, -1)) {
      const next = (level.get(value) ?? new Map()) as Level
      level.set(value, next)
      level = next
    }
    level.set(values.at(-1) ?? '', leaf)
    this.#leaves.push(leaf)
    return leaf
  }
}
