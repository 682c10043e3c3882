import { describe, expect, it } from 'vitest'
import {
  createRoleGraphBuilder,
  findNegativeCycle,
  type RoleDependency,
  type RoleGraph,
} from './role-graph.ts'

/** `a -> b` rests on b positively, `a -! b` negatively. */
function parseEdge(text: string): RoleDependency {
  const [from = '', arrow, to = ''] = text.split(' ')
  return { from: { role: from, type: 'T' }, to: { role: to, type: 'T' }, isNegative: arrow === '-!' }
}

function toGraph(edges: readonly string[]): RoleGraph {
  const builder = createRoleGraphBuilder()
  for (const edge of edges) builder.add(parseEdge(edge))
  return builder.build()
}

function checkCycle(
  edges: readonly string[],
  extra: readonly string[],
  expected: readonly string[] | undefined,
) {
  const cycle = findNegativeCycle(toGraph(edges), extra.map(parseEdge))
  expect(cycle?.map((edge) => `${edge.from.role} ${edge.isNegative ? '-!' : '->'} ${edge.to.role}`)).toEqual(
    expected,
  )
}

describe('findNegativeCycle', () => {
  it.each([
    ['finds nothing in an empty graph', [], [], undefined],
    ['lets positive cycles be', ['a -> b', 'b -> a', 'a -> a'], [], undefined],
    ['lets negative edges between components be', ['a -! b', 'b -> c', 'c -> b'], [], undefined],
    ['finds a role that rests on its own negation', ['a -! a'], [], ['a -! a']],
    [
      'finds a cycle with one negative edge',
      ['a -> b', 'b -! c', 'c -> a'],
      [],
      ['b -! c', 'c -> a', 'a -> b'],
    ],
    ['finds a negative edge beside a positive one', ['a -> b', 'a -! b', 'b -> a'], [], ['a -! b', 'b -> a']],
    ['finds a cycle closed by an extra edge', ['a -! b'], ['b -> a'], ['a -! b', 'b -> a']],
    [
      'finds a cycle through nodes that only extra edges name',
      ['a -! b'],
      ['b -> x', 'x -> a'],
      ['a -! b', 'b -> x', 'x -> a'],
    ],
    [
      'takes prototype names as names',
      ['__proto__ -! constructor', 'constructor -> __proto__'],
      [],
      ['__proto__ -! constructor', 'constructor -> __proto__'],
    ],
  ] as const)('%s', (_claim, edges, extra, expected) => checkCycle(edges, extra, expected))

  it('walks a chain of 100,000 roles without recursion', () => {
    const builder = createRoleGraphBuilder()
    for (let index = 0; index < 100_000; index++) builder.add(parseEdge(`r${index} -> r${index + 1}`))
    builder.add(parseEdge('r100000 -! r0'))
    expect(findNegativeCycle(builder.build())).toHaveLength(100_001)
  })
})
