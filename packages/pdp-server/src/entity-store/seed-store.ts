// Between files of entity data and stores.
import { randomBytes } from 'node:crypto'
import {
  type AssignmentRecord,
  assignmentKey,
  type EntityData,
  type EntityRecord,
} from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import { assignmentIdOf, entityRowKey } from './row-index.ts'
import { toWriteError, toWriteFault } from './store-error.ts'
import { type OpenOptions, openStoreFile, type RowWrite } from './store-file.ts'
import { toAssignment, toEntity } from './stored-data.ts'

/**
 * Puts rows that fit the policies in a store, all or none. Throws `PdpServerError`: `conflict` where the store holds
 * something already, `unreadable-files` where it cannot be opened, `store-full` and the like where it cannot be written.
 *
 * @param now epoch milliseconds
 */
export function importRows(
  path: string,
  content: Required<EntityData>,
  now: number,
  options: OpenOptions = {},
): { readonly entities: number; readonly assignments: number } {
  const file = openStoreFile(path, { create: true, ...options })
  try {
    if (file.entities().length + file.assignments().length > 0) {
      throw new PdpServerError('conflict', `${path} holds entity data already: import into a new file`)
    }
    const number = Math.max(file.state().number + 1, Math.trunc(now))
    const assignments = uniteAssignments(content.assignments)
    const rows: readonly RowWrite[] = [
      ...content.entities.map((entity) => toEntityWrite(entity, number)),
      ...assignments.map((record): RowWrite => {
        return { table: 'assignment', key: assignmentIdOf(record), content: JSON.stringify(record), number }
      }),
    ]
    const version = randomBytes(32).toString('hex')
    file.commit({ number, version, rows, replies: [], now })
    return { entities: content.entities.length, assignments: assignments.length }
  } catch (error) {
    if (error instanceof PdpServerError) throw error
    throw toWriteError(toWriteFault(error), error)
  } finally {
    file.close()
  }
}

function toEntityWrite({ type, id, properties = {}, parents = [] }: EntityRecord, number: number): RowWrite {
  const content = JSON.stringify({ properties, parents })
  return { table: 'entity', key: entityRowKey({ type, id }), content, number }
}

/** Of those that differ in when they expire, the one that counts longest: together they count as long. */
function uniteAssignments(records: readonly AssignmentRecord[]): readonly AssignmentRecord[] {
  const longest = new Map<string, AssignmentRecord>()
  for (const record of records) {
    const key = assignmentKey(record)
    const known = longest.get(key)
    if (known === undefined || endOf(record) > endOf(known)) longest.set(key, record)
  }
  return [...longest.values()]
}

/** Epoch milliseconds. */
function endOf({ expires }: AssignmentRecord): number {
  if (expires === undefined) return Number.POSITIVE_INFINITY
  return typeof expires === 'number' ? expires * 1000 : Date.parse(expires)
}

/** All rows of a store, as one file of entity data. Throws as `openStoreFile`. */
export function exportRows(path: string): Required<EntityData> {
  const file = openStoreFile(path)
  try {
    return { entities: file.entities().map(toEntity), assignments: file.assignments().map(toAssignment) }
  } finally {
    file.close()
  }
}
