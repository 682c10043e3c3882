// Entity data in memory as stores that never change. A store and those made from it share one set of tables: it stands
// as the store that was read last has it, and each other store knows the way there. So the newest is read by plain
// look-ups, a change costs what it changes, and an older store, which a decision may still hold, answers as ever.

import type {
  AssignmentRecord,
  EntityData,
  EntityRecord,
  EntityStore,
  StoreChanges,
  StoredEntity,
  TargetRecord,
} from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { JsonEntityRef, JsonObject } from '../model/request.ts'
import { canonicalJson } from '../model/value-json.ts'
import { type AssignmentTable, createAssignmentTable } from './assignment-table.ts'
import { createSortedIds, type SortedIds } from './sorted-ids.ts'

/** What a store is made of. */
export interface StoreContent {
  /** By type, then by id. Taken over. */
  readonly entities: Map<string, Map<string, StoredEntity>>
  readonly assignments: readonly AssignmentRecord[]
  readonly version: string
}

/** What a change does to one entity, or to the assignments of one `assignmentKey`. */
export type StoreStep =
  | {
      readonly kind: 'entity'
      readonly type: string
      readonly id: string
      /** Undefined, here and below: it is not there. */
      readonly before: StoredEntity | undefined
      readonly after: StoredEntity | undefined
    }
  | {
      readonly kind: 'assignment'
      readonly key: string
      readonly before: readonly AssignmentRecord[]
      readonly after: readonly AssignmentRecord[]
    }

/** Which assignment it is: two that differ only in when they expire share the key. */
export function assignmentKey({ role, to, on, with: parameters }: AssignmentRecord): string {
  // `{}` and a member that is `null` say no more than nothing.
  const given = Object.entries(parameters ?? {}).filter(([, value]) => value !== null)
  return canonicalJson([
    role,
    to as JsonObject,
    on as JsonObject,
    given.length === 0 ? null : given.sort(byName),
  ])
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

interface Tables {
  readonly entities: Map<string, Map<string, StoredEntity>>
  readonly byTarget: AssignmentTable
  readonly byScope: AssignmentTable
  /** Those to the holders of a role. */
  readonly toHolders: Set<AssignmentRecord>
}

export function createEntityStore({ entities, assignments, version }: StoreContent): EntityStore {
  const tables = {
    entities,
    byTarget: createAssignmentTable(assignments, ({ to }) => to),
    byScope: createAssignmentTable(assignments, ({ on }) => on),
    toHolders: new Set(assignments.filter(isToHolders)),
  }
  return new MemoryStore(tables, version, {
    sortedIds: new Map(),
    rolesToHolders: listRoles(tables.toHolders),
  })
}

/** What a store has for itself. */
interface OwnParts {
  /** Of types that somebody listed, and of those that came after its first store. */
  readonly sortedIds: Map<string, SortedIds>
  readonly rolesToHolders: readonly string[]
}

class MemoryStore implements EntityStore {
  readonly version: string
  readonly rolesToHolders: readonly string[]
  readonly #tables: Tables
  readonly #sortedIds: Map<string, SortedIds>
  /** Undefined: the tables stand as this store has them. */
  #way: { readonly from: MemoryStore; readonly steps: readonly StoreStep[] } | undefined

  constructor(tables: Tables, version: string, { sortedIds, rolesToHolders }: OwnParts) {
    this.#tables = tables
    this.version = version
    this.#sortedIds = sortedIds
    this.rolesToHolders = rolesToHolders
  }

  // Fields, so that they can be taken off the store and still know it.
  readonly entity = ({ type, id }: JsonEntityRef): StoredEntity | 'absent' =>
    this.tables().entities.get(type)?.get(id) ?? 'absent'

  readonly assignmentsTo = (target: TargetRecord): readonly AssignmentRecord[] =>
    this.tables().byTarget.find(target)

  readonly assignmentsOn = (scope: TargetRecord): readonly AssignmentRecord[] =>
    this.tables().byScope.find(scope)

  readonly entitiesOf = (type: string, after?: string, limit?: number): readonly JsonEntityRef[] => {
    const sorted =
      this.#sortedIds.get(type) ?? createSortedIds(this.tables().entities.get(type)?.keys() ?? [])
    this.#sortedIds.set(type, sorted)
    const most = limit === undefined ? Number.POSITIVE_INFINITY : Math.max(0, limit)
    return sorted.list(after, most).map((id) => ({ type, id }))
  }

  // No field: a store that is made of this one with some answers of its own differs in more than this one knows.
  changesSince(previous: EntityStore): StoreChanges | undefined {
    if (!(#tables in this && previous instanceof MemoryStore) || previous.#tables !== this.#tables)
      return undefined
    this.tables()
    const way: (readonly StoreStep[])[] = []
    for (let at: MemoryStore = previous; at.#way !== undefined; at = at.#way.from)
      way.push(invert(at.#way.steps))
    return toChanges(way.flat())
  }

  /** The tables, as this store has them. */
  tables(): Tables {
    if (this.#way === undefined) return this.#tables
    const path: MemoryStore[] = []
    for (let at: MemoryStore = this; at.#way !== undefined; at = at.#way.from) path.push(at)
    for (const store of path.reverse()) {
      const way = store.#way
      if (way === undefined) continue
      take(this.#tables, way.steps)
      way.from.#way = { from: store, steps: invert(way.steps) }
      store.#way = undefined
    }
    return this.#tables
  }

  /** The store after these steps. Its tables are those of this one. */
  after(steps: readonly StoreStep[], version: string): MemoryStore {
    const tables = this.tables()
    const sortedIds = takeIdSteps(this.#sortedIds, tables.entities, steps)
    take(tables, steps)
    const next = new MemoryStore(tables, version, {
      sortedIds,
      rolesToHolders: steps.some(isAboutHolders) ? listRoles(tables.toHolders) : this.rolesToHolders,
    })
    this.#way = { from: next, steps: invert(steps) }
    return next
  }
}

/** A store that can be gone on from. */
export interface ChangeableStore extends EntityStore {
  /** Those with the `assignmentKey` of this one. */
  readonly assignmentsLike: (assignment: AssignmentRecord) => readonly AssignmentRecord[]
  readonly assignmentsToHolders: () => Iterable<AssignmentRecord>
  readonly after: (steps: readonly StoreStep[], version: string) => EntityStore
}

/** Undefined for a store that was not made here. */
export function toChangeable(store: EntityStore): ChangeableStore | undefined {
  if (!(store instanceof MemoryStore)) return undefined
  return {
    ...store,
    assignmentsLike: (assignment) => {
      const [ofTarget, ofScope] = [store.assignmentsTo(assignment.to), store.assignmentsOn(assignment.on)]
      const key = assignmentKey(assignment)
      return (ofTarget.length < ofScope.length ? ofTarget : ofScope).filter(
        (one) => assignmentKey(one) === key,
      )
    },
    assignmentsToHolders: () => store.tables().toHolders,
    after: (steps, version) => store.after(steps, version),
  }
}

/** All rows of a store, to be handed on. Undefined for a store that was not made here. */
export function listEntityData(store: EntityStore): Required<EntityData> | undefined {
  if (!(store instanceof MemoryStore)) return undefined
  const { entities, byTarget } = store.tables()
  const rows: EntityRecord[] = []
  for (const [type, ofType] of entities) {
    for (const [id, { properties, parents }] of ofType) rows.push({ type, id, properties, parents })
  }
  return { entities: rows, assignments: [...byTarget.all()] }
}

function take({ entities, byTarget, byScope, toHolders }: Tables, steps: readonly StoreStep[]): void {
  const gone: AssignmentRecord[] = []
  const come: AssignmentRecord[] = []
  for (const step of steps) {
    if (step.kind === 'entity') takeEntity(entities, step)
    else {
      gone.push(...step.before)
      come.push(...step.after)
    }
  }
  byTarget.change(gone, come)
  byScope.change(gone, come)
  for (const row of gone) toHolders.delete(row)
  for (const row of come) if (isToHolders(row)) toHolders.add(row)
}

function takeEntity(
  entities: Tables['entities'],
  { type, id, after }: Extract<StoreStep, { kind: 'entity' }>,
): void {
  const ofType = entities.get(type) ?? new Map<string, StoredEntity>()
  entities.set(type, ofType)
  if (after === undefined) ofType.delete(id)
  else ofType.set(id, after)
}

function invert(steps: readonly StoreStep[]): readonly StoreStep[] {
  return steps.map((step) => ({ ...step, before: step.after, after: step.before }) as StoreStep).reverse()
}

/** The order of types that somebody listed, and of those that are new. */
function takeIdSteps(
  known: ReadonlyMap<string, SortedIds>,
  entities: Tables['entities'],
  steps: readonly StoreStep[],
): Map<string, SortedIds> {
  const next = new Map(known)
  const idSteps = steps.filter((step) => step.kind === 'entity').filter(isComingOrGoing)
  for (const [type, ofType] of Map.groupBy(idSteps, ({ type }) => type)) {
    const sorted = next.get(type) ?? (entities.has(type) ? undefined : createSortedIds([]))
    if (sorted === undefined) continue
    next.set(type, sorted.with(ofType.map(({ id, after }) => ({ id, isAdded: after !== undefined }))))
  }
  return next
}

function isComingOrGoing({ before, after }: Extract<StoreStep, { kind: 'entity' }>): boolean {
  return (before === undefined) !== (after === undefined)
}

function toChanges(steps: readonly StoreStep[]): StoreChanges {
  const entities = new Map<string, JsonEntityRef>()
  const come = new Set<AssignmentRecord>()
  const gone = new Set<AssignmentRecord>()
  for (const step of steps) {
    if (step.kind === 'entity') {
      entities.set(entityKey(step.type, step.id), { type: step.type, id: step.id })
      continue
    }
    // One that came and went on the way was never in the earlier store.
    for (const row of step.before) if (!come.delete(row)) gone.add(row)
    for (const row of step.after) if (!gone.delete(row)) come.add(row)
  }
  return { entities: [...entities.values()], gone: [...gone], come: [...come] }
}

function isAboutHolders(step: StoreStep): boolean {
  return step.kind === 'assignment' && [...step.before, ...step.after].some(isToHolders)
}

function isToHolders({ to }: AssignmentRecord): boolean {
  return to !== '*' && 'role' in to
}

function listRoles(toHolders: ReadonlySet<AssignmentRecord>): readonly string[] {
  return [...new Set([...toHolders].map(({ role }) => role))]
}
