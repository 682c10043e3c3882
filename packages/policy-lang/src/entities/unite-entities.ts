import { compareCodePoints } from '../model/code-points.ts'
import { describeEntity } from '../model/describe-entity.ts'
import { entityKey } from '../model/entity-key.ts'
import type { JsonValue } from '../model/request.ts'
import { canonicalJson, toJsonObject } from '../model/value-json.ts'
import type { ProblemSink } from './data-problem.ts'
import type { ReadEntity } from './read-entity.ts'

/** An entity that stands once. */
export interface UnitedEntity extends ReadEntity {
  /** Canonical text of all that it says; two rows share it exactly when they say the same. */
  readonly content: string
}

/** Each entity once, by `entityKey`. Rows that say the same count once; where they differ, all are refused. */
export function uniteEntities(
  rows: readonly ReadEntity[],
  sink: ProblemSink,
): ReadonlyMap<string, UnitedEntity> {
  const united = new Map<string, UnitedEntity>()
  for (const row of rows) {
    const key = entityKey(row.type, row.id)
    const content = contentOf(row)
    const first = united.get(key)
    if (first === undefined) united.set(key, { ...row, content })
    else if (first.content !== content) {
      const where = `${first.place.file} ${first.place.path}`
      sink.problem(
        row.place,
        `${describeEntity(row)} stands twice with different content`,
        `first at ${where}`,
      )
    }
  }
  return united
}

function contentOf({ type, id, properties, parents }: ReadEntity): string {
  const sent = Object.keys(properties).flatMap((name): (readonly [string, JsonValue])[] => {
    const value = properties[name]
    return value === null || value === undefined ? [] : [[name, value]]
  })
  const above = new Map(parents.map((parent) => [entityKey(parent.type, parent.id), parent]))
  return canonicalJson([
    type,
    id,
    toJsonObject(sent),
    [...above].sort(([a], [b]) => compareCodePoints(a, b)).map(([, parent]) => [parent.type, parent.id]),
  ])
}
