// What a write asks for → what it would do, or why it is not done. Nothing is stored here: a plan that is not carried
// out leaves no trace.
import {
  type AssignmentRecord,
  type ChangedEntityData,
  changeEntityData,
  type DataProblem,
  type EntityDataChange,
  type EntityStore,
  type JsonEntityRef,
  type JsonObject,
  type JsonValue,
  type Program,
  type StoreStep,
} from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import { mergePatch } from './merge-patch.ts'
import { checkPreconditions, type Preconditions } from './preconditions.ts'
import { type AssignmentRow, assignmentIdOf, type RowIndex } from './row-index.ts'

/** One thing to do. Rows of a body are as they were sent: what they hold is checked here. */
export type Operation = Preconditions & {
  /** Where it stands in the request, for problems: `$`, `$.operations[3]`. */
  readonly path: string
} & (
    | { readonly kind: 'put-entity'; readonly ref: JsonEntityRef; readonly content: JsonObject }
    | { readonly kind: 'patch-entity'; readonly ref: JsonEntityRef; readonly patch: JsonObject }
    /** `cascade`: assignments to it, on it, and to holders of roles on it go with it. Else they keep it there. */
    | { readonly kind: 'delete-entity'; readonly ref: JsonEntityRef; readonly cascade: boolean }
    | { readonly kind: 'put-assignment'; readonly assignment: JsonObject }
    | { readonly kind: 'delete-assignment'; readonly id: string }
  )

/** What a write meets: all that was written before it. */
export interface Draft {
  readonly program: Program
  readonly store: EntityStore
  readonly number: number
  readonly rows: RowIndex
}

export interface OperationOutcome {
  readonly kind: Operation['kind']
  /** Whether it was not there before. */
  readonly isNew: boolean
  readonly ref?: JsonEntityRef
  readonly assignmentId?: string
  /** Of what was there; it stays where nothing changes. */
  readonly number: number | undefined
}

export interface Plan {
  /** Of the data once it is done: one more than before, or the same where nothing changes. */
  readonly number: number
  readonly store: EntityStore
  readonly steps: readonly StoreStep[]
  readonly outcomes: readonly OperationOutcome[]
  /** What does no harm until a rule reads it. */
  readonly warnings: readonly DataProblem[]
}

/** Throws `PdpServerError`: `malformed-request`, `not-found`, `conflict`, `precondition-failed`. */
export function planWrite(draft: Draft, operations: readonly Operation[]): Plan {
  const planner = new Planner(draft)
  const outcomes = operations.map((operation) => planner.read(operation))
  const { program } = draft
  const changed = changeEntityData(program, draft.store, planner.changes)
  if (changed.store === undefined) throw refuseData(changed.problems)
  const orphans = planner.findOrphans(changed.store)
  if (orphans.length === 0) return toPlan(draft, changed, changed.steps, outcomes)
  const freed = changeEntityData(program, changed.store, orphans.map(toRemoval))
  return toPlan(draft, freed, [...changed.steps, ...freed.steps], outcomes)
}

function toPlan(
  draft: Draft,
  { store = draft.store, warnings }: ChangedEntityData,
  steps: readonly StoreStep[],
  outcomes: readonly OperationOutcome[],
): Plan {
  const number = steps.length === 0 ? draft.number : draft.number + 1
  return { number, store, steps, outcomes, warnings }
}

/** Reads operations one after the other: each meets what the ones before it leave. */
class Planner {
  readonly changes: EntityDataChange[] = []
  readonly #draft: Draft
  /** By `JSON.stringify` of type and id; undefined: gone. */
  readonly #entities = new Map<string, JsonObject | undefined>()
  readonly #assignments = new Map<string, AssignmentRecord | undefined>()
  readonly #deletions: { readonly ref: JsonEntityRef; readonly cascade: boolean; readonly path: string }[] =
    []

  constructor(draft: Draft) {
    this.#draft = draft
  }

  read(operation: Operation): OperationOutcome {
    const { kind } = operation
    switch (kind) {
      case 'put-entity':
        return this.#putEntity(operation, operation.ref, () => operation.content)
      case 'patch-entity':
        return this.#putEntity(operation, operation.ref, (content) => {
          if (content === undefined) throw notFound(describe(operation.ref))
          return mergePatch(content, operation.patch) as JsonObject
        })
      case 'delete-entity':
        return this.#deleteEntity(operation)
      case 'put-assignment':
        return this.#putAssignment(operation)
      case 'delete-assignment':
        return this.#deleteAssignment(operation)
    }
  }

  /**
   * Assignments that would be left of entities that go. Throws `conflict` where one is not to go with its entity:
   * it would count again for whoever gets the id next.
   */
  findOrphans(store: EntityStore): readonly AssignmentRecord[] {
    return this.#deletions.flatMap(({ ref, cascade, path }) => {
      if (store.entity(ref) !== 'absent') return []
      const orphans = this.#assignmentsOf(store, ref)
      if (orphans.length === 0 || cascade) return orphans
      const count = orphans.length === 1 ? '1 assignment names' : `${orphans.length} assignments name`
      throw new PdpServerError(
        'conflict',
        `${count} ${describe(ref)}: delete them first, or delete all with cascade`,
        { problems: [{ path, detail: `${count} it` }] },
      )
    })
  }

  #assignmentsOf(store: EntityStore, ref: JsonEntityRef): readonly AssignmentRecord[] {
    const toHolders = this.#draft.program.schema.roles.flatMap(({ name }) =>
      store.assignmentsTo({ role: name, on: ref }),
    )
    return [...new Set([...store.assignmentsTo(ref), ...store.assignmentsOn(ref), ...toHolders])]
  }

  #putEntity(
    operation: Operation,
    ref: JsonEntityRef,
    toContent: (content: JsonObject | undefined) => JsonObject,
  ): OperationOutcome {
    const before = this.#contentOf(ref)
    const number = before === undefined ? undefined : this.#numberOfEntity(ref)
    this.#check(operation, number)
    const content = toContent(before)
    refuseEndless(content, operation.path)
    // The reference comes last, and by definition: no member of a body takes its place.
    const entity = Object.fromEntries([...Object.entries(content), ['type', ref.type], ['id', ref.id]])
    this.#entities.set(JSON.stringify([ref.type, ref.id]), content)
    this.changes.push({ kind: 'put-entity', entity, path: operation.path })
    return { kind: operation.kind, isNew: before === undefined, ref, number }
  }

  #deleteEntity(operation: Extract<Operation, { kind: 'delete-entity' }>): OperationOutcome {
    const { ref, cascade, path } = operation
    const before = this.#contentOf(ref)
    const number = before === undefined ? undefined : this.#numberOfEntity(ref)
    this.#check(operation, number)
    if (before === undefined) throw notFound(describe(ref))
    this.#entities.set(JSON.stringify([ref.type, ref.id]), undefined)
    this.changes.push({ kind: 'delete-entity', type: ref.type, id: ref.id, path })
    this.#deletions.push({ ref, cascade, path })
    return { kind: 'delete-entity', isNew: false, ref, number }
  }

  #putAssignment(operation: Extract<Operation, { kind: 'put-assignment' }>): OperationOutcome {
    const assignment = operation.assignment as unknown as AssignmentRecord
    const assignmentId = assignmentIdOf(assignment)
    const before = this.#assignmentOf(assignmentId)
    const number = before === undefined ? undefined : this.#numberOfAssignment(assignmentId)
    this.#check(operation, number)
    this.#assignments.set(assignmentId, assignment)
    this.changes.push({ kind: 'put-assignment', assignment, path: operation.path })
    return { kind: 'put-assignment', isNew: before === undefined, assignmentId, number }
  }

  #deleteAssignment(operation: Extract<Operation, { kind: 'delete-assignment' }>): OperationOutcome {
    const { id, path } = operation
    const before = this.#assignmentOf(id)
    const number = before === undefined ? undefined : this.#numberOfAssignment(id)
    this.#check(operation, number)
    if (before === undefined) throw notFound('such an assignment')
    this.#assignments.set(id, undefined)
    this.changes.push({ kind: 'delete-assignment', assignment: before, path })
    return { kind: 'delete-assignment', isNew: false, assignmentId: id, number }
  }

  #check({ path, ifMatch, ifNoneMatch }: Operation, number: number | undefined): void {
    checkPreconditions({ ifMatch, ifNoneMatch }, number, path === '$' ? '' : `${path}: `)
  }

  #contentOf(ref: JsonEntityRef): JsonObject | undefined {
    const key = JSON.stringify([ref.type, ref.id])
    if (this.#entities.has(key)) return this.#entities.get(key)
    const stored = this.#draft.store.entity(ref)
    return typeof stored === 'string' ? undefined : toContent(stored)
  }

  /** One that this write puts there has the number of this write, which nobody can have seen. */
  #numberOfEntity(ref: JsonEntityRef): number {
    const { number, rows } = this.#draft
    if (this.#entities.has(JSON.stringify([ref.type, ref.id]))) return number + 1
    return rows.entityNumber(ref) ?? number
  }

  #assignmentOf(id: string): AssignmentRecord | undefined {
    if (this.#assignments.has(id)) return this.#assignments.get(id)
    return this.#draft.rows.assignment(id)?.record
  }

  #numberOfAssignment(id: string): number {
    const { number, rows } = this.#draft
    if (this.#assignments.has(id)) return number + 1
    return rows.assignment(id)?.number ?? number
  }
}

/** Rows of the index after these steps. */
export function noteSteps(rows: RowIndex, steps: readonly StoreStep[], number: number): void {
  for (const step of steps) {
    if (step.kind === 'entity') rows.setEntity(step, step.after === undefined ? undefined : number)
    else {
      const record = step.after[0] ?? step.before[0]
      if (record === undefined) continue
      const id = assignmentIdOf(record)
      const row: AssignmentRow | undefined = step.after.length === 0 ? undefined : { id, record, number }
      rows.setAssignment(id, row)
    }
  }
}

export function toContent({
  properties,
  parents,
}: {
  readonly properties: JsonObject
  readonly parents: readonly JsonEntityRef[]
}): JsonObject {
  return { properties, parents: parents as unknown as JsonValue }
}

function toRemoval(assignment: AssignmentRecord): EntityDataChange {
  return { kind: 'delete-assignment', assignment }
}

function refuseData(found: readonly DataProblem[]): PdpServerError {
  const problems = found.map(({ path, message, hint }) => ({
    path,
    detail: hint === undefined ? message : `${message} (${hint})`,
  }))
  const first = problems.slice(0, 3).map(({ path, detail }) => `${path} ${detail}`)
  const message = `the data does not fit the policies: ${first.join('; ')}${problems.length > 3 ? '; …' : ''}`
  return new PdpServerError('malformed-request', message, { problems })
}

/** JSON has no way to write what `1e999` is read as: on the disk it would become another value. */
function refuseEndless(json: JsonValue, path: string): void {
  if (typeof json === 'number' && !Number.isFinite(json)) {
    throw refuseData([{ file: '', path, message: 'is too large a number' }])
  }
  if (typeof json !== 'object' || json === null) return
  for (const [name, value] of Object.entries(json)) {
    refuseEndless(value, Array.isArray(json) ? `${path}[${name}]` : `${path}.${name.slice(0, 100)}`)
  }
}

function notFound(what: string): PdpServerError {
  return new PdpServerError('not-found', `there is no ${what}`)
}

function describe({ type, id }: JsonEntityRef): string {
  return `${type.slice(0, 100)}::${JSON.stringify(id.slice(0, 100))}`
}
