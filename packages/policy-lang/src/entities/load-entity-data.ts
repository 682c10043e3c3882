// Files of entity data → a store, or all that is wrong with them. One refused row refuses the whole.
// It must never read files, and never know how decisions are made.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { isJsonObject, memberOf } from '../model/decode-value.ts'
import type { AssignmentRecord, EntityData, EntityStore, StoredEntity } from '../model/entity-data.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import { canonicalJson } from '../model/value-json.ts'
import type { Program } from '../program/program.ts'
import {
  createProblemSink,
  type DataProblem,
  type ProblemSink,
  placeInside,
  type RowPlace,
} from './data-problem.ts'
import { toDataSchema } from './data-schema.ts'
import { createEntityStore } from './entity-store.ts'
import { type ReadAssignment, readAssignment } from './read-assignment.ts'
import { type ReadEntity, readEntity } from './read-entity.ts'
import { refuseParentCycles } from './refuse-parent-cycles.ts'
import { refuseRoleCycles } from './refuse-role-cycles.ts'
import { refuseUnknownMembers } from './refuse-unknown-members.ts'
import { contentOf, createNameTexts, createUnitedEntities } from './unite-entities.ts'

export type { DataProblem } from './data-problem.ts'

/** Parsed JSON of one file of entity data. */
export interface NamedEntityData {
  /** Shown in problems; usually a path. */
  readonly name: string
  readonly data: unknown
}

export interface LoadedEntityData {
  /** Left out where any row is refused. */
  readonly store?: EntityStore
  /** The rows of the store as it reads them, each once. Left out where the store is. */
  readonly content?: Required<EntityData>
  /** Why rows are refused. */
  readonly problems: readonly DataProblem[]
  /** What does no harm until a rule reads it: ill-typed and missing values, undeclared types. */
  readonly warnings: readonly DataProblem[]
  /** Entities and assignments, duplicates counted once. */
  readonly entityCount: number
  readonly assignmentCount: number
}

/**
 * Validates entity data against a Program and holds it in memory. The order of files and rows does not matter;
 * the store's `version` is a SHA-256 over the content, unless it is given.
 *
 * @param files each `{entities: […], assignments: […]}`; all together are one data set
 * @param version of data that has one already
 */
export function loadEntityData(
  program: Program,
  files: readonly NamedEntityData[],
  version?: string,
): LoadedEntityData {
  const sink = createProblemSink()
  const schema = toDataSchema(program)
  const rows = files.map((file) => readFile(file, sink))
  const entities = createUnitedEntities()
  for (const { entities: list } of rows) {
    forEachRow(list, (json, row) => {
      const entity = readEntity(json, row, schema, sink)
      if (entity !== undefined) entities.add(entity)
    })
  }
  entities.refuseDifferent(sink)
  const assignments: ReadAssignment[] = []
  for (const { assignments: list } of rows) {
    forEachRow(list, (json, row) => {
      const assignment = readAssignment(json, row, schema, sink)
      if (assignment !== undefined) assignments.push(assignment)
    })
  }
  refuseParentCycles(entities, schema, sink)
  refuseRoleCycles(program, assignments, sink)
  const distinct = uniteAssignments(assignments)
  // So that whoever lists them, here or where the content goes, has nothing left to sort.
  const sorted = entities.all.toSorted(compareEntities)
  return {
    ...(sink.problems.length === 0 && {
      store: createStore(sorted, distinct, version),
      content: { entities: sorted, assignments: [...distinct.values()] },
    }),
    problems: sink.problems,
    warnings: sink.warnings,
    entityCount: sorted.length,
    assignmentCount: distinct.size,
  }
}

interface RowList {
  readonly rows: readonly JsonValue[]
  readonly place: RowPlace
}

function readFile(
  { name, data }: NamedEntityData,
  sink: ProblemSink,
): { readonly entities: RowList; readonly assignments: RowList } {
  const place = { file: name, path: '$' }
  const isObject = isJsonObject(data)
  if (isObject) refuseUnknownMembers(data, ['entities', 'assignments'], place, sink)
  else sink.problem(place, 'must be an object', 'write {"entities": […], "assignments": […]}')
  const read = (member: string): RowList => readRows(isObject ? data : {}, member, name, sink)
  return { entities: read('entities'), assignments: read('assignments') }
}

function readRows(data: JsonObject, member: string, file: string, sink: ProblemSink): RowList {
  const json = memberOf(data, member)
  const place = { file, path: `$.${member}` }
  if (json === undefined) return { rows: [], place }
  if (Array.isArray(json)) return { rows: json as readonly JsonValue[], place }
  sink.problem(place, 'must be an array')
  return { rows: [], place }
}

function forEachRow({ rows, place }: RowList, read: (json: JsonValue, row: RowPlace) => void): void {
  rows.forEach((json, index) => {
    read(json, placeInside(place, index))
  })
}

/** By canonical text: rows that say the same count once. */
function uniteAssignments(rows: readonly ReadAssignment[]): ReadonlyMap<string, AssignmentRecord> {
  return new Map(rows.map(({ record }) => [canonicalJson(record as unknown as JsonObject), record]))
}

function createStore(
  sorted: readonly ReadEntity[],
  assignments: ReadonlyMap<string, AssignmentRecord>,
  version: string | undefined,
): EntityStore {
  const entities = new Map<string, Map<string, StoredEntity>>()
  for (const { type, id, properties, parents } of sorted) {
    let ofType = entities.get(type)
    if (ofType === undefined) {
      ofType = new Map()
      entities.set(type, ofType)
    }
    ofType.set(id, { properties, parents })
  }
  const store = createEntityStore({
    entities,
    assignments: [...assignments.values()],
    version: version ?? hash(sorted, [...assignments.keys()]),
  })
  // Finds out that they are in order: a search would wait for it, and loading takes long anyway.
  for (const type of entities.keys()) store.entitiesOf(type, undefined, 0)
  return store
}

/** How much text is turned into bytes at once: neither all, which may be a lot, nor row by row, which takes longer. */
const HASHED_LENGTH = 1 << 16

/** SHA-256, lower-case hex, over all that the data says. `entities` are sorted: the order of rows does not matter. */
function hash(entities: readonly ReadEntity[], assignments: readonly string[]): string {
  const digest = sha256.create()
  let pending = ''
  const write = (text: string): void => {
    pending += `${text}\n`
    if (pending.length < HASHED_LENGTH) return
    digest.update(utf8ToBytes(pending))
    pending = ''
  }
  const names = createNameTexts()
  for (const entity of entities) write(contentOf(entity, names))
  write('')
  // Any order will do that is the same for the same texts.
  for (const text of assignments.toSorted()) write(text)
  return bytesToHex(digest.update(utf8ToBytes(pending)).digest())
}

/** No two are of one type and id. */
function compareEntities(a: ReadEntity, b: ReadEntity): number {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1
  return a.id < b.id ? -1 : 1
}
