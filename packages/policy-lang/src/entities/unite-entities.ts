import { compareCodePoints } from '../model/code-points.ts'
import { describeEntity } from '../model/describe-entity.ts'
import { entityKey } from '../model/entity-key.ts'
import type { JsonEntityRef } from '../model/request.ts'
import { canonicalJson } from '../model/value-json.ts'
import type { ProblemSink } from './data-problem.ts'
import type { ReadEntity } from './read-entity.ts'

/** Each entity once. Rows that say the same count once; where they differ, all are refused. */
export interface UnitedEntities {
  /** In the order of their rows. */
  readonly all: readonly ReadEntity[]
  find(type: string, id: string): ReadEntity | undefined
  add(row: ReadEntity): void
  /** Reports rows of one entity that say different things. */
  refuseDifferent(sink: ProblemSink): void
}

export function createUnitedEntities(): UnitedEntities {
  const all: ReadEntity[] = []
  const byType = new Map<string, Map<string, ReadEntity>>()
  const repeated: { readonly first: ReadEntity; readonly row: ReadEntity }[] = []
  return {
    all,
    find: (type, id) => byType.get(type)?.get(id),
    add: (row) => {
      let ofType = byType.get(row.type)
      if (ofType === undefined) {
        ofType = new Map()
        byType.set(row.type, ofType)
      }
      const first = ofType.get(row.id)
      if (first !== undefined) {
        repeated.push({ first, row })
        return
      }
      ofType.set(row.id, row)
      all.push(row)
    },
    refuseDifferent: (sink) => {
      const names = createNameTexts()
      for (const { first, row } of repeated) {
        if (contentOf(first, names) === contentOf(row, names)) continue
        const where = `${first.place.file} ${first.place.path}`
        const message = `${describeEntity(row)} stands twice with different content`
        sink.problem(row.place, message, `first at ${where}`)
      }
    },
  }
}

/** Canonical JSON of `[type, id, properties, parents]`: two rows share it exactly when they say the same. */
export function contentOf({ type, id, properties, parents }: ReadEntity, names: NameTexts): string {
  let members = ''
  for (const name of Object.keys(properties).sort(compareCodePoints)) {
    const value = properties[name]
    if (value === null || value === undefined) continue
    members += `${members === '' ? '' : ','}${names.textOf(name)}:${canonicalJson(value)}`
  }
  return `[${JSON.stringify(type)},${JSON.stringify(id)},{${members}},${parentsText(parents)}]`
}

function parentsText(parents: readonly JsonEntityRef[]): string {
  if (parents.length === 0) return '[]'
  const [only] = parents
  if (parents.length === 1 && only !== undefined) return canonicalJson([[only.type, only.id]])
  const above = new Map(parents.map((parent) => [entityKey(parent.type, parent.id), parent]))
  const sorted = [...above].sort(([a], [b]) => compareCodePoints(a, b))
  return canonicalJson(sorted.map(([, parent]) => [parent.type, parent.id]))
}

/** Names of members as JSON: there are few, and they stand in every row. */
export interface NameTexts {
  textOf(name: string): string
}

export function createNameTexts(): NameTexts {
  const texts = new Map<string, string>()
  return {
    textOf: (name) => {
      let text = texts.get(name)
      if (text === undefined) {
        text = JSON.stringify(name)
        texts.set(name, text)
      }
      return text
    },
  }
}
