// Changes to entity data → a store with them, or why they are refused. What it takes, loading all the data anew would
// take, and nothing else: rows are read by the same functions, and cycles sought from what changes.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { AssignmentRecord, EntityStore, StoredEntity } from '../model/entity-data.ts'
import type { JsonEntityRef, JsonObject, JsonValue } from '../model/request.ts'
import { canonicalJson } from '../model/value-json.ts'
import type { Program } from '../program/program.ts'
import { createProblemSink, type DataProblem, type ProblemSink, type RowPlace } from './data-problem.ts'
import { type DataSchema, toDataSchema } from './data-schema.ts'
import { assignmentKey, type ChangeableStore, type StoreStep, toChangeable } from './entity-store.ts'
import { type ReadAssignment, readAssignment } from './read-assignment.ts'
import { type ReadEntity, readEntity } from './read-entity.ts'
import { findCycles, reportCycle } from './refuse-parent-cycles.ts'
import { refuseRoleCycles } from './refuse-role-cycles.ts'

export { assignmentKey, type StoreStep } from './entity-store.ts'

/** One change. Of several to one row, the last counts. */
export type EntityDataChange = (
  | { readonly kind: 'put-entity'; readonly entity: unknown }
  | { readonly kind: 'delete-entity'; readonly type: string; readonly id: string }
  /** It takes the place of one that differs from it only in when it expires. */
  | { readonly kind: 'put-assignment'; readonly assignment: unknown }
  | { readonly kind: 'delete-assignment'; readonly assignment: AssignmentRecord }
) & {
  /** Where it stands, put before paths in problems. Default `$`. */
  readonly path?: string
}

export interface ChangedEntityData {
  /** Left out where any change is refused. The store of before where nothing is other than it was. */
  readonly store?: EntityStore
  /** What the changes did, each row once; empty where they are refused. */
  readonly steps: readonly StoreStep[]
  /** Why they are refused. `file` is `''` for a row of the changes, `store` for one that was there. */
  readonly problems: readonly DataProblem[]
  readonly warnings: readonly DataProblem[]
}

const NOTHING: readonly AssignmentRecord[] = []

/**
 * Changes entity data, all or nothing. The store of before stays as it was, and all that did not change is shared, so
 * that the cost is that of the changes. The `version` of the new one follows from that of the old and the changes.
 *
 * @param store of `loadEntityData`, or of this function; it is taken to fit the Program
 * @throws TypeError for any other store
 */
export function changeEntityData(
  program: Program,
  store: EntityStore,
  changes: readonly EntityDataChange[],
): ChangedEntityData {
  const before = requireChangeable(store)
  const { sink, entities, assignments } = readChanges(program, toDataSchema(program), before, changes)
  const { problems, warnings } = sink
  if (problems.length > 0) return { steps: [], problems, warnings }
  const steps = [...toEntitySteps(before, entities), ...toAssignmentSteps(before, assignments)]
  const next = steps.length === 0 ? store : before.after(steps, nextVersion(store.version, steps))
  return { store: next, steps, problems, warnings }
}

/** Gives why changes would be refused. */
export type ChangeCheck = (store: EntityStore, changes: readonly EntityDataChange[]) => readonly DataProblem[]

/**
 * Checks changes without making them: all rows of a store that are put where they are tell whether it fits the Program,
 * however few are put at a time.
 * @throws TypeError as `changeEntityData`
 */
export function createChangeCheck(program: Program): ChangeCheck {
  const schema = toDataSchema(program)
  return (store, changes) => readChanges(program, schema, requireChangeable(store), changes).sink.problems
}

function requireChangeable(store: EntityStore): ChangeableStore {
  const changeable = toChangeable(store)
  if (changeable === undefined) throw new TypeError('this store cannot be changed')
  return changeable
}

function readChanges(
  program: Program,
  schema: DataSchema,
  before: ChangeableStore,
  changes: readonly EntityDataChange[],
): Reading {
  const reading: Reading = {
    schema,
    sink: createProblemSink(),
    entities: new EntityChanges(),
    assignments: new Map(),
  }
  for (const change of changes) readChange(change, reading)
  refuseNewParentCycles(before, reading.entities, schema, reading.sink)
  refuseNewRoleCycles(program, before, reading.assignments, reading.sink)
  return reading
}

interface EntityChange extends JsonEntityRef {
  /** Undefined: it goes. */
  readonly row: ReadEntity | undefined
}

/** By type and id, the last one of each. */
class EntityChanges {
  readonly #byType = new Map<string, Map<string, EntityChange>>()

  find(type: string, id: string): EntityChange | undefined {
    return this.#byType.get(type)?.get(id)
  }

  set(change: EntityChange): void {
    const ofType = this.#byType.get(change.type) ?? new Map<string, EntityChange>()
    this.#byType.set(change.type, ofType.set(change.id, change))
  }

  all(): readonly EntityChange[] {
    return [...this.#byType.values()].flatMap((ofType) => [...ofType.values()])
  }
}

interface AssignmentChange {
  /** Of the same key. */
  readonly like: AssignmentRecord
  /** Undefined: it goes. */
  readonly row: ReadAssignment | undefined
}

interface Reading {
  readonly schema: DataSchema
  readonly sink: ReturnType<typeof createProblemSink>
  readonly entities: EntityChanges
  readonly assignments: Map<string, AssignmentChange>
}

function readChange(change: EntityDataChange, { schema, sink, entities, assignments }: Reading): void {
  const place: RowPlace = { file: '', path: change.path ?? '$' }
  switch (change.kind) {
    case 'put-entity': {
      const row = readEntity(change.entity as JsonValue, place, schema, sink)
      if (row !== undefined) entities.set({ type: row.type, id: row.id, row })
      return
    }
    case 'delete-entity':
      entities.set({ type: change.type, id: change.id, row: undefined })
      return
    case 'put-assignment': {
      const row = readAssignment(change.assignment as JsonValue, place, schema, sink)
      if (row !== undefined) assignments.set(assignmentKey(row.record), { like: row.record, row })
      return
    }
    case 'delete-assignment':
      assignments.set(assignmentKey(change.assignment), { like: change.assignment, row: undefined })
  }
}

/** A cycle that was not there before leads through an entity that is put. */
function refuseNewParentCycles(
  before: ChangeableStore,
  changes: EntityChanges,
  { types }: DataSchema,
  sink: ProblemSink,
): void {
  const known = new Map<StoredEntity, ReadEntity>()
  const find = (type: string, id: string): ReadEntity | undefined => {
    const change = changes.find(type, id)
    if (change !== undefined) return change.row
    const stored = before.entity({ type, id })
    if (stored === 'absent' || stored === 'unavailable') return undefined
    const row = known.get(stored) ?? { type, id, ...stored, place: STORED }
    known.set(stored, row)
    return row
  }
  const all = changes.all().flatMap(({ row }) => (row === undefined ? [] : [row]))
  for (const cycle of findCycles({ all, find }, (type) => types.has(type))) reportCycle(cycle, sink)
}

const STORED: RowPlace = { file: 'store', path: '$' }

function refuseNewRoleCycles(
  program: Program,
  before: ChangeableStore,
  changes: ReadonlyMap<string, AssignmentChange>,
  sink: ProblemSink,
): void {
  const put = [...changes.values()].flatMap(({ row }) => (row === undefined ? [] : [row]))
  // Only assignments to the holders of a role add edges, and what was there closes no cycle by itself.
  if (!put.some(({ record: { to } }) => to !== '*' && 'role' in to)) return
  const others = [...before.assignmentsToHolders()].filter((record) => !changes.has(assignmentKey(record)))
  refuseRoleCycles(program, [...put, ...others.map((record) => ({ record, place: STORED }))], sink)
}

function toEntitySteps(before: ChangeableStore, changes: EntityChanges): readonly StoreStep[] {
  return changes.all().flatMap(({ type, id, row }): readonly StoreStep[] => {
    const found = before.entity({ type, id })
    const known = typeof found === 'string' ? undefined : found
    const after = row && { properties: row.properties, parents: row.parents }
    if (after === undefined ? known === undefined : known !== undefined && isSameEntity(known, after))
      return []
    return [{ kind: 'entity', type, id, before: known, after }]
  })
}

function isSameEntity(a: StoredEntity, b: StoredEntity): boolean {
  return entityText(a) === entityText(b)
}

function entityText({ properties, parents }: StoredEntity): string {
  return canonicalJson([properties, parents.map(({ type, id }) => [type, id])])
}

function toAssignmentSteps(
  before: ChangeableStore,
  changes: ReadonlyMap<string, AssignmentChange>,
): readonly StoreStep[] {
  return [...changes].flatMap(([key, { like, row }]): readonly StoreStep[] => {
    const known = before.assignmentsLike(like)
    const after = row === undefined ? NOTHING : [row.record]
    if (known.length === after.length && known[0]?.expires === after[0]?.expires) return []
    return [{ kind: 'assignment', key, before: known, after }]
  })
}

/** SHA-256, lower-case hex: another history gives another version. */
function nextVersion(version: string, steps: readonly StoreStep[]): string {
  const digest = sha256.create().update(utf8ToBytes(version))
  for (const step of steps) digest.update(utf8ToBytes(`\n${stepText(step)}`))
  return bytesToHex(digest.digest())
}

function stepText(step: StoreStep): string {
  if (step.kind === 'assignment') return `${step.key} ${canonicalJson(step.after as unknown as JsonObject)}`
  const { type, id, after } = step
  return `${canonicalJson([type, id])} ${after === undefined ? '-' : entityText(after)}`
}
