import fc from 'fast-check'
import type { AssignmentRecord, EntityData, EntityRecord } from '../model/entity-data.ts'
import type { DecisionRequest, JsonEntityRef, JsonObject, JsonValue, RequestRole } from '../model/request.ts'
import { toJsonObject } from '../model/value-json.ts'
import { ENTITY_IDS, GROUP_IDS, HOSTILE_NAME, ROLE_NAMES } from './arbitrary-schema.ts'

/** Entity data that loads: parents are acyclic and of the right type, values may be missing or ill-typed. */
export function anyEntityData(): fc.Arbitrary<EntityData> {
  const groups = ['Team', 'Folder'].flatMap((type) =>
    GROUP_IDS.map((id, index) =>
      anyRecord(
        type,
        id,
        GROUP_IDS.slice(0, index).map((above) => ({ type, id: above })),
      ),
    ),
  )
  const leaves = ENTITY_IDS.flatMap((id) => [
    anyRecord('User', id, refs('Team', GROUP_IDS)),
    anyRecord('Service', id, []),
    anyRecord('Document', id, refs('Folder', GROUP_IDS)),
  ])
  return fc.record({
    entities: fc.tuple(...groups, ...leaves).map((records) => records.flat()),
    assignments: fc.array(anyAssignmentRecord(), { maxLength: 4 }),
  })
}

/** A request about known and unknown entities. Values may be missing or ill-typed, names may be undeclared. */
export function anyRequest(): fc.Arbitrary<DecisionRequest> {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  const id = fc.constantFrom(...ENTITY_IDS, 'stranger')
  const subject = fc.record({
    type: mostly(fc.constantFrom('User', 'User', 'Service'), 'constructor'),
    id,
    properties: optional(anyProperties()),
    parents: optional(fc.subarray([...refs('Team', GROUP_IDS)])),
    roles: optional(fc.array(anyRequestRole(), { maxLength: 2 })),
  })
  const action = fc.record({
    name: mostly(fc.constantFrom('read', 'write'), 'remove', 'export', 'toString', 'change'),
    properties: optional(anyProperties()),
  })
  const resource = fc.record({
    type: mostly(fc.constantFrom('Document', 'Document', 'Folder'), 'Team'),
    id,
    properties: optional(anyProperties()),
    parents: optional(fc.subarray([...refs('Folder', GROUP_IDS)])),
  })
  return fc
    .record({ subject, action, resource, context: optional(anyProperties()) })
    .map((request) => dropUndefined(request) as unknown as DecisionRequest)
}

function mostly(usual: fc.Arbitrary<string>, ...rare: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...rare) })
}

function refs(type: string, ids: readonly string[]): readonly JsonEntityRef[] {
  return ids.map((id) => ({ type, id }))
}

/** The entity, or nothing: data knows some entities only. */
function anyRecord(
  type: string,
  id: string,
  above: readonly JsonEntityRef[],
): fc.Arbitrary<readonly EntityRecord[]> {
  const record = fc
    .record({ properties: anyProperties(), parents: fc.subarray([...above]) })
    .map((rest): readonly EntityRecord[] => [{ type, id, ...rest }])
  return fc.oneof({ weight: 3, arbitrary: record }, fc.constant([]))
}

const ILL_TYPED: JsonValue = [null]

/** Values for every attribute, parameter and context member of the schema: each may be missing or ill-typed. */
function anyProperties(): fc.Arbitrary<JsonObject> {
  const members: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
    name: fc.constantFrom('x', 'y', HOSTILE_NAME),
    level: fc.constantFrom(-1, 0, 2, 9_007_199_254_740_991),
    peers: fc.subarray([...ENTITY_IDS]),
    nick: fc.constantFrom('x', null),
    owner: fc.constantFrom(...ENTITY_IDS, 'stranger'),
    rank: fc.constantFrom(0, 1.5, 3),
    tags: fc.subarray(['x', 'y', HOSTILE_NAME]),
    note: fc.constantFrom('x', 'y', null),
    created: fc.constantFrom('2026-01-01', '2026-05-04T08:00:00+02:00', 1_767_225_600),
    status: fc.constantFrom('public', 'team', 'private'),
    labels: fc.constantFrom<JsonValue>({}, { x: 'y' }, toJsonObject([[HOSTILE_NAME, 'x']])),
    draft: fc.boolean(),
    rows: fc.constantFrom(1, 100),
    ip: fc.constantFrom('10.1.2.3', '127.0.0.1', '::1'),
    score: fc.constantFrom(-2, 0, 5),
    token: fc.constantFrom<JsonValue>({ scopes: [] }, { scopes: ['x'], issued: '2026-05-04T06:00:00Z' }),
    trusted: fc.boolean(),
  }
  const entries = [...Object.entries(members), [HOSTILE_NAME, fc.boolean()] as const].map(([name, value]) =>
    fc
      .oneof({ weight: 8, arbitrary: value }, fc.constant(undefined), {
        weight: 1,
        arbitrary: fc.constant(ILL_TYPED),
      })
      .map((json) => [name, json] as const),
  )
  return fc
    .tuple(...entries)
    .map((pairs) =>
      toJsonObject(pairs.flatMap(([name, json]) => (json === undefined ? [] : [[name, json] as const]))),
    )
}

function anyScope(): fc.Arbitrary<AssignmentRecord['on']> {
  return fc.oneof(
    fc.constantFrom<AssignmentRecord['on']>('*', { type: 'Document' }, { type: 'Folder' }),
    fc.constantFrom(...refs('Folder', GROUP_IDS), ...refs('Document', ENTITY_IDS)),
  )
}

function anyAssignmentRecord(): fc.Arbitrary<AssignmentRecord> {
  const to = fc.oneof(
    fc.constantFrom<AssignmentRecord['to']>('*', { type: 'User' }, { type: 'Service' }),
    fc.constantFrom(...refs('Team', GROUP_IDS), ...refs('User', ENTITY_IDS), ...refs('Service', ENTITY_IDS)),
  )
  return fc.record({ role: fc.constantFrom(...ROLE_NAMES), to, on: anyScope() })
}

function anyRequestRole(): fc.Arbitrary<string | RequestRole> {
  const role = fc.constantFrom(...ROLE_NAMES, 'undeclared')
  return fc.oneof(role, fc.record({ role, on: anyScope() }))
}

/** Requests are JSON: a member is there or not. */
function dropUndefined(node: object): object {
  const members = Object.entries(node).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    members.map(([name, value]) => [name, isDraft(name, value) ? dropUndefined(value) : value]),
  )
}

function isDraft(name: string, value: unknown): value is object {
  return ['subject', 'action', 'resource'].includes(name) && typeof value === 'object' && value !== null
}
