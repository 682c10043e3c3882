// Assignments of policy text, store and request as one: looked up by where they count and which role they give.

import { scopeKey } from '../model/assignment-key.ts'
import { decodeValue, isIllTyped } from '../model/decode-value.ts'
import type { AssignmentRecord, EntityStore, ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import type { JsonObject } from '../model/request.ts'
import type { FieldType } from '../model/types.ts'
import type { Value } from '../model/values.ts'
import type { Place, ProgramRole } from '../program/program.ts'
import type { LinkedProgram } from './link.ts'
import type { Meter } from './meter.ts'
import type { Reads } from './reads.ts'
import type { Failure } from './result.ts'
import { failure } from './result.ts'
import type { RoleParameters } from './session.ts'

/** An assignment, read. */
export interface Assignment {
  readonly to: TargetRecord
  readonly on: ScopeRecord
  /** Epoch milliseconds; `undefined`: it does not end. */
  readonly expires: number | Failure | undefined
  readonly parameters: RoleParameters
  readonly source: 'policy' | 'data' | 'request'
  /** Of one in policy text. */
  readonly at?: Place
}

/** Assignments of a role with exactly this `on`. */
export type FindAssignments = (scope: ScopeRecord, role: ProgramRole) => readonly Assignment[]

export interface AssignmentSources {
  readonly linked: LinkedProgram
  readonly store: EntityStore
  /** The subject's `roles` of the request, and the JSON paths where they could stand. */
  readonly requested: { readonly assignments: readonly AssignmentRecord[]; readonly paths: readonly string[] }
  readonly meter: Meter
  readonly reads: Reads
}

const NONE: ReadonlyMap<string, readonly Assignment[]> = new Map()

export function createAssignmentFinder(sources: AssignmentSources): FindAssignments {
  const { linked, store, meter, reads } = sources
  const requested = Map.groupBy(sources.requested.assignments, ({ on }) => scopeKey(on))
  const byScope = new Map<string, ReadonlyMap<string, readonly Assignment[]>>()
  const collect = (scope: ScopeRecord, key: string): ReadonlyMap<string, readonly Assignment[]> => {
    const read = (source: Assignment['source']) => (record: AssignmentRecord) =>
      readAssignment(record, source, linked)
    const stored = store.assignmentsOn(scope)
    const written = linked.assignments.get(key) ?? []
    const sent = requested.get(key) ?? []
    // Most entities have none, and a long way up leads past many of them.
    if (stored.length + written.length + sent.length === 0) return NONE
    meter.step(stored.length)
    const all = [
      ...written.flatMap(read('policy')),
      ...stored.flatMap(read('data')),
      ...sent.flatMap(read('request')),
    ]
    return Map.groupBy(all, ({ role }) => role)
  }
  return (scope, role) => {
    reads.assignments(role.name)
    for (const path of sources.requested.paths) reads.request(path)
    const key = scopeKey(scope)
    const assignments = byScope.get(key) ?? collect(scope, key)
    byScope.set(key, assignments)
    return assignments.get(role.name) ?? []
  }
}

/** Nothing for a role that the policy does not declare. */
function readAssignment(
  record: AssignmentRecord & { readonly at?: Place },
  source: Assignment['source'],
  linked: LinkedProgram,
): (Assignment & { readonly role: string })[] {
  const role = linked.roles.get(record.role)?.role
  if (role === undefined) return []
  const { to, on, at } = record
  return [
    {
      role: role.name,
      to,
      on,
      expires: readExpiry(record.expires),
      parameters: readParameters(record.with ?? {}, role.parameters, '$.with'),
      source,
      ...(at !== undefined && { at }),
    },
  ]
}

/** Rows with an ill-typed expiry are refused where data is loaded; one that slips through is not known to count. */
function readExpiry(json: AssignmentRecord['expires']): number | Failure | undefined {
  const decoded = decodeValue(json, { kind: 'datetime' }, '$.expires')
  if (isIllTyped(decoded)) return failure(`an assignment has an ill-typed expiry: ${decoded.message}`)
  return typeof decoded === 'object' && decoded.kind === 'datetime' ? decoded.epochMs : undefined
}

/** The parameters of a role from `with`, or why they are not all there. */
export function readParameters(json: JsonObject, fields: readonly FieldType[], path: string): RoleParameters {
  const decoded = decodeValue(json, { kind: 'record', fields }, path)
  if (isIllTyped(decoded)) return failure(`${decoded.path} is ill-typed: ${decoded.message}`, decoded)
  if (typeof decoded === 'object' && decoded.kind === 'record') return decoded.entries
  return new Map<string, Value>()
}
