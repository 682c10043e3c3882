/**
 * Which role on which type rests on which: the ground of stratified recursion (docs/language.md, "Recursion").
 * Nodes are pairs of role and entity type; `edges` count into `nodes`. A graph without a negative edge is left
 * empty: assignments only add positive edges, so nothing can ever close a negative cycle in it.
 */
export interface RoleGraph {
  readonly nodes: readonly RoleNode[]
  readonly edges: readonly RoleEdge[]
}

export interface RoleNode {
  readonly role: string
  readonly type: string
}

/** Whether a role is held (`from`) rests on whether another is (`to`). */
export interface RoleEdge {
  readonly from: number
  readonly to: number
  readonly isNegative: boolean
}

/** An edge spelt out, for nodes that need not be in the graph yet. */
export interface RoleDependency {
  readonly from: RoleNode
  readonly to: RoleNode
  readonly isNegative: boolean
}

/**
 * A cycle with a negative edge, or `undefined` where there is none. The cycle starts with its negative edge, and
 * each edge ends where the next one starts. Linear in nodes and edges, without recursion.
 */
export function findNegativeCycle(
  graph: RoleGraph,
  extraEdges: readonly RoleDependency[] = [],
): readonly RoleDependency[] | undefined {
  if (!graph.edges.some((edge) => edge.isNegative) && !extraEdges.some((edge) => edge.isNegative)) {
    return undefined
  }
  const { nodes, edges } = addEdges(graph, extraEdges)
  const outgoing = groupBySource(nodes.length, edges)
  const component = findComponents(outgoing)
  const negative = edges.find((edge) => edge.isNegative && component[edge.from] === component[edge.to])
  if (negative === undefined) return undefined
  const back = findPath(outgoing, component, negative.to, negative.from)
  const toDependency = (edge: RoleEdge): RoleDependency => ({
    from: nodes[edge.from] as RoleNode,
    to: nodes[edge.to] as RoleNode,
    isNegative: edge.isNegative,
  })
  return [negative, ...back].map(toDependency)
}

/** A builder that numbers nodes as they come and keeps each edge once. */
export interface RoleGraphBuilder {
  add(dependency: RoleDependency): void
  build(): RoleGraph
}

export function createRoleGraphBuilder(start: RoleGraph = { nodes: [], edges: [] }): RoleGraphBuilder {
  const nodes: RoleNode[] = []
  const edges: RoleEdge[] = []
  const indices = new Map<string, Map<string, number>>()
  const known = new Set<string>()
  const indexOf = (node: RoleNode): number => {
    const byType = indices.get(node.role) ?? new Map<string, number>()
    indices.set(node.role, byType)
    const found = byType.get(node.type)
    if (found !== undefined) return found
    byType.set(node.type, nodes.length)
    return nodes.push(node) - 1
  }
  const addEdge = (from: number, to: number, isNegative: boolean) => {
    const key = `${from} ${to} ${isNegative}`
    if (known.has(key)) return
    known.add(key)
    edges.push({ from, to, isNegative })
  }
  start.nodes.forEach(indexOf)
  for (const edge of start.edges) addEdge(edge.from, edge.to, edge.isNegative)
  return {
    add: ({ from, to, isNegative }) => addEdge(indexOf(from), indexOf(to), isNegative),
    build: () => ({ nodes, edges }),
  }
}

function addEdges(graph: RoleGraph, extraEdges: readonly RoleDependency[]): RoleGraph {
  if (extraEdges.length === 0) return graph
  const builder = createRoleGraphBuilder(graph)
  for (const edge of extraEdges) builder.add(edge)
  return builder.build()
}

type Outgoing = readonly (readonly RoleEdge[])[]

function groupBySource(nodeCount: number, edges: readonly RoleEdge[]): Outgoing {
  const outgoing: RoleEdge[][] = Array.from({ length: nodeCount }, () => [])
  for (const edge of edges) outgoing[edge.from]?.push(edge)
  return outgoing
}

/** Tarjan's strongly connected components with an explicit stack: the graph is as large as the policy. */
function findComponents(outgoing: Outgoing): readonly number[] {
  const count = outgoing.length
  const order = new Array<number>(count).fill(-1)
  const low = new Array<number>(count).fill(0)
  const component = new Array<number>(count).fill(-1)
  const open: number[] = []
  let visited = 0
  let components = 0

  const enter = (node: number) => {
    order[node] = visited
    low[node] = visited
    visited++
    open.push(node)
  }
  const lower = (node: number, value: number) => {
    low[node] = Math.min(low[node] ?? value, value)
  }
  const close = (node: number) => {
    if (low[node] !== order[node]) return
    let member: number | undefined
    do {
      member = open.pop()
      if (member !== undefined) component[member] = components
    } while (member !== node && member !== undefined)
    components++
  }

  for (let root = 0; root < count; root++) {
    if (order[root] !== -1) continue
    enter(root)
    const frames = [{ node: root, next: 0 }]
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const edge = outgoing[frame.node]?.[frame.next++]
      if (edge === undefined) {
        close(frame.node)
        frames.pop()
        const parent = frames.at(-1)
        if (parent !== undefined) lower(parent.node, low[frame.node] ?? 0)
      } else if (order[edge.to] === -1) {
        enter(edge.to)
        frames.push({ node: edge.to, next: 0 })
      } else if (component[edge.to] === -1) {
        lower(frame.node, order[edge.to] ?? 0)
      }
    }
  }
  return component
}

/** A shortest path inside one component; empty where `from` is `to`. */
function findPath(
  outgoing: Outgoing,
  component: readonly number[],
  from: number,
  to: number,
): readonly RoleEdge[] {
  const cameBy = new Map<number, RoleEdge>()
  const queue = [from]
  for (let index = 0; index < queue.length && !(from === to || cameBy.has(to)); index++) {
    for (const edge of outgoing[queue[index] as number] ?? []) {
      if (component[edge.to] !== component[from] || cameBy.has(edge.to) || edge.to === from) continue
      cameBy.set(edge.to, edge)
      queue.push(edge.to)
    }
  }
  const path: RoleEdge[] = []
  for (let node = to; node !== from; ) {
    const edge = cameBy.get(node)
    if (edge === undefined) break
    path.push(edge)
    node = edge.from
  }
  return path.reverse()
}
