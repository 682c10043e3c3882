import { readdirSync, readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SourceFile } from '../../diagnostics/span.ts'
import { anyPolicySet, toSources } from '../../testing/arbitraries.ts'
import { PLACE_FIXTURES } from '../fixtures/place-fixtures.ts'
import { SLIP_FIXTURES } from '../fixtures/slip-fixtures.ts'
import { TOKEN_FIXTURES } from '../fixtures/token-fixtures.ts'
import { PolicyGrammar } from '../grammar.ts'
import { lexSource } from '../lex.ts'
import { parsePolicyFile, parseWith } from '../parse.ts'
import { parseStraight } from './parse-straight.ts'

const POLICIES = new URL('../../../../../policies/', import.meta.url)

function readPolicies(): readonly SourceFile[] {
  const names = readdirSync(POLICIES, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.edict'))
    .map((name) => ({ name, text: readFileSync(new URL(name, POLICIES), 'utf8') }))
}

describe('parseStraight', () => {
  let grammar: PolicyGrammar
  beforeAll(() => {
    grammar = new PolicyGrammar({ skipValidations: true })
  })
  const policies = readPolicies()
  const fixtures = [...PLACE_FIXTURES, ...SLIP_FIXTURES, ...TOKEN_FIXTURES]

  const ANY_TEST = { kind: 'trustStore', span: { file: 'a.edict', start: 0, end: 0 } } as const

  /** The same tree and the same comments, where it does not give up: then the grammar reads the source in any case. */
  function checkAgreement(text: string): void {
    const source = { name: 'a.edict', text }
    if (parseStraight(source, () => ANY_TEST) === undefined) return
    expect(parsePolicyFile(source), text).toStrictEqual(parseWith(grammar, source))
  }

  /** Nothing in order is left to the grammar, which would be right and slow. */
  function checkStraight(text: string): void {
    const { file } = parseWith(grammar, { name: 'a.edict', text })
    if (file === undefined) return
    expect(
      parseStraight({ name: 'a.edict', text }, () => ANY_TEST),
      text,
    ).toBeDefined()
  }

  it.each(policies)('reads $name as the grammar does', ({ text }) => {
    checkAgreement(text)
    checkStraight(text)
  })

  it('reads as the grammar does what the fixtures of mistakes hold', () => {
    for (const { failing, passing } of fixtures) {
      checkAgreement(failing)
      checkAgreement(passing)
      checkStraight(passing)
    }
  })

  const NOTABLE: readonly string[] = [
    '',
    '\ufeffentity A',
    'entity A\r\n// c\r\nentity B',
    'entity A\rentity B',
    'entity A // é\n/// doc é\nentity "é"',
    'entity resource A',
    'subject resource A subject B resource C entity D',
    'resource A { actions: String  stored: Bool, stored stored: Bool stored parents stored roles actions stored, actions }',
    'resource A { stored parents: Bool stored roles?: Bool actions?: String }',
    'resource A { stored parents stored parents }',
    '/// a\nresource A {\n/// b\nactions\n/// c\nread,\n/// d\nwrite\n/// e\nactions f = read\n/// f\nstored\n/// g\na: Bool\n}',
    'resource A { a: Set<Map<Set<String>>> | "x" | { b?: Number, c: Ip } }',
    'type A = List<String>',
    'inherited role a if true',
    'role a(x: Number, y?: Bool) extends b, c when x > 1 { can read, "w x" on A, B if x == 1 advise n() can * on * }',
    'role a of A, B if true role b if false role c',
    'assign a to any U on any V assign b(x: 1, y: [1]) to anyone until datetime("2026-01-01") assign c to d of E::"f" on G::"h" assign "i j" to K::""',
    'rule on: allow role on on',
    'rule "on": after deny to, "on" on A to role x, type y, anyone, A::"b", c unless a if b obligate n(a: 1, "b c": 2) advise if()',
    'invariant "i": never * on * to x if y invariant "j": always read on A',
    'let a = 1 + 2 * 3 - 4 * -5 + !!b',
    'let a = (1 + 2) * (3 - 4)',
    'let a = a || b && c || d == e && f in g || !h',
    'let a = (a ?? b ?? c) == d',
    'let a = a ?? b == c',
    'let a = a == b ?? c',
    'let a = a has b ?? c',
    'let a = a == b == c',
    'let a = a is B is C',
    'let a = a has "b" && a has b && a is "C" && a like "x\\*\\"" || a matches "\\d"',
    'let a = a ? b ? c : d : e ? f : g',
    'let a = some x in y: every z in x: z ? some b in c: d : e',
    'let a = some x in y ? z : w: u',
    'let a = a.b?.c["d"]?.["e"].f(g, h).on?.if(i)[j]',
    'let a = a.b()',
    'let a = f() + f(1) + f(a, b).c',
    'let a = action == read || action in [read, "w x", A::"x"] || action != Action::"read" || (action) == b',
    'let a = action in edit && action.name in ["a"]',
    'let a = "x"::"y" == A::"\\u0041\\n" && datetime("x") < ip("y") && hasRole(r) && hasRole("r s", a.b)',
    'let a = {} let b = {a: 1, "b": {c: []}} let c = [[], [1, 2]]',
    'let a = 1.5 + 1d2h3m4s + 5m + 12 .x + 1.5.x',
    'let a = 1m2h',
    'let a = 1.5.5',
    'let a = 1x',
    'let a = "\\q"',
    'let a = "\\ud800"',
    'let a = "x\\',
    'let a = "x\ny"',
    'let a = "\ud800"',
    'let a = # 1',
    'fn f(a: Set<String>, b?: Number) = a.size > 1 fn g() = true',
    'test "t" { given { A::"a" { b: illTyped } assign r to A::"a" } subject A::"a" allow read by r.x.Y#2 }',
    '/// doc\ntest "t" {\n/// inner\nsubject A::"a" // end\n}\n// last\n/// doc\nentity B',
    'test "t" { subject }',
    'test "t" { } }',
    'test "t" {',
    'trust store trust store',
    `let a = ${'('.repeat(100)}1${')'.repeat(100)}`,
    `let a = ${'('.repeat(99)}1${')'.repeat(99)}`,
    `let a = ${'!'.repeat(99)}b`,
    `let a = ${'!'.repeat(100)}b`,
    `let a = b${'.c'.repeat(99)}`,
    `let a = b${'.c'.repeat(100)}`,
    `let a = ${'b ? c : '.repeat(99)}d`,
    `let a = ${'b ? c : '.repeat(100)}d`,
    `type A = ${'Set<'.repeat(99)}B${'>'.repeat(99)}`,
    `type A = ${'Set<'.repeat(100)}B${'>'.repeat(100)}`,
  ]
  it.each(NOTABLE)('reads %j as the grammar does', (text) => {
    checkAgreement(text)
    checkStraight(text)
  })

  it('reads as the grammar does with a token left out, doubled or moved', () => {
    for (const { text } of policies) {
      const { tokens } = lexSource({ name: 'a.edict', text })
      for (let index = tokens.length % 61; index < tokens.length; index += 499) {
        const [token, next] = [tokens[index], tokens[index + 1]]
        if (token === undefined || next === undefined) continue
        const [start, end] = [token.startOffset, next.startOffset]
        checkAgreement(text.slice(0, start) + text.slice(end))
        checkAgreement(text.slice(0, end) + text.slice(start))
        checkAgreement(
          `${text.slice(0, start)}${next.image} ${token.image} ${text.slice(end + next.image.length)}`,
        )
      }
    }
  })

  const words = [
    ...new Set(
      policies.flatMap(({ text }) => lexSource({ name: 'x', text }).tokens.map(({ image }) => image)),
    ),
  ]
  const soup = fc.array(fc.oneof(fc.constantFrom(...words), fc.constantFrom('\n', '// c\n', '/// d\n')), {
    maxLength: 12,
  })
  const beginnings = [
    '',
    'rule a: allow ',
    'let a = b ',
    'let a = ',
    'role a ',
    'resource A { ',
    'assign a ',
    'type A = ',
  ]
  test.prop([fc.constantFrom(...beginnings), soup], { numRuns: 300 })(
    'reads any words as the grammar does',
    (beginning, parts) => {
      const text = beginning + parts.join(' ')
      checkAgreement(text)
      checkStraight(text)
    },
  )

  test.prop([anyPolicySet()])('reads generated policies as the grammar does', (generated) => {
    for (const { text } of toSources(generated)) {
      checkAgreement(text)
      checkStraight(text)
    }
  })
})
