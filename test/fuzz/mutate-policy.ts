// Changes to policy text as a tree: an expression, a type, a whole declaration in the place of another.
import { parsePolicyFile } from '../../packages/policy-lang/src/syntax/parse.ts'
import type { Random } from './random.ts'

/** A node of the syntax tree, by its place in the text. */
interface NodePlace {
  readonly kind: string
  readonly start: number
  readonly end: number
}

/** Texts of nodes by kind, to be put in the place of others. */
export type NodeTexts = ReadonlyMap<string, readonly string[]>

/** Of these, any may stand for any other. */
const EXPRESSIONS = new Set(
  (
    'bool string number duration datetime ip entity root reference actionTest set record call hasRole member ' +
    'index methodCall unary is has like matches logical coalesce binary comparison conditional quantifier'
  ).split(' '),
)

export function collectNodeTexts(texts: readonly string[]): NodeTexts {
  const found = new Map<string, string[]>()
  for (const text of texts) {
    for (const { kind, start, end } of findNodes(text)) {
      const ofKind = found.get(kind)
      if (ofKind === undefined) found.set(kind, [text.slice(start, end)])
      else ofKind.push(text.slice(start, end))
    }
  }
  return found
}

/** Exchanges one node for another of its kind, takes one out, or doubles one. A text with syntax errors stays. */
export function mutatePolicyTree(text: string, random: Random, nodeTexts: NodeTexts): string {
  const nodes = findNodes(text)
  if (nodes.length === 0) return text
  const { kind, start, end } = random.pick(nodes)
  const own = text.slice(start, end)
  const put = (by: string) => text.slice(0, start) + by + text.slice(end)
  switch (random.below(5)) {
    case 0:
      return put('')
    case 1:
      return put(`${own} ${own}`)
    case 2: {
      const same = nodes.filter((node) => node.kind === kind)
      const other = random.pick(same)
      return put(text.slice(other.start, other.end))
    }
    default:
      return put(random.pick(nodeTexts.get(kind) ?? [own]))
  }
}

function findNodes(text: string): readonly NodePlace[] {
  const { file } = parsePolicyFile({ name: 'x', text })
  const nodes: NodePlace[] = []
  const pending: unknown[] = [file?.declarations]
  for (let next = pending.pop(); pending.length > 0 || next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const { kind, span } = next as { kind?: unknown; span?: { start: number; end: number } }
    if (typeof kind === 'string' && span !== undefined) {
      nodes.push({ kind: EXPRESSIONS.has(kind) ? 'expression' : kind, start: span.start, end: span.end })
    }
    for (const child of Object.values(next)) if (typeof child === 'object') pending.push(child)
  }
  return nodes
}
