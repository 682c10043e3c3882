import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../syntax/parse.ts'
import type { Declaration, Expression, Name } from './nodes.ts'
import { printDeclaration, printExpression, printFile } from './print.ts'
import { isSameTree } from './same-tree.ts'

const span = { file: 'a', start: 0, end: 0 }

function parse(text: string): readonly Declaration[] {
  const { file, diagnostics } = parsePolicyFile({ name: 'a', text })
  expect(diagnostics, text).toEqual([])
  return file?.declarations ?? []
}

const words = fc.constantFrom(
  'a',
  'b1',
  'rule',
  'if',
  'on',
  'given',
  'some',
  'true',
  'subject',
  'illTyped',
  'has',
  '__proto__',
)
const anyText = fc.oneof(
  words,
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.constantFrom('', '"', '\\', '\n', '\u202e', 'a b', 'x-id'),
)
const name: fc.Arbitrary<Name> = anyText.map((text) => ({ name: text, span }))
const word: fc.Arbitrary<Name> = words.map((text) => ({ name: text, span }))
const RESERVED = ['some', 'true', 'subject']
const valueWord = word.filter((one) => !RESERVED.includes(one.name))
const entity = fc.record({
  kind: fc.constant('entity' as const),
  type: name,
  id: anyText,
  span: fc.constant(span),
})
const pattern = fc.constantFrom('a*', '\\*', '\\d+"', '\\\\', '')

const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const inner = tie('expression')
  const many = fc.array(inner, { minLength: 2, maxLength: 3 })
  const some = fc.array(inner, { maxLength: 2 })
  const args = fc.array(
    fc.record({ kind: fc.constant('argument' as const), name, value: inner, span: fc.constant(span) }),
    { maxLength: 2 },
  )
  const node = <K extends Expression['kind']>(
    kind: K,
    members: Record<string, fc.Arbitrary<unknown>>,
  ): fc.Arbitrary<Expression> => {
    const record = fc.record({ kind: fc.constant(kind), ...members, span: fc.constant(span) })
    return record as unknown as fc.Arbitrary<Expression>
  }
  const leaf = fc.oneof(
    node('bool', { value: fc.boolean() }),
    node('string', { value: anyText }),
    fc.nat().map((value): Expression => ({ kind: 'number', value, text: String(value), span })),
    fc.constant<Expression>({ kind: 'duration', milliseconds: 5_400_000, text: '1h30m', span }),
    node('datetime', { text: anyText }),
    node('ip', { text: anyText }),
    entity,
    node('root', { root: fc.constantFrom('subject', 'action', 'resource', 'context') }),
    node('reference', { name: valueWord }),
    node('actionTest', {
      operator: fc.constantFrom('==', '!='),
      names: fc.tuple(name),
      isList: fc.constant(false),
    }),
    node('actionTest', {
      operator: fc.constant('in'),
      names: fc.array(name, { maxLength: 3 }),
      isList: fc.constant(true),
    }),
  )
  const notAction = inner.filter((one) => one.kind !== 'root')
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression' },
      leaf,
      node('set', { elements: some }),
      node('record', { entries: args }),
      node('call', { name: valueWord, arguments: some }),
      node('hasRole', { role: name, on: inner }),
      node('member', { object: inner, name: word, isOptional: fc.boolean() }),
      node('index', { object: inner, key: inner, isOptional: fc.boolean() }),
      node('methodCall', {
        object: inner,
        name: word,
        arguments: fc.array(inner, { minLength: 1, maxLength: 2 }),
        isOptional: fc.boolean(),
      }),
      node('unary', { operator: fc.constantFrom('!', '-'), operand: inner }),
      node('logical', { operator: fc.constantFrom('&&', '||'), operands: many }),
      node('binary', { operator: fc.constantFrom('+', '-', '*'), left: inner, right: inner }),
      node('comparison', { operator: fc.constantFrom('==', '<', '>=', 'in'), left: notAction, right: inner }),
      node('is', { operand: inner, type: name }),
      node('has', { operand: inner, name: word, isQuoted: fc.constant(false) }),
      node('has', { operand: inner, name, isQuoted: fc.constant(true) }),
      node('like', { operand: inner, pattern, patternSpan: fc.constant(span) }),
      node('matches', { operand: inner, pattern, patternSpan: fc.constant(span) }),
      node('coalesce', { operands: many }),
      // biome-ignore lint/suspicious/noThenProperty: a member of the tree
      node('conditional', { test: inner, then: inner, otherwise: inner }),
      node('quantifier', {
        quantifier: fc.constantFrom('some', 'every'),
        variable: valueWord,
        set: inner,
        body: inner,
      }),
    ),
  }
})

describe('printExpression', () => {
  test.prop([expression], { numRuns: 500 })('prints what parses to the same tree, on one line', (tree) => {
    const text = printExpression(tree)
    expect(text).not.toContain('\n')
    const [declaration] = parse(`let x = ${text}`)
    expect(isSameTree(declaration?.kind === 'let' ? declaration.value : undefined, tree), text).toBe(true)
  })

  const cases: readonly (readonly [string, string])[] = [
    ['((a&&b)) &&c', '(a && b) && c'],
    ['(a + b) * -(c)', '(a + b) * -c'],
    ['(a ?? b) . c', '(a ?? b).c'],
    ['!(a in b)', '!(a in b)'],
    ['(a == b) == (c == d)', '(a == b) == (c == d)'],
    ['(some x in s: x) && !(every y in s: y)', '(some x in s: x) && !(every y in s: y)'],
    ['a?.["k"] . contains( "x" )', 'a?.["k"].contains("x")'],
    ['action in [ read , "some" ]', 'action in [read, "some"]'],
  ]
  for (const [text, expected] of cases) {
    it(`prints \`${text}\` as \`${expected}\``, () => {
      const [declaration] = parse(`let x = ${text}`)
      expect(declaration?.kind === 'let' ? printExpression(declaration.value) : '').toBe(expected)
    })
  }
})

describe('printDeclaration', () => {
  test.prop([expression], { numRuns: 200 })('breaks long lines without changing the tree', (tree) => {
    const condition = { kind: 'if' as const, condition: tree, span }
    const list = { kind: 'all' as const, span }
    const rule: Declaration = {
      ...{
        kind: 'rule',
        name: { name: 'r', span },
        isAfter: false,
        effect: 'allow',
        actions: list,
        types: list,
      },
      ...{ who: [], clauses: [condition, condition], duties: [], span },
    }
    expect(isSameTree(parse(printDeclaration(rule)), [rule])).toBe(true)
  })

  const MEMBERS = `/// doc
subject User in Team {
  /// of a
  stored a: Number
  actions x, y
}`
  it('prints docs unless told otherwise', () => {
    const [declaration] = parse(MEMBERS)
    expect(declaration && printDeclaration(declaration)).toBe(MEMBERS)
    expect(declaration && printDeclaration(declaration, { docs: false })).toBe(
      MEMBERS.replace(/ *\/\/\/.*\n/g, ''),
    )
  })

  it('prints members in the order of the tree, not of their places', () => {
    const [declaration] = parse('resource D { b: B a: A actions z, y }')
    if (declaration?.kind !== 'entityType') throw new Error('no type')
    const sorted = {
      ...declaration,
      attributes: declaration.attributes.toReversed(),
      actions: declaration.actions.toReversed(),
    }
    expect(printDeclaration(sorted)).toBe('resource D {\n  a: A\n  b: B\n  actions y, z\n}')
  })
})

describe('printFile', () => {
  it('prints what parses to the same tree, docs of every member included', () => {
    const text = `/// t
type T = "a" | Set<{ x?: Number, /// no doc
  y: Map<String> }>
context {
  /// c
  token?: { /// s
    scopes: Set<String> }
}
resource D { /// both
  actions a, b(p: Number) /// g
  actions g = a, b }
role r(x: Number) extends q when x > 1 { /// grant
  can a on D }
role q {}
trust store
test "t" { given {} subject "a b"::"c" roles [] context {} now datetime("2026-01-01") deny a by "x y" }
`
    const { file } = parsePolicyFile({ name: 'a', text })
    const printed = file === undefined ? '' : printFile(file)
    expect(isSameTree(parse(printed), file?.declarations)).toBe(true)
    expect(printed).toMatchInlineSnapshot(`
      "/// t
      type T = "a" | Set<{ x?: Number, y: Map<String> }>

      context {
        /// c
        token?: { scopes: Set<String> }
      }

      resource D {
        actions a, b(p: Number)
        actions g = a, b
      }

      role r(x: Number) extends q when x > 1 {
        can a on D
      }

      role q {}

      trust store

      test "t" {
        given {}
        subject "a b"::"c" roles []
        context {}
        now datetime("2026-01-01")
        deny a by "x y"
      }
      "
    `)
  })
})
