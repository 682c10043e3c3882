// Files of entity data → a store, or all that is wrong with them. One refused row refuses the whole.
// It must never read files, and never know how decisions are made.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { compareCodePoints } from '../model/code-points.ts'
import { isJsonObject, memberOf } from '../model/decode-value.ts'
import type { AssignmentRecord, EntityStore, StoredEntity } from '../model/entity-data.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import { canonicalJson } from '../model/value-json.ts'
import type { Program } from '../program/program.ts'
import { createProblemSink, type DataProblem, type ProblemSink } from './data-problem.ts'
import { toDataSchema } from './data-schema.ts'
import { createEntityStore } from './entity-store.ts'
import { type ReadAssignment, readAssignment } from './read-assignment.ts'
import { readEntity } from './read-entity.ts'
import { refuseParentCycles } from './refuse-parent-cycles.ts'
import { refuseRoleCycles } from './refuse-role-cycles.ts'
import { refuseUnknownMembers } from './refuse-unknown-members.ts'
import { type UnitedEntity, uniteEntities } from './unite-entities.ts'

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
 * the store's `version` is a SHA-256 over the content.
 *
 * @param files each `{entities: […], assignments: […]}`; all together are one data set
 */
export function loadEntityData(program: Program, files: readonly NamedEntityData[]): LoadedEntityData {
  const sink = createProblemSink()
  const schema = toDataSchema(program)
  const rows = files.map((file) => readFile(file, sink))
  const entities = uniteEntities(
    rows.flatMap(({ entities }) =>
      entities.flatMap(({ json, place }) => readEntity(json, place, schema, sink) ?? []),
    ),
    sink,
  )
  const assignments = rows.flatMap(({ assignments }) =>
    assignments.flatMap(({ json, place }) => readAssignment(json, place, schema, sink) ?? []),
  )
  refuseParentCycles(entities, schema, sink)
  refuseRoleCycles(program, assignments, sink)
  const distinct = uniteAssignments(assignments)
  return {
    ...(sink.problems.length === 0 && { store: createStore(entities, distinct) }),
    problems: sink.problems,
    warnings: sink.warnings,
    entityCount: entities.size,
    assignmentCount: distinct.size,
  }
}

interface Row {
  readonly json: JsonValue
  readonly place: { readonly file: string; readonly path: string }
}

function readFile(
  { name, data }: NamedEntityData,
  sink: ProblemSink,
): { readonly entities: readonly Row[]; readonly assignments: readonly Row[] } {
  const place = { file: name, path: '$' }
  if (!isJsonObject(data)) {
    sink.problem(place, 'must be an object', 'write {"entities": […], "assignments": […]}')
    return { entities: [], assignments: [] }
  }
  refuseUnknownMembers(data, ['entities', 'assignments'], place, sink)
  const read = (member: string): readonly Row[] => readRows(data, member, name, sink)
  return { entities: read('entities'), assignments: read('assignments') }
}

function readRows(data: JsonObject, member: string, file: string, sink: ProblemSink): readonly Row[] {
  const json = memberOf(data, member)
  if (json === undefined) return []
  if (!Array.isArray(json)) {
    sink.problem({ file, path: `$.${member}` }, 'must be an array')
    return []
  }
  return (json as readonly JsonValue[]).map((row, index) => ({
    json: row,
    place: { file, path: `$.${member}${pathStep(index)}` },
  }))
}

/** By canonical text: rows that say the same count once. */
function uniteAssignments(rows: readonly ReadAssignment[]): ReadonlyMap<string, AssignmentRecord> {
  return new Map(rows.map(({ record }) => [canonicalJson(record as unknown as JsonObject), record]))
}

function createStore(
  united: ReadonlyMap<string, UnitedEntity>,
  assignments: ReadonlyMap<string, AssignmentRecord>,
): EntityStore {
  const entities = new Map<string, Map<string, StoredEntity>>()
  for (const { type, id, properties, parents } of united.values()) {
    const ofType = entities.get(type) ?? new Map<string, StoredEntity>()
    entities.set(type, ofType.set(id, { properties, parents }))
  }
  const contents = [...united.values()].map(({ content }) => content)
  return createEntityStore({
    entities,
    assignments: [...assignments.values()],
    version: hash([contents, [...assignments.keys()]]),
  })
}

/** SHA-256, lower-case hex, over lists of texts whose order does not matter. */
function hash(lists: readonly (readonly string[])[]): string {
  const digest = sha256.create()
  for (const texts of lists) {
    for (const text of texts.toSorted(compareCodePoints)) digest.update(utf8ToBytes(`${text}\n`))
    digest.update(utf8ToBytes('\n'))
  }
  return bytesToHex(digest.digest())
}
