import { readdirSync, readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatPolicy } from './format.ts'
import { PolicyGrammar } from './grammar.ts'
import { lexSource } from './lex.ts'
import { parseWith } from './parse.ts'

const POLICIES = new URL('../../../../policies/', import.meta.url)

/** The policy sets that people start from: texts as they are written. */
function readPolicies(): readonly { readonly name: string; readonly text: string }[] {
  const names = readdirSync(POLICIES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.edict'),
  )
  return names.sort().map((name) => ({ name, text: readFileSync(new URL(name, POLICIES), 'utf8') }))
}

interface Place {
  readonly start: number
  readonly end: number
}
interface Mutation {
  readonly text: string
  /** Where the text was changed, in the changed text. */
  readonly place: Place
}

const INSERTED = [')', '}', ',', ':', '==', 'if', 'on', '"x"', 'x', '7', '.', '!', 'rule', '{', '(']

/** Texts with one token left out, put in, or replaced, at every place that `step` chooses. */
function* mutations(text: string, step: number): Generator<Mutation> {
  const { tokens } = lexSource({ name: 'x', text })
  for (let index = step % 7; index < tokens.length; index += step) {
    const token = tokens[index]
    if (token === undefined) continue
    const { startOffset: start } = token
    const end = start + token.image.length
    const extra = INSERTED[(index * 7) % INSERTED.length] ?? ''
    yield { text: text.slice(0, start) + text.slice(end), place: { start, end: start } }
    yield {
      text: `${text.slice(0, start)}${extra} ${text.slice(start)}`,
      place: { start, end: start + extra.length },
    }
    yield {
      text: text.slice(0, start) + extra + text.slice(end),
      place: { start, end: start + extra.length },
    }
  }
}

/** Whether two places are the same token or neighbours. */
function isWithinOneToken(text: string, a: Place, b: Place): boolean {
  const { tokens } = lexSource({ name: 'x', text })
  const from = Math.min(a.end, b.end)
  const to = Math.max(a.start, b.start)
  const between = tokens.filter(
    ({ startOffset, image }) => startOffset >= from && startOffset + image.length <= to,
  )
  return between.length <= 1
}

describe('parsePolicyFile', () => {
  let grammar: PolicyGrammar
  const policies = readPolicies()
  beforeAll(() => {
    grammar = new PolicyGrammar({ skipValidations: false })
  })

  it('gives one error within one token for a text with one wrong token, 19 times of 20', () => {
    let broken = 0
    const wrong: string[] = []
    for (const { name, text } of policies) {
      for (const { text: changed, place } of mutations(text, 127)) {
        const { diagnostics } = parseWith(grammar, { name, text: changed })
        if (diagnostics.length === 0) continue
        broken++
        const [only] = diagnostics
        const places = only === undefined ? [] : [only.span, ...(only.related ?? []).map(({ span }) => span)]
        const isExact =
          diagnostics.length === 1 && places.some((span) => isWithinOneToken(changed, span, place))
        if (!isExact)
          wrong.push(`${name} ${place.start}: ${diagnostics.map(({ message }) => message).join(' | ')}`)
      }
    }
    expect(broken).toBeGreaterThan(300)
    expect(wrong.length / broken, wrong.slice(0, 20).join('\n')).toBeLessThanOrEqual(0.05)
  })

  const words = lexSource({ name: 'x', text: policies.map(({ text }) => text).join('\n') }).tokens.map(
    ({ image }) => image,
  )
  const soup = fc.array(
    fc.oneof(fc.constantFrom(...words), fc.constantFrom('\n', '\n  ', '// c\n', '/// d\n')),
    { maxLength: 60 },
  )

  test.prop([soup], { numRuns: 300 })('says something or reads everything of any words', (parts) => {
    const text = parts.join(' ')
    const { file, diagnostics } = parseWith(grammar, { name: 'x', text })
    expect((file === undefined) !== (diagnostics.length === 0)).toBe(true)
    for (const { span } of diagnostics) {
      expect(span.start).toBeGreaterThanOrEqual(0)
      expect(span.end).toBeGreaterThanOrEqual(span.start)
      expect(span.end).toBeLessThanOrEqual(text.length)
    }
  })

  test.prop([fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string())], {
    numRuns: 300,
  })('never throws, whatever the text', (text) => {
    const { diagnostics } = parseWith(grammar, { name: 'x', text })
    expect(diagnostics.length).toBeLessThanOrEqual(100)
    const formatted = formatPolicy(text)
    expect(formatted.text === undefined).toBe(formatted.diagnostics.length > 0)
  })

  const HOSTILE: readonly (readonly [string, string])[] = [
    ['parentheses', '('.repeat(100_000)],
    ['braces', '{'.repeat(100_000)],
    ['closing braces', '}'.repeat(100_000)],
    ['quotes', '"'.repeat(100_001)],
    ['backslashes', `let x = "${'\\'.repeat(100_001)}`],
    ['slashes', '/ '.repeat(100_000)],
    ['starts of block comments', '/*'.repeat(50_000)],
    ['exclamation marks', `let x = ${'!'.repeat(10_000)}true`],
    ['minus signs', `let x = ${'-'.repeat(10_000)}1`],
    ['plus signs', `let x = 1${' + 1'.repeat(10_000)}`],
    ['members', `let x = a${'.b'.repeat(10_000)}`],
    ['question marks', `let x = ${'a ? '.repeat(10_000)}`],
    ['conditionals', `let x = ${'a ? b : '.repeat(10_000)}c`],
    ['quantifiers', `let x = ${'some x in s: '.repeat(10_000)}c`],
    ['angle brackets', `type X = ${'Set<'.repeat(10_000)}`],
    ['keywords', 'rule '.repeat(10_000)],
    ['keywords on lines', 'rule\n'.repeat(10_000)],
    ['broken rules', 'rule a: allow\n'.repeat(2_000)],
    ['strange characters', '\u0000'.repeat(10_000)],
  ]
  for (const [name, text] of HOSTILE) {
    it(`gives errors for a flood of ${name}`, () => {
      const { diagnostics } = parseWith(grammar, { name: 'x', text })
      expect(diagnostics.length).toBeGreaterThan(0)
      expect(diagnostics.length).toBeLessThanOrEqual(100)
    })
  }

  it('reads long chains of `&&` and many rules', () => {
    const chain = `let x = ${Array.from({ length: 10_000 }, (_, index) => `a${index}`).join(' && ')}`
    expect(parseWith(grammar, { name: 'x', text: chain }).diagnostics).toEqual([])
    const rules = Array.from({ length: 10_000 }, (_, index) => {
      return `rule r${index}: allow read on Document if resource.owner == subject && resource.level < ${index}`
    })
    expect(parseWith(grammar, { name: 'x', text: rules.join('\n') }).file?.declarations).toHaveLength(10_000)
  })
})
