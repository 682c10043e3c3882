import type { IProduction, ParserMethod, Rule, TokenType } from 'chevrotain'
import {
  Alternation,
  Alternative,
  EmbeddedActionsParser,
  EOF,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  Terminal,
} from 'chevrotain'
import { describe, expect, it } from 'vitest'
import { PolicyGrammar } from './grammar.ts'
import { Comma, Identifier, TOKENS } from './tokens.ts'

// The parser library checks the alternatives of a choice. Whether to go on with an optional part or a repetition, or
// with what follows it, it decides greedily and silently. Here FIRST and FOLLOW are computed over the recorded
// grammar, and every place is found where both would accept the same token.

type Tokens = ReadonlySet<string>
interface Facts {
  readonly first: Tokens
  readonly isNullable: boolean
}

const EMPTY: Tokens = new Set()

class GrammarFacts {
  readonly #rules: readonly Rule[]
  readonly #facts = new Map<string, Facts>()
  readonly #follow = new Map<string, Set<string>>()
  readonly conflicts = new Set<string>()

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
    for (const rule of rules) this.#facts.set(rule.name, { first: EMPTY, isNullable: false })
    this.#untilStable(() => this.#updateFirst())
    for (const rule of rules) this.#follow.set(rule.name, new Set([EOF.name]))
    this.#untilStable(() => this.#updateFollow())
    for (const rule of rules)
      this.#walk(rule.definition, this.#follow.get(rule.name) ?? EMPTY, rule.name, true)
  }

  #untilStable(update: () => boolean): void {
    while (update());
  }

  #updateFirst(): boolean {
    let hasChanged = false
    for (const rule of this.#rules) {
      const before = this.#facts.get(rule.name)
      const after = this.#ofSequence(rule.definition)
      hasChanged ||= before?.first.size !== after.first.size || before.isNullable !== after.isNullable
      this.#facts.set(rule.name, after)
    }
    return hasChanged
  }

  #updateFollow(): boolean {
    const sizes = (): number => [...this.#follow.values()].reduce((sum, set) => sum + set.size, 0)
    const before = sizes()
    for (const rule of this.#rules)
      this.#walk(rule.definition, this.#follow.get(rule.name) ?? EMPTY, rule.name, false)
    return sizes() !== before
  }

  #ofSequence(sequence: readonly IProduction[]): Facts {
    const first = new Set<string>()
    for (const production of sequence) {
      const facts = this.#of(production)
      for (const token of facts.first) first.add(token)
      if (!facts.isNullable) return { first, isNullable: false }
    }
    return { first, isNullable: true }
  }

  #of(production: IProduction): Facts {
    if (production instanceof Terminal) return { first: expand(production.terminalType), isNullable: false }
    if (production instanceof NonTerminal) {
      return this.#facts.get(production.nonTerminalName) ?? { first: EMPTY, isNullable: false }
    }
    if (production instanceof Alternation) {
      const all = production.definition.map((alternative) => this.#ofSequence(definitionOf(alternative)))
      return {
        first: union(all.map(({ first }) => first)),
        isNullable: all.some(({ isNullable }) => isNullable),
      }
    }
    const inner = this.#ofSequence(definitionOf(production))
    return isOptional(production) ? { ...inner, isNullable: true } : inner
  }

  /** Gives rules that are called what follows the call; on the last walk, finds conflicts. */
  #walk(sequence: readonly IProduction[], follow: Tokens, rule: string, isLast: boolean): void {
    sequence.forEach((production, index) => {
      const rest = this.#ofSequence(sequence.slice(index + 1))
      const after = rest.isNullable ? union([rest.first, follow]) : rest.first
      this.#visit(production, after, rule, isLast)
    })
  }

  #visit(production: IProduction, after: Tokens, rule: string, isLast: boolean): void {
    if (production instanceof NonTerminal) {
      const known = this.#follow.get(production.nonTerminalName)
      for (const token of after) known?.add(token)
      return
    }
    if (production instanceof Terminal) return
    if (production instanceof Alternation) {
      for (const alternative of production.definition)
        this.#walk(definitionOf(alternative), after, rule, isLast)
      return
    }
    const inner = this.#ofSequence(definitionOf(production))
    const separator = separatorOf(production)
    const again = separator === undefined ? inner.first : new Set([separator.name])
    if (isLast && !(production instanceof Alternative))
      this.#compare(inner.first, after, again, production, rule)
    const isRepeated = !(production instanceof Option || production instanceof Alternative)
    this.#walk(definitionOf(production), isRepeated ? union([again, after]) : after, rule, isLast)
  }

  #compare(first: Tokens, after: Tokens, again: Tokens, production: IProduction, rule: string): void {
    const goOn = isOptional(production) ? union([first, again]) : again
    for (const token of goOn) if (after.has(token)) this.conflicts.add(`${rule}: ${token}`)
  }
}

function isOptional(production: IProduction): boolean {
  return (
    production instanceof Option ||
    production instanceof Repetition ||
    production instanceof RepetitionWithSeparator
  )
}

function definitionOf(production: IProduction): readonly IProduction[] {
  const hasDefinition =
    production instanceof Option ||
    production instanceof Repetition ||
    production instanceof RepetitionMandatory ||
    production instanceof RepetitionWithSeparator ||
    production instanceof RepetitionMandatoryWithSeparator ||
    production instanceof Alternative
  return hasDefinition ? production.definition : []
}

function separatorOf(production: IProduction): TokenType | undefined {
  const isSeparated =
    production instanceof RepetitionWithSeparator || production instanceof RepetitionMandatoryWithSeparator
  return isSeparated ? production.separator : undefined
}

/** The token types that match one: itself, or all of its category. */
function expand(type: TokenType): Tokens {
  const members = TOKENS.filter((token) => token.CATEGORIES?.includes(type)).map(({ name }) => name)
  return new Set([type.name, ...members])
}

function union(sets: readonly Tokens[]): Tokens {
  return new Set(sets.flatMap((set) => [...set]))
}

/** Accepted by the parser library, and ambiguous in two places. */
class GreedyGrammar extends EmbeddedActionsParser {
  readonly outer: ParserMethod<[], void> = this.RULE('outer', () => {
    this.SUBRULE(this.list)
    this.CONSUME(Identifier)
    this.OPTION(() => this.CONSUME(Comma))
    this.CONSUME1(Comma)
  })

  readonly list: ParserMethod<[], void> = this.RULE('list', () => {
    this.MANY(() => this.CONSUME(Identifier))
  })

  constructor() {
    super(TOKENS)
    this.performSelfAnalysis()
  }
}

describe('the grammar', () => {
  it('goes on with an optional part or a repetition only where nothing else could', () => {
    const grammar = new PolicyGrammar({ skipValidations: false })
    const facts = new GrammarFacts(Object.values(grammar.getGAstProductions()))
    expect([...facts.conflicts]).toEqual([])
  })

  it('would be found out', () => {
    const facts = new GrammarFacts(Object.values(new GreedyGrammar().getGAstProductions()))
    expect([...facts.conflicts].sort()).toEqual(['list: Identifier', 'outer: Comma'])
  })
})
