import type { Clause, Duty, Effect, Name } from '../ast/nodes.ts'
import type { RepeatedRule, RulePattern } from '../ast/repeated-rule.ts'
import { walkExpression } from '../ast/walk.ts'
import { createPair } from './applicability.ts'
import type { CheckState } from './check-state.ts'
import type { CheckedSample, Repetition, ResolvedWho } from './checked.ts'
import type { Observations } from './expressions/run-typing.ts'
import type { Pair } from './expressions/typing.ts'
import { type InspectedRule, inspectRule } from './inspect-rule.ts'
import { createTypeClasses } from './type-classes.ts'
import { warnEveryOfRule } from './warn-every.ts'
import { warnReplaceable } from './warn-replaceable.ts'

/**
 * Checks rules that are written alike by a sample of them, on one of the types that look alike to it. Only where there
 * is nothing at all to say about the sample does it stand for the others: whatever is to be said is said of each rule,
 * in its own words and at its own place.
 * INVARIANT: what stands in a hole is a literal that the checks ask for its type alone, once a stand-in has passed.
 */
export function createSampleCheck(state: CheckState): (rule: RepeatedRule) => InspectedRule | undefined {
  const classOf = createTypeClasses(state)
  const pairsOf = createPairMemo(state)
  const samples = new Map<RulePattern, PatternSamples>()
  return (rule) => {
    const { pattern } = rule
    let known = samples.get(pattern)
    if (known === undefined) {
      known = { pairsOf: pairsOf(pattern), ownNames: namesIn(pattern), byClass: new Map() }
      samples.set(pattern, known)
    }
    const type = pattern.typeHole === undefined ? '' : (rule.values[pattern.typeHole] ?? '')
    const typeClass = classOf(type)
    const pairs = known.pairsOf(type, typeClass, rule)
    if (pairs === undefined) return undefined
    const key = known.ownNames.has(type) ? `=${type}` : typeClass
    let found = known.byClass.get(key)
    if (found === undefined) {
      found = checkSample(pattern, pairs, state) ?? 'unlike'
      known.byClass.set(key, found)
    }
    return found === 'unlike' ? undefined : new InspectedRepetition(rule, pairs, found)
  }
}

interface PatternSamples {
  readonly pairsOf: PairFinder
  /** Names that the words of the pattern hold: to it, a type of such a name is like no other. */
  readonly ownNames: ReadonlySet<string>
  readonly byClass: Map<string, Sample | 'unlike'>
}

interface Sample {
  readonly checked: CheckedSample
  readonly inspected: InspectedRule
}

function checkSample(pattern: RulePattern, pairs: readonly Pair[], state: CheckState): Sample | undefined {
  // Nodes of its own: what is noted of them holds for types of this class.
  const rule = pattern.readSample()
  const inspected = state.probe(() => {
    const found = inspectRule(rule, pairs, state)
    warnEveryOfRule(found, state.report)
    warnReplaceable([found], [], state)
    return found
  })
  if (inspected?.observed === undefined || !isQuiet(inspected.observed)) return undefined
  return { inspected, checked: { rule, who: inspected.who, pairs } }
}

/** Nothing was noted that a later check would tell of the place where it was found. */
function isQuiet({ roleTests, parentReads, constants, argumentTypes }: Observations): boolean {
  return roleTests.length + parentReads.length + constants.size + argumentTypes.size === 0
}

/** What was found out about a rule by its sample. There may be a hundred thousand: it holds no more than it has to. */
class InspectedRepetition implements InspectedRule, Repetition {
  readonly rule: RepeatedRule
  readonly pairs: readonly Pair[]
  readonly #sample: Sample

  constructor(rule: RepeatedRule, pairs: readonly Pair[], sample: Sample) {
    this.rule = rule
    this.pairs = pairs
    this.#sample = sample
  }

  get repeats(): Repetition {
    return this
  }

  get sample(): CheckedSample {
    return this.#sample.checked
  }

  get name(): Name {
    return this.rule.name
  }

  get effect(): Effect {
    return this.#sample.inspected.effect
  }

  get isAfter(): boolean {
    return this.#sample.inspected.isAfter
  }

  get subjects(): readonly string[] {
    return this.#sample.inspected.subjects
  }

  get who(): readonly ResolvedWho[] {
    return this.#sample.inspected.who
  }

  get clauses(): readonly Clause[] {
    return this.#sample.inspected.clauses
  }

  get duties(): readonly Duty[] {
    return this.#sample.inspected.duties
  }

  get observed(): Observations | undefined {
    return this.#sample.inspected.observed
  }
}

/** Pairs by actions and type; `undefined` where something is wrong with them. */
function createPairMemo({ pairs, probe }: CheckState): (pattern: RulePattern) => PairFinder {
  const byActions = new Map<string, PairFinder>()
  return ({ sample: { actions, types } }) => {
    const names = [actions, types].map((list) =>
      list.kind === 'all' ? '*' : list.names.map(({ name }) => name),
    )
    // The type in the sample is a stand-in, or the one type of all rules of the pattern.
    const key = JSON.stringify(names)
    const known = byActions.get(key)
    if (known !== undefined) return known
    const byType = new Map<string, readonly Pair[]>()
    const byClass = new Map<string, readonly Pair[]>()
    const finder: PairFinder = (type, typeClass, rule) => {
      let found = byType.get(type)
      if (found !== undefined) return found
      const alike = byClass.get(typeClass)
      if (alike === undefined) {
        const { scope } = rule
        found = probe(() => pairs.resolve(scope.actions, scope.types))
        if (found === undefined) return undefined
        byClass.set(typeClass, found)
      } else found = alike.map(({ action }) => createPair(action, type))
      byType.set(type, found)
      return found
    }
    byActions.set(key, finder)
    return finder
  }
}

type PairFinder = (type: string, typeClass: string, rule: RepeatedRule) => readonly Pair[] | undefined

function namesIn({ sample: { who, clauses } }: RulePattern): ReadonlySet<string> {
  const names = new Set<string>()
  for (const member of who) {
    if (member.kind === 'entity') names.add(member.type.name)
    if (member.kind === 'whoName') names.add(member.name.name)
  }
  for (const { condition } of clauses) {
    walkExpression(condition, (node) => {
      if (node.kind === 'is' || node.kind === 'entity') names.add(node.type.name)
    })
  }
  return names
}
