/**
 * What a test that came out true (or false) says about the values at some paths. Facts stand on their own: they
 * do not rest on what was known before, so that they can be combined in any order, as failure logic demands.
 */
export type Facts = ReadonlyMap<string, Fact> | 'never'

export interface Fact {
  /** The value is of one of these types (for the path of `action`: one of these pairs). */
  readonly only?: ReadonlySet<string>
  /** The value is of none of these types. */
  readonly except?: ReadonlySet<string>
  readonly isPresent: boolean
}

export const NO_FACTS: Facts = new Map()

export function factsOf(path: string | undefined, fact: Fact): Facts {
  return path === undefined ? NO_FACTS : new Map([[path, fact]])
}

/** Both hold. */
export function bothHold(a: Facts, b: Facts): Facts {
  if (a === 'never' || b === 'never') return 'never'
  if (b.size === 0) return a
  if (a.size === 0) return b
  const merged = new Map(a)
  for (const [path, fact] of b) {
    const known = merged.get(path)
    merged.set(path, known === undefined ? fact : narrow(known, fact))
  }
  return merged
}

/** At least one of them holds: what they agree on. */
export function eitherHolds(a: Facts, b: Facts): Facts {
  if (a === 'never') return b
  if (b === 'never') return a
  const merged = new Map<string, Fact>()
  for (const [path, fact] of a) {
    const other = b.get(path)
    const common = other && widen(fact, other)
    if (common !== undefined) merged.set(path, common)
  }
  return merged
}

/** A growing set of facts for walking a chain: adding is constant, however long the chain. */
export function createFactStack(start: Facts): { add(facts: Facts): void; current(): Facts } {
  let current = start
  let isOwn = false
  return {
    current: () => current,
    add: (facts) => {
      if (facts === 'never' || current === 'never') {
        current = 'never'
        return
      }
      if (facts.size === 0) return
      const own = isOwn ? (current as Map<string, Fact>) : new Map(current)
      isOwn = true
      current = own
      for (const [path, fact] of facts) {
        const known = own.get(path)
        own.set(path, known === undefined ? fact : narrow(known, fact))
      }
    },
  }
}

function narrow(a: Fact, b: Fact): Fact {
  const only = a.only && b.only ? intersect(a.only, b.only) : (a.only ?? b.only)
  const except = a.except && b.except ? new Set([...a.except, ...b.except]) : (a.except ?? b.except)
  return { isPresent: a.isPresent || b.isPresent, ...(only && { only }), ...(except && { except }) }
}

function widen(a: Fact, b: Fact): Fact | undefined {
  const isPresent = a.isPresent && b.isPresent
  if (a.only && b.only) return { isPresent, only: new Set([...a.only, ...b.only]) }
  if (a.except && b.except) return { isPresent, except: intersect(a.except, b.except) }
  return isPresent ? { isPresent } : undefined
}

function intersect(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((member) => b.has(member)))
}

/** The members of a union that facts leave. */
export function filterByFact(types: readonly string[], fact: Fact | undefined): readonly string[] {
  const { only, except } = fact ?? {}
  if (only === undefined && except === undefined) return types
  return types.filter((type) => (only?.has(type) ?? true) && !(except?.has(type) ?? false))
}
