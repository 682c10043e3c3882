// Whether data goes round in circles: entities below themselves, holders of roles that wait for each other.
import type { AssignmentRecord } from '../../packages/policy-lang/src/model/entity-data.ts'
import type { PolicyCase, PolicyQuestion } from './arbitraries/policy-case.ts'

type Edges = ReadonlyMap<string, readonly string[]>

/** Whether some way leads back to where it began. */
function hasCircle(edges: Edges): boolean {
  return [...edges.keys()].some((start) => {
    const seen = new Set<string>()
    const open = [...(edges.get(start) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === start) return true
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(edges.get(next) ?? []))
    }
    return false
  })
}

const keyOf = (value: unknown): string => {
  const { type, id } = (value ?? {}) as { type?: unknown; id?: unknown }
  return JSON.stringify([type, id])
}

/** What the question says of parents, laid over what the store holds. */
export function hasParentsInCircle({ data }: PolicyCase, { request }: PolicyQuestion): boolean {
  const edges = new Map<string, string[]>()
  const sent = [...(request.entities ?? []), request.resource, request.subject]
  for (const entity of [...(data.entities ?? []), ...sent]) {
    const { parents } = entity
    if (Array.isArray(parents)) edges.set(keyOf(entity), parents.map(keyOf))
  }
  return hasCircle(edges)
}

/** Assignments to the holders of a role that hold theirs from each other. */
export function hasHoldersInCircle({ data }: PolicyCase): boolean {
  const edges = new Map<string, string[]>()
  const isToHolders = (to: AssignmentRecord['to']): to is Extract<typeof to, { readonly role: string }> =>
    typeof to === 'object' && 'role' in to
  const all = data.assignments ?? []
  for (const { role, to, on } of all) {
    if (!isToHolders(to)) continue
    const asked = all.filter(
      (other) =>
        other.role === to.role &&
        (other.on === '*' || !('id' in other.on) || keyOf(other.on) === keyOf(to.on)),
    )
    const key = JSON.stringify([role, on])
    edges.set(key, [
      ...(edges.get(key) ?? []),
      ...asked.map((other) => JSON.stringify([other.role, other.on])),
    ])
  }
  return hasCircle(edges)
}
