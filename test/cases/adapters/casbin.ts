import type { AssignmentRecord, EntityData, JsonObject, RequestEntity, Schema } from '@edict/policy-lang'
import type { Adapt, CaseEntity, CaseRef, CaseRequest, CaseSet } from '../adapter.ts'
import { toProperties } from './shared/values.ts'

/**
 * The source's policy is a table. Which of its lines are facts, our translation decides by what it declares:
 *
 * - a type `group`: a line that puts one name below another makes the first lie in that group;
 * - a type `domain`: a line that does so within a domain gives a role of that name on the domain, with its end, and
 *   an object lies in the domain that its lines name;
 * - a role with the name of an action: a line that allows this action assigns it on the object.
 *
 * All other lines are rules, and stand in the translation: patterns, expressions, denials.
 *
 * Where the model ends its columns with a comment, the case file takes the comment for a part of the last column's
 * name, and the action stands in the context. An action that the translation does not declare is asked as `call(path)`, where it declares that. A subject that is
 * an address is the context's `ip`, where it declares one.
 */
export const adapt: Adapt = (set, { schema }) => {
  const lines = readLines(set)
  const data = toData(lines, schema)
  const hasEnds = data.assignments?.some(({ expires }) => expires !== undefined) ?? false
  const held = new Set(data.entities?.map(({ type, id }) => `${type} ${id}`))
  const toEntity = ({ type, id, properties }: CaseEntity): RequestEntity => {
    const isHeld = held.has(`${type} ${id}`)
    return { type, id, ...(!isHeld && { properties: toProperties(properties) }) }
  }
  return {
    data,
    toQuestion: (request) => ({
      request: {
        subject: toEntity(request.subject),
        action: toAction(request, schema),
        resource: toEntity(request.resource),
        context: toContext(request, schema),
      },
      ...(hasEnds && { now: CLOCK }),
    }),
  }
}

/** A line of the table: its kind, and its columns by the names that the model gives them. */
interface Line {
  readonly kind: string
  readonly columns: Readonly<Record<string, string>>
}

/** The source asks the clock of the machine; its ends lie far from any. */
const CLOCK = '2026-01-01T00:00:00Z'
const MEMBER_COLUMNS = ['member', 'group', 'dom', 'from', 'until']

function readLines(set: CaseSet): readonly Line[] {
  const definition = /\[policy_definition\]\s*p\s*=(.+)/.exec(String(set.policy_text))?.[1] ?? ''
  const names = [...definition.split(',').map((name) => name.trim()), 'eft']
  const rows = (set.policy_lines ?? []) as readonly (readonly string[])[]
  return rows.map(([kind = '', ...cells]) => {
    const columns = kind === 'p' ? names : MEMBER_COLUMNS
    return { kind, columns: Object.fromEntries(cells.map((cell, index) => [columns[index], cell])) }
  })
}

function toData(lines: readonly Line[], schema: Schema): EntityData {
  const has = (name: string): boolean => schema.entityTypes.some((type) => type.name === name)
  const members = lines.filter(({ kind }) => kind === 'g').map(({ columns }) => columns)
  const permissions = lines.filter(({ kind }) => kind === 'p').map(({ columns }) => columns)
  const groups = new Set(has('group') ? members.map(({ group }) => group) : [])
  const toWho = (id = ''): CaseRef => ({ type: groups.has(id) ? 'group' : 'user', id })
  const parents = [
    ...members
      .filter(({ group }) => groups.has(group))
      .map(({ member, group }): [CaseRef, CaseRef] => [toWho(member), toWho(group)]),
    ...permissions
      .filter(() => has('domain'))
      .map(({ obj = '', dom = '' }): [CaseRef, CaseRef] => [
        { type: 'object', id: obj },
        { type: 'domain', id: dom },
      ]),
  ]
  return {
    entities: toEntities([...parents, ...[...groups].map((id): [CaseRef] => [toWho(id)])]),
    assignments: [
      ...(has('domain') ? members.map(toDomainRole) : []),
      ...permissions
        .filter(({ act, eft }) => eft !== 'deny' && schema.roles.some(({ name }) => name === act))
        .map(({ sub, obj = '', act = '' }) => ({
          role: act,
          to: toWho(sub),
          on: { type: 'object', id: obj },
        })),
    ],
  }
}

/** Entities and what each lies in, every pair once. */
function toEntities(pairs: readonly (readonly [CaseRef, CaseRef?])[]): NonNullable<EntityData['entities']> {
  const byKey = Map.groupBy(pairs, ([{ type, id }]) => `${type} ${id}`)
  return [...byKey.values()].flatMap((group) => {
    const [entity] = group[0] ?? []
    const above = new Map(
      group.flatMap(([, parent]) => (parent ? [[`${parent.type} ${parent.id}`, parent]] : [])),
    )
    return entity === undefined ? [] : [{ ...entity, parents: [...above.values()] }]
  })
}

function toDomainRole({ member = '', group = '', dom = '', until }: Line['columns']): AssignmentRecord {
  return {
    role: group,
    to: { type: 'user', id: member },
    on: { type: 'domain', id: dom },
    ...(until !== undefined && { expires: toInstant(until) }),
  }
}

/** The source has a year 0000, Edict begins with 0001. */
function toInstant(text: string): string {
  return `${text.replace(/^0000/, '0001').replace(' ', 'T')}Z`
}

function toAction(request: CaseRequest, schema: Schema): { name: string; properties?: JsonObject } {
  const type = schema.entityTypes.find(({ name }) => name === request.resource.type)
  const declares = (action: string): boolean => type?.actions.some(({ name }) => name === action) ?? false
  const action = request.action === '' ? readCommented(request) : request.action
  return declares('call') && !declares(action)
    ? { name: 'call', properties: { path: action } }
    : { name: action }
}

function readCommented({ context = {} }: CaseRequest): string {
  const [, action] = Object.entries(context).find(([column]) => /^act\s*[;#]/.test(column)) ?? []
  return typeof action === 'string' ? action : ''
}

function toContext({ context, subject }: CaseRequest, schema: Schema): JsonObject {
  const hasAddress = schema.context.some(({ name }) => name === 'ip')
  return { ...toProperties(context), ...(hasAddress && { ip: subject.id }) }
}
