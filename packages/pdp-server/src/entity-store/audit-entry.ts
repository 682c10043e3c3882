// A write → the entry that stands for it in the log: who changed which rows, and the number of the data since.
import type { AssignmentRecord, JsonEntityRef, JsonValue, StoreStep } from '@edict/policy-lang/program'
import type { Entry } from '../decision-log/decision-entry.ts'
import { shortenText, tellTexts } from '../decision-log/tell-text.ts'
import type { Operation } from './plan-write.ts'

/** What is told of a write. */
export interface WriteRecord {
  readonly caller: string | undefined
  readonly number: number
  /** Of the data; undefined where it was done before, and its answer is given again. */
  readonly version: string | undefined
  readonly steps: readonly StoreStep[]
  /** What was asked for, where that was done already, and there are no steps. */
  readonly operations?: readonly Operation[]
  /** Epoch milliseconds. */
  readonly time: number
}

/** So many changes of one write are spelt out; `changeCount` counts all. */
const SHOWN_CHANGES = 100

export function toAuditEntry({ caller, number, version, steps, operations, time }: WriteRecord): Entry {
  const shown = steps.slice(0, SHOWN_CHANGES).map(describeStep)
  return {
    event: 'data',
    time: new Date(time).toISOString(),
    caller: caller && shortenText(caller),
    dataNumber: number,
    dataVersion: version,
    changeCount: steps.length,
    // Ids can be anything, credentials too.
    changes: tellTexts(shown),
    ...(operations !== undefined && {
      doneBefore: tellTexts(operations.slice(0, SHOWN_CHANGES).map(describeOperation)),
    }),
  }
}

function describeOperation(operation: Operation): JsonValue {
  switch (operation.kind) {
    case 'put-assignment':
      return {
        op: 'assign',
        assignment: describeAssignment(operation.assignment as unknown as AssignmentRecord),
      }
    case 'delete-assignment':
      return { op: 'revoke', assignmentId: operation.id }
    default: {
      const { type, id } = operation.ref
      return { op: NAMES[operation.kind], entity: { type, id } }
    }
  }
}

/** As in a batch. */
const NAMES = { 'put-entity': 'putEntity', 'patch-entity': 'patchEntity', 'delete-entity': 'deleteEntity' }

function describeStep(step: StoreStep): JsonValue {
  if (step.kind === 'entity') {
    const { type, id, before, after } = step
    const change = after === undefined ? 'delete' : before === undefined ? 'create' : 'replace'
    return { change, entity: { type, id } }
  }
  const [after] = step.after
  const change = after === undefined ? 'revoke' : step.before.length === 0 ? 'assign' : 'reassign'
  const record = after ?? step.before[0]
  if (record === undefined) return { change }
  return { change, assignment: describeAssignment(record) }
}

function describeAssignment({ role, to, on, expires }: AssignmentRecord): JsonValue {
  return {
    role,
    to: to as JsonEntityRef & JsonValue,
    on: on as JsonEntityRef & JsonValue,
    ...(expires !== undefined && { expires }),
  }
}
