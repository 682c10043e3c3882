// Rules by the value that a key must have, filled when somebody first asks, or before, some rules at a time. Of each
// rule no more is read than where it belongs; the rest, once its key comes up: of many rules, few are ever asked for.
import { appendRule, type ListedRule, type RuleList } from './rule-list.ts'

/** Rules of one family, as buckets take them in. */
export interface BucketFamily {
  readonly numbers: readonly number[]
  /** The values of the key that a rule asks for, each once. */
  readonly valuesOf: (rule: number) => readonly unknown[]
  readonly list: (rule: number) => ListedRule
}

export interface RuleBuckets {
  /** The rules of a key, as emitted code walks them. */
  readonly get: (key: unknown) => RuleList | undefined
  readonly numbersOf: (key: unknown) => readonly number[]
  /** All of them, in the order in which their values come first. One that asks for several values stands there for each. */
  readonly numbers: () => readonly number[]
  /** Takes in so many more; gives whether any are left. */
  readonly fill: (count: number) => boolean
}

interface Bucket {
  /** Family by family: its place, and the number of the rule. */
  readonly members: number[]
  list: RuleList | undefined
}

export function createRuleBuckets(families: readonly BucketFamily[]): RuleBuckets {
  const buckets = new Map<unknown, Bucket>()
  let family = 0
  let place = 0

  function fill(count: number): boolean {
    let left = count
    for (let current = families[family]; current !== undefined; current = families[family]) {
      const { numbers, valuesOf } = current
      for (; place < numbers.length; place += 1) {
        if (left === 0) return true
        left -= 1
        const rule = numbers[place] as number
        for (const value of valuesOf(rule)) add(value, rule)
      }
      family += 1
      place = 0
    }
    return false
  }

  function add(value: unknown, rule: number): void {
    const bucket = buckets.get(value)
    if (bucket === undefined) buckets.set(value, { members: [family, rule], list: undefined })
    else bucket.members.push(family, rule)
  }

  function find(key: unknown): Bucket | undefined {
    if (family < families.length) fill(Number.POSITIVE_INFINITY)
    return buckets.get(key)
  }

  return {
    get(key) {
      const bucket = find(key)
      if (bucket === undefined) return undefined
      bucket.list ??= toList(bucket, families)
      return bucket.list
    },
    numbersOf(key) {
      const bucket = find(key)
      return bucket === undefined ? [] : numbersOf(bucket)
    },
    numbers() {
      fill(Number.POSITIVE_INFINITY)
      return [...buckets.values()].flatMap(numbersOf)
    },
    fill,
  }
}

function numbersOf({ members }: Bucket): readonly number[] {
  return members.filter((_, place) => place % 2 === 1)
}

function toList({ members }: Bucket, families: readonly BucketFamily[]): RuleList {
  const list: RuleList = []
  for (let at = 0; at < members.length; at += 2) {
    const family = families[members[at] as number] as BucketFamily
    appendRule(list, family.list(members[at + 1] as number))
  }
  return list
}
