// Assignments of policy text, store and request as one: looked up by where they count and which role they give.
import { scopeKey } from '../model/assignment-key.ts'
import type { AssignmentRecord, EntityStore, ScopeRecord } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { EntityRef } from '../model/values.ts'
import type { ProgramRole } from '../program/program.ts'
import {
  type Assignment,
  type AssignmentIndex,
  indexAssignments,
  selectAssignments,
} from './assignment-index.ts'
import type { LinkedProgram } from './link.ts'
import type { Meter } from './meter.ts'
import type { Reads } from './reads.ts'
import type { Facts } from './session.ts'

/** Assignments of a role with exactly this `on`, those left out that are certainly to others. */
export type FindAssignments = (scope: ScopeRecord, role: ProgramRole) => readonly Assignment[]

export interface AssignmentSources {
  readonly linked: LinkedProgram
  readonly store: EntityStore
  readonly subject: EntityRef
  readonly facts: Facts
  /** The subject's `roles` of the request, and the JSON paths where they could stand. */
  readonly requested: { readonly assignments: readonly AssignmentRecord[]; readonly paths: readonly string[] }
  readonly meter: Meter
  readonly reads: Reads
  /** Told the role of rows in the store that are left out, for the policy does not declare it. */
  readonly onUndeclared: (role: string) => void
}

export function createAssignmentFinder(sources: AssignmentSources): FindAssignments {
  const { linked, store, requested, meter, reads, onUndeclared } = sources
  const sent = Map.groupBy(requested.assignments, ({ on }) => scopeKey(on))
  const byScope = new Map<string, readonly AssignmentIndex[]>()
  const collect = (scope: ScopeRecord, key: string): readonly AssignmentIndex[] => [
    ...indexOnce(linked.assignments.get(key) ?? [], 'policy', '', linked),
    ...indexOnce(store.assignmentsOn(scope), 'data', store.version, linked),
    ...(sent.has(key) ? [indexAssignments(sent.get(key) ?? [], 'request', linked.roles)] : []),
  ]
  let targets: ReadonlySet<string> | 'unknown' | undefined
  const targetsOfSubject = (): ReadonlySet<string> | undefined => {
    targets ??= collectTargets(sources) ?? 'unknown'
    return targets === 'unknown' ? undefined : targets
  }
  return (scope, role) => {
    reads.assignments(role.name)
    for (const path of requested.paths) reads.request(path)
    const key = scopeKey(scope)
    const known = byScope.get(key)
    const indexes = known ?? collect(scope, key)
    if (known === undefined) {
      byScope.set(key, indexes)
      for (const { undeclared } of indexes) undeclared.forEach(onUndeclared)
    }
    const found = indexes.flatMap((index) => selectAssignments(index, role.name, targetsOfSubject))
    meter.step(found.length)
    return found
  }
}

/** Rows are read once for as long as a store gives the same ones under the same version; most scopes have none. */
function indexOnce(
  records: readonly AssignmentRecord[],
  source: Assignment['source'],
  version: string,
  { assignmentIndexes, roles }: LinkedProgram,
): readonly AssignmentIndex[] {
  if (records.length === 0) return []
  const known = assignmentIndexes.get(records)
  if (known?.version === version) return [known.index]
  const index = indexAssignments(records, source, roles)
  assignmentIndexes.set(records, { version, index })
  return [index]
}

/** Keys of everything that an assignment can be to and mean the subject; `undefined` where a group may be missing. */
function collectTargets({ subject, facts, meter }: AssignmentSources): ReadonlySet<string> | undefined {
  const targets = new Set(['*', scopeKey({ type: subject.type })])
  const visited = new Set<string>()
  const pending = [subject]
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    const key = entityKey(current.type, current.id)
    if (visited.has(key)) continue
    visited.add(key)
    meter.step()
    targets.add(scopeKey({ type: current.type, id: current.id }))
    const parents = facts.parents(current)
    if (parents === undefined) return undefined
    for (const parent of parents) pending.push(parent)
  }
  return targets
}
