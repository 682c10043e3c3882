import { describe, expect, it } from 'vitest'
import { checkSet, findInText } from './fixtures/check-text.ts'

const TYPES =
  'trust store\nsubject U\nresource D in F { flag: Bool  other: D  next: F  actions x }\nresource F in F { actions x }\n'

function findCycles(text: string): readonly string[] {
  return findInText(TYPES + text, { alone: true }).filter((line) => line.startsWith('negative-role-cycle'))
}

describe('buildRoleGraph', () => {
  it.each([
    [
      '`&&`, `||`, arms and defaults',
      'role a of D if resource.flag && (hasRole(a, resource.other) || (resource.flag ? hasRole(a) : false))',
    ],
    [
      'the body of a quantifier',
      'role a of D if resource.flag && (some d in [resource.other]: hasRole(a, d))',
    ],
    [
      '`let` and the arguments of `fn`',
      'fn id(b: Bool) = b\nlet A = hasRole(a, resource.other)\nrole a of D if id(hasRole(a, resource.other)) && A',
    ],
    ['`extends` and inheritance', 'inherited role a extends b\nrole b of D if hasRole(a)'],
  ])('takes a role test through %s as positive', (_claim, text) => {
    expect(findCycles(text)).toEqual([])
  })

  it.each([
    ['`!`', 'role a of D if !hasRole(a, resource.other)'],
    ['a comparison', 'role a of D if hasRole(a, resource.other) == false'],
    ['the test of `?:`', 'role a of D if hasRole(a, resource.other) ? resource.flag : false'],
    ['a negated argument', 'fn not(b: Bool) = !b\nrole a of D if not(hasRole(a, resource.other))'],
    [
      'the entity of another test',
      'role a of D if hasRole(b, hasRole(a) ? resource : resource.other)\nrole b',
    ],
    ['`extends`', 'role a extends b\nrole a of D if !hasRole(b)\nrole b { can x on D }'],
    [
      'inheritance',
      'inherited role a of D\nrole a of F if !hasRole(a, D::"d")'.replace(' of D\n', ' { can x on D }\n'),
    ],
    [
      'an assignment to holders',
      'role a of D if !hasRole(b)\nrole b { can x on D }\nassign b to a of D::"d" on any D',
    ],
    ['`when`', 'role a when !hasRole(a, D::"d") { can x on D }'],
  ])('finds a cycle that is negative through %s', (_claim, text) => {
    expect(findCycles(text)).toHaveLength(1)
  })

  it('keeps types apart', () => {
    expect(findCycles('role a of D if !hasRole(a, resource.next)')).toEqual([])
  })

  it('is empty without a negated role test', () => {
    const { roleGraph } = checkSet(`${TYPES}role a of D if hasRole(a, resource.other)`, { alone: true })
    expect(roleGraph).toEqual({ nodes: [], edges: [] })
  })

  it('holds all edges once a negated one makes them matter', () => {
    const { roleGraph } = checkSet(
      `${TYPES}role a of D if !hasRole(b, resource.next)\ninherited role b { can x on D }`,
      { alone: true },
    )
    const edges = roleGraph.edges.map(({ from, to, isNegative }) => [
      roleGraph.nodes[from],
      isNegative ? '-!' : '->',
      roleGraph.nodes[to],
    ])
    expect(
      edges.map((edge) =>
        edge.map((part) => (typeof part === 'string' ? part : `${part?.role}:${part?.type}`)).join(' '),
      ),
    ).toEqual(['a:D -! b:F', 'b:D -> b:F', 'b:F -> b:F'])
  })
})
