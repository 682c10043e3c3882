// A write → the entry that stands for it in the log: who changed which rows, and the number of the data since.
import type { JsonEntityRef, JsonValue, StoreStep } from '@edict/policy-lang/program'
import type { Entry } from '../decision-log/decision-entry.ts'
import { hideCredentials } from '../decision-log/hide-credentials.ts'

/** What is told of a write. */
export interface WriteRecord {
  readonly caller: string | undefined
  readonly number: number
  readonly version: string
  readonly steps: readonly StoreStep[]
  /** Epoch milliseconds. */
  readonly time: number
}

/** So many changes of one write are spelt out; `changeCount` counts all. */
const SHOWN_CHANGES = 100

export function toAuditEntry({ caller, number, version, steps, time }: WriteRecord): Entry {
  const shown = steps.slice(0, SHOWN_CHANGES).map(describeStep)
  return {
    event: 'data',
    time: new Date(time).toISOString(),
    caller,
    dataNumber: number,
    dataVersion: version,
    changeCount: steps.length,
    // Ids can be anything, credentials too.
    changes: hideCredentials(shown),
  }
}

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
  const { role, to, on, expires } = record
  return {
    change,
    assignment: {
      role,
      to: to as JsonEntityRef & JsonValue,
      on: on as JsonEntityRef & JsonValue,
      ...(expires !== undefined && { expires }),
    },
  }
}
