import type { Footprint } from '../model/answer.ts'
import { compareCodePoints } from '../model/code-points.ts'

/** Notes what a decision read, for its footprint. */
export interface Reads {
  readonly request: (path: string) => void
  readonly attribute: (type: string, attribute: string) => void
  readonly parents: (type: string) => void
  readonly assignments: (role: string) => void
  readonly toFootprint: () => Footprint
}

const NOTHING_READ: Footprint = { request: [], attributes: [], parents: [], assignments: [] }

/** For a decision whose footprint nobody asked for. */
export const UNNOTED_READS: Reads = {
  request: () => {},
  attribute: () => {},
  parents: () => {},
  assignments: () => {},
  toFootprint: () => NOTHING_READ,
}

export function createReads(): Reads {
  const request = new Set<string>()
  const attributes = new Map<string, Set<string>>()
  const parents = new Set<string>()
  const assignments = new Set<string>()
  return {
    request: (path) => request.add(path),
    attribute: (type, attribute) =>
      attributes.set(type, (attributes.get(type) ?? new Set<string>()).add(attribute)),
    parents: (type) => parents.add(type),
    assignments: (role) => assignments.add(role),
    toFootprint: () => ({
      request: sorted(request),
      attributes: sorted(attributes.keys()).flatMap((type) =>
        sorted(attributes.get(type) ?? []).map((attribute) => ({ type, attribute })),
      ),
      parents: sorted(parents),
      assignments: sorted(assignments),
    }),
  }
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].sort(compareCodePoints)
}
