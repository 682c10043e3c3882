// What the service needs to know of stored rows besides what decisions read: their numbers, and assignments by id.
import { createHash } from 'node:crypto'
import { type AssignmentRecord, assignmentKey, type JsonEntityRef } from '@edict/policy-lang/program'

export interface AssignmentRow {
  readonly id: string
  readonly record: AssignmentRecord
  /** Data number of the write that put it there. */
  readonly number: number
}

/** Rows as far as a write may see them. What is set in a layer is seen there alone until it is merged. */
export interface RowIndex {
  /** Data number of the write that put an entity there as it is; undefined: there is none. */
  readonly entityNumber: (ref: JsonEntityRef) => number | undefined
  readonly assignment: (id: string) => AssignmentRow | undefined
  readonly setEntity: (ref: JsonEntityRef, number: number | undefined) => void
  readonly setAssignment: (id: string, row: AssignmentRow | undefined) => void
}

export interface RowLayer extends RowIndex {
  /** Sets all that was set here in the index below. */
  readonly merge: () => void
}

/** All rows that are safe on disk. */
export interface BaseIndex extends RowIndex {
  readonly entities: () => Iterable<JsonEntityRef>
  readonly assignments: () => Iterable<AssignmentRow>
  readonly counts: () => { readonly entities: number; readonly assignments: number }
}

export function createBaseIndex(): BaseIndex {
  const entities = new Map<string, number>()
  const assignments = new Map<string, AssignmentRow>()
  return {
    entityNumber: (ref) => entities.get(entityRowKey(ref)),
    assignment: (id) => assignments.get(id),
    setEntity: (ref, number) => setOrDelete(entities, entityRowKey(ref), number),
    setAssignment: (id, row) => setOrDelete(assignments, id, row),
    entities: function* () {
      for (const key of entities.keys()) yield readEntityRowKey(key)
    },
    assignments: () => assignments.values(),
    counts: () => ({ entities: entities.size, assignments: assignments.size }),
  }
}

export function createRowLayer(below: RowIndex): RowLayer {
  const entities = new Map<string, number | undefined>()
  const assignments = new Map<string, AssignmentRow | undefined>()
  return {
    entityNumber: (ref) => {
      const key = entityRowKey(ref)
      return entities.has(key) ? entities.get(key) : below.entityNumber(ref)
    },
    assignment: (id) => (assignments.has(id) ? assignments.get(id) : below.assignment(id)),
    setEntity: (ref, number) => entities.set(entityRowKey(ref), number),
    setAssignment: (id, row) => assignments.set(id, row),
    merge: () => {
      for (const [key, number] of entities) below.setEntity(readEntityRowKey(key), number)
      for (const [id, row] of assignments) below.setAssignment(id, row)
    },
  }
}

/** The key of an entity's row. JSON, so that no two entities share one, whatever their names hold. */
export function entityRowKey({ type, id }: JsonEntityRef): string {
  return JSON.stringify([type, id])
}

export function readEntityRowKey(key: string): JsonEntityRef {
  const [type = '', id = ''] = JSON.parse(key) as readonly string[]
  return { type, id }
}

/** Names an assignment by what it says, but for when it expires: in addresses, and as the key of its row. */
export function assignmentIdOf(record: AssignmentRecord): string {
  return createHash('sha256').update(assignmentKey(record)).digest('base64url')
}

function setOrDelete<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
