// Stored rows as entity data, and whether they fit a policy set.
import {
  type AssignmentRecord,
  createChangeCheck,
  type DataProblem,
  type EntityDataChange,
  type EntityRecord,
  type EntityStore,
  type JsonEntityRef,
  loadEntityData,
  type Program,
  type StoreStep,
} from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import { type BaseIndex, entityRowKey, readEntityRowKey } from './row-index.ts'
import type { StoreContents } from './store-backend.ts'
import type { RowWrite, StoreRow } from './store-file.ts'

interface Rows {
  readonly entities: readonly EntityRecord[]
  readonly assignments: readonly AssignmentRecord[]
}

/** Puts what a file holds in memory. Throws `PdpServerError` `bad-entity-data` where it does not fit the policies. */
export function loadContents(program: Program, contents: StoreContents, index: BaseIndex): EntityStore {
  for (const { key, number } of contents.entities) index.setEntity(readEntityRowKey(key), number)
  const assignments = contents.assignments.map(({ key, content, number }) => {
    const record = toAssignment({ content })
    index.setAssignment(key, { id: key, record, number })
    return record
  })
  const rows = { entities: contents.entities.map(toEntity), assignments }
  return load(program, rows, contents.version)
}

/** Throws `PdpServerError` `bad-entity-data` where a row does not fit the policies. */
export function checkFit(program: Program, store: EntityStore, index: BaseIndex): void {
  const entities = Array.from(index.entities(), (ref): EntityRecord => {
    const stored = store.entity(ref)
    return typeof stored === 'string' ? ref : { ...ref, ...stored }
  })
  const assignments = Array.from(index.assignments(), ({ record }) => record)
  load(program, { entities, assignments }, store.version)
}

function load(program: Program, rows: Rows, version: string): EntityStore {
  const { store, problems } = loadEntityData(program, [{ name: 'store', data: rows }], version)
  if (store === undefined) throw misfit(problems.map((problem) => nameRow(problem, rows)))
  return store
}

/** Whether writes that are under way still fit. Throws `PdpServerError` `bad-entity-data`. */
export function checkStepsFit(program: Program, store: EntityStore, steps: readonly StoreStep[]): void {
  const problems = createChangeCheck(program)(store, steps.map(toChange))
  if (problems.length > 0) throw misfit(problems)
}

/** A row put where it is: says whether it fits. */
export function toPut(
  row: { readonly entity: EntityRecord } | { readonly assignment: AssignmentRecord },
): EntityDataChange {
  return 'entity' in row
    ? { kind: 'put-entity', entity: row.entity, path: describe(row.entity) }
    : { kind: 'put-assignment', assignment: row.assignment, path: describeAssignment(row.assignment) }
}

function toChange(step: StoreStep): EntityDataChange {
  if (step.kind === 'entity') {
    const { type, id, after } = step
    if (after === undefined) return { kind: 'delete-entity', type, id }
    return { kind: 'put-entity', entity: { type, id, ...after }, path: describe(step) }
  }
  const [assignment] = step.after
  if (assignment !== undefined)
    return { kind: 'put-assignment', assignment, path: describeAssignment(assignment) }
  return { kind: 'delete-assignment', assignment: step.before[0] as AssignmentRecord }
}

const ROW_PATH = /^\$\.(entities|assignments)\[(\d+)\](.*)$/s

/** Rows of a store have no place: they are told by what they are. */
function nameRow(problem: DataProblem, { entities, assignments }: Rows): DataProblem {
  const [, list, index, rest = ''] = ROW_PATH.exec(problem.path) ?? []
  if (list === undefined) return problem
  const entity = list === 'entities' ? entities[Number(index)] : undefined
  const assignment = list === 'assignments' ? assignments[Number(index)] : undefined
  const row = entity ? describe(entity) : assignment ? describeAssignment(assignment) : ''
  return { ...problem, path: rest === '' ? row : `${row} ${rest.replace(/^\./, '')}` }
}

function describe({ type, id }: JsonEntityRef): string {
  return `${type}::${JSON.stringify(id)}`
}

function describeAssignment({ role, to, on }: AssignmentRecord): string {
  return `assignment ${JSON.stringify({ role, to, on })}`
}

/** The message is for anybody; the rows are in `problems`. */
export function misfit(found: readonly DataProblem[]): PdpServerError {
  const count = found.length === 1 ? '1 row' : `${found.length} rows`
  const problems = found.map(({ path, message, hint }) => ({
    path,
    detail: hint === undefined ? message : `${message} (${hint})`,
  }))
  const message = `${count} of the entity store would not fit the policies`
  return new PdpServerError('bad-entity-data', message, { problems })
}

export function toEntity({ key, content }: StoreRow): EntityRecord {
  return { ...readEntityRowKey(key), ...(JSON.parse(content) as Omit<EntityRecord, 'type' | 'id'>) }
}

export function toAssignment({ content }: Pick<StoreRow, 'content'>): AssignmentRecord {
  return JSON.parse(content) as AssignmentRecord
}

/** What these steps write. */
export function toRowWrites(
  steps: readonly StoreStep[],
  number: number,
  idOf: (record: AssignmentRecord) => string,
): readonly RowWrite[] {
  return steps.flatMap((step): readonly RowWrite[] => {
    if (step.kind === 'entity') {
      const content = step.after && JSON.stringify(step.after)
      return [{ table: 'entity', key: entityRowKey(step), content, number }]
    }
    const record = step.after[0] ?? step.before[0]
    if (record === undefined) return []
    const content = step.after.length === 0 ? undefined : JSON.stringify(record)
    return [{ table: 'assignment', key: idOf(record), content, number }]
  })
}
