// What tells entity data from that of before, so that whoever has the one need not be given the other whole.
import type { AssignmentRecord, ContentChanges, EntityData, EntityRecord } from '@edict/policy-lang/program'

/** Contents one after the other. */
export interface ContentComparer {
  /** Undefined where there was none before, it is of the same version, or too much has changed. */
  readonly next: (content: EntityData, version: string) => ChangesSince | undefined
}

export interface ChangesSince extends ContentChanges {
  /** The version that they change. */
  readonly since: string
}

/** Applying as many takes some milliseconds. */
const MAX_CHANGES = 1000

interface Rows {
  /** By their type and id; each as text, too. */
  readonly entities: ReadonlyMap<string, { readonly row: EntityRecord; readonly text: string }>
  /** By their text. */
  readonly assignments: ReadonlyMap<string, AssignmentRecord>
}

export function createContentComparer(): ContentComparer {
  let last: { readonly rows: Rows; readonly version: string } | undefined
  return {
    next: (content, version) => {
      if (last?.version === version) return undefined
      const rows = index(content)
      const changes = last && compare(last.rows, rows)
      const since = last?.version
      last = { rows, version }
      return changes && since !== undefined ? { ...changes, since } : undefined
    },
  }
}

function index({ entities = [], assignments = [] }: EntityData): Rows {
  return {
    entities: new Map(
      entities.map((entity) => {
        const row = withoutPlace(entity)
        return [JSON.stringify([row.type, row.id]), { row, text: JSON.stringify(row) }]
      }),
    ),
    assignments: new Map(assignments.map((row) => [JSON.stringify(row), row])),
  }
}

function compare(before: Rows, after: Rows): ContentChanges | undefined {
  const changes = {
    entities: [...after.entities]
      .filter(([key, { text }]) => before.entities.get(key)?.text !== text)
      .map(([, { row }]) => row),
    goneEntities: [...before.entities]
      .filter(([key]) => !after.entities.has(key))
      .map(([, { row }]) => ({ type: row.type, id: row.id })),
    assignments: [...after.assignments]
      .filter(([text]) => !before.assignments.has(text))
      .map(([, row]) => row),
    goneAssignments: [...before.assignments]
      .filter(([text]) => !after.assignments.has(text))
      .map(([, row]) => row),
  }
  const count = Object.values(changes).reduce((sum, { length }) => sum + length, 0)
  return count > MAX_CHANGES ? undefined : changes
}

/** Rows know where they stood, which is nobody's concern any more. */
export function withoutPlace({ type, id, properties, parents }: EntityRecord): EntityRecord {
  return { type, id, ...(properties && { properties }), ...(parents && { parents }) }
}
