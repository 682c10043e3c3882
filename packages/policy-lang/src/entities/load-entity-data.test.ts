import { describe, expect, it } from 'vitest'
import {
  attribute,
  buildProgram,
  entityOf,
  entityType,
  field,
  NUMBER,
  role,
  STRING,
  setOf,
} from '../evaluate/fixtures.ts'
import type { RoleEdge, RoleNode } from '../model/role-graph.ts'
import type { Program } from '../program/program.ts'
import { type LoadedEntityData, loadEntityData } from './load-entity-data.ts'

const program = buildProgram({
  types: [
    entityType('User', {
      parents: ['Team'],
      attributes: [attribute('email', STRING), attribute('tags?', setOf(STRING))],
    }),
    entityType('Team', { parents: ['Team'] }),
    entityType('Folder', {
      parents: ['Folder'],
      actions: ['list'],
      attributes: [attribute('owner?', entityOf('User'))],
    }),
  ],
  roles: [
    role('viewer'),
    role('editor'),
    role('exporter', { parameters: [field('limit', NUMBER), field('note?', STRING)] }),
  ],
})

function load(data: unknown, more: readonly unknown[] = [], by: Program = program): LoadedEntityData {
  return loadEntityData(
    by,
    [data, ...more].map((one, index) => ({ name: `${index}.json`, data: one })),
  )
}

/** The problems as `file path: message (hint)`; the store must be there exactly when there are none. */
function checkProblems(data: unknown, expected: readonly string[], more: readonly unknown[] = []): void {
  const { store, problems } = load(data, more)
  expect(problems.map(format)).toEqual(expected)
  expect(store === undefined).toBe(expected.length > 0)
}

function format({ file, path, message, hint }: LoadedEntityData['problems'][number]): string {
  return `${file} ${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`
}

const user = (id: string, rest: object = {}): object => ({
  type: 'User',
  id,
  properties: { email: 'e' },
  ...rest,
})
const team = (id: string, ...parents: string[]): object => ({
  type: 'Team',
  id,
  parents: parents.map((parent) => ({ type: 'Team', id: parent })),
})
const assign = (changes: object): object => ({
  assignments: [{ role: 'viewer', to: '*', on: '*', ...changes }],
})

describe('loadEntityData', () => {
  const refused: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['no object', [], ['0.json $: must be an object (write {"entities": […], "assignments": […]})']],
    ['entities that are no array', { entities: {} }, ['0.json $.entities: must be an array']],
    ['an entity that is no object', { entities: [7] }, ['0.json $.entities[0]: an entity must be an object']],
    [
      'an entity without type and id',
      { entities: [{}] },
      ['0.json $.entities[0].type: is missing', '0.json $.entities[0].id: is missing'],
    ],
    ['a numeric id', { entities: [{ type: 'Team', id: 7 }] }, ['0.json $.entities[0].id: must be a string']],
    [
      'properties that are no object',
      { entities: [{ type: 'Team', id: 't', properties: [] }] },
      ['0.json $.entities[0].properties: must be an object'],
    ],
    [
      'parents that are no array',
      { entities: [{ type: 'Team', id: 't', parents: {} }] },
      ['0.json $.entities[0].parents: must be an array (write `[{"type": …, "id": …}]`)'],
    ],
    [
      'a parent that is no reference',
      { entities: [{ type: 'Team', id: 't', parents: ['u'] }] },
      ['0.json $.entities[0].parents[0]: must be `{"type": …, "id": …}`'],
    ],
    [
      'a parent of a type not after `in`',
      { entities: [user('u', { parents: [{ type: 'Folder', id: 'f' }] })] },
      ['0.json $.entities[0].parents[0]: `User` cannot lie below `Folder` (after `in` stand: Team)'],
    ],
    [
      'an unknown role',
      assign({ role: 'vewer' }),
      ['0.json $.assignments[0].role: there is no role `vewer` (did you mean `viewer`?)'],
    ],
    [
      'a role of prototype name',
      assign({ role: 'toString' }),
      ['0.json $.assignments[0].role: there is no role `toString`'],
    ],
    [
      'a missing `on`',
      assign({ on: undefined }),
      ['0.json $.assignments[0].on: is missing (write {"type", "id"}, {"type"}, or "*" for everything)'],
    ],
    [
      'a null `on`',
      assign({ on: null }),
      ['0.json $.assignments[0].on: is missing (write {"type", "id"}, {"type"}, or "*" for everything)'],
    ],
    [
      'a missing `to`',
      assign({ to: undefined }),
      ['0.json $.assignments[0].to: is missing (write {"type", "id"}, {"type"}, {"role", "on"} or "*")'],
    ],
    [
      'an assignment to an entity whose id is misspelt',
      assign({ to: { type: 'User', Id: 'u' } }),
      ['0.json $.assignments[0].to: has no `id` (for every entity of the type write {"type": "User"} alone)'],
    ],
    [
      'an assignment on an entity whose id is null',
      assign({ on: { type: 'Team', id: null } }),
      ['0.json $.assignments[0].on: has no `id` (for every entity of the type write {"type": "Team"} alone)'],
    ],
    [
      'an assignment to an undeclared type',
      assign({ to: { type: 'Usr', id: 'u' } }),
      ['0.json $.assignments[0].to.type: there is no type `Usr` (did you mean `User`?)'],
    ],
    [
      'an assignment on an undeclared type',
      assign({ on: { type: 'Usr' } }),
      ['0.json $.assignments[0].on.type: there is no type `Usr` (did you mean `User`?)'],
    ],
    [
      'an assignment to the holders of an unknown role',
      assign({ to: { role: 'edtor', on: { type: 'Team', id: 't' } } }),
      ['0.json $.assignments[0].to.role: there is no role `edtor` (did you mean `editor`?)'],
    ],
    [
      'an assignment to holders on a type',
      assign({ to: { role: 'editor', on: { type: 'Team' } } }),
      ['0.json $.assignments[0].to.on: must be {"type", "id"}, both strings'],
    ],
    [
      'an ill-typed expiry',
      assign({ expires: 'soon' }),
      [
        '0.json $.assignments[0].expires: expected Datetime, got "soon" (write RFC 3339 with a zone, a date, or epoch seconds)',
      ],
    ],
    [
      'milliseconds for seconds',
      assign({ expires: 1767268800000 }),
      [
        '0.json $.assignments[0].expires: expected Datetime, got 1767268800000 (write RFC 3339 with a zone, a date, or epoch seconds)',
      ],
    ],
    [
      'a missing parameter',
      assign({ role: 'exporter' }),
      ['0.json $.assignments[0].with.limit: is missing (`exporter` takes: limit, note?)'],
    ],
    [
      'an ill-typed parameter',
      assign({ role: 'exporter', with: { limit: 1, note: 2 } }),
      ['0.json $.assignments[0].with.note: expected String, got 2 (`exporter` takes: limit, note?)'],
    ],
    [
      'a misspelt list',
      { assignmets: [] },
      ['0.json $.assignmets: means nothing here (did you mean `assignments`?)'],
    ],
    [
      'misspelt properties, which would make the entity a known one without any',
      { entities: [{ type: 'Team', id: 't', propertise: { a: 1 } }] },
      ['0.json $.entities[0].propertise: means nothing here (did you mean `properties`?)'],
    ],
    [
      'a misspelt member of a parent',
      { entities: [{ type: 'Team', id: 't', parents: [{ type: 'Team', id: 'u', idd: 'v' }] }] },
      ['0.json $.entities[0].parents[0].idd: means nothing here (did you mean `id`?)'],
    ],
    [
      'a misspelt expiry, which would make the assignment one without end',
      assign({ expire: '2020-01-01' }),
      ['0.json $.assignments[0].expire: means nothing here (did you mean `expires`?)'],
    ],
    [
      'a member of prototype name, and a null one',
      assign({ toString: null, ['__proto__']: 1 }),
      [
        '0.json $.assignments[0].toString: means nothing here',
        '0.json $.assignments[0].__proto__: means nothing here',
      ],
    ],
    [
      'members beside those of a reference',
      assign({
        to: { role: 'editor', on: { type: 'Team', id: 't', name: 'x' }, type: 'Team' },
        on: { type: 'Team', id: 't', ID: 'u' },
      }),
      [
        '0.json $.assignments[0].to.type: means nothing here',
        '0.json $.assignments[0].to.on.name: means nothing here',
        '0.json $.assignments[0].on.ID: means nothing here (did you mean `id`?)',
      ],
    ],
    [
      'a parameter that the role does not have',
      assign({ role: 'exporter', with: { limit: 1, noet: 'n' } }),
      ['0.json $.assignments[0].with.noet: means nothing here (did you mean `note`?)'],
    ],
    [
      'parents in a circle',
      { entities: [team('a', 'b'), team('b', 'c'), team('c', 'a')] },
      [
        '0.json $.entities[0].parents: entities lie below themselves: Team::"a" → Team::"b" → Team::"c" → Team::"a"',
      ],
    ],
    [
      'a parent of itself',
      { entities: [team('a', 'a')] },
      ['0.json $.entities[0].parents: entities lie below themselves: Team::"a" → Team::"a"'],
    ],
  ]
  it.each(refused)('refuses %s', (_claim, data, expected) => checkProblems(data, expected))

  it('refuses an entity that stands twice with different content, also across files', () => {
    checkProblems(
      { entities: [user('u')] },
      ['1.json $.entities[0]: User::"u" stands twice with different content (first at 0.json $.entities[0])'],
      [{ entities: [user('u', { properties: { email: 'other' } })] }],
    )
  })

  it('counts equal entities and assignments once, whatever the order of their members', () => {
    const first = {
      type: 'User',
      id: 'u',
      properties: { email: 'e', tags: null },
      parents: [
        { type: 'Team', id: 'a' },
        { type: 'Team', id: 'b' },
      ],
    }
    const second = {
      parents: [
        { id: 'b', type: 'Team' },
        { id: 'a', type: 'Team' },
      ],
      properties: { email: 'e' },
      id: 'u',
      type: 'User',
    }
    const assignment = { role: 'viewer', to: '*', on: '*' }
    const loaded = load({ entities: [first], assignments: [assignment] }, [
      { entities: [second], assignments: [{ ...assignment }] },
    ])
    expect(loaded).toMatchObject({ problems: [], entityCount: 1, assignmentCount: 1 })
  })

  it('finds a circle through several files and tells only that', () => {
    checkProblems(
      { entities: [team('x', 'a'), team('a', 'b')] },
      ['0.json $.entities[1].parents: entities lie below themselves: Team::"a" → Team::"b" → Team::"a"'],
      [{ entities: [team('b', 'a', 'c'), team('c')] }],
    )
  })

  it('takes a diamond and a chain of 100,000 for no circle', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => team(`${index}`, `${index + 1}`))
    const diamond = [team('top'), team('l', 'top'), team('r', 'top'), team('bottom', 'l', 'r')]
    expect(load({ entities: [...chain, ...diamond] }).problems).toEqual([])
  })

  it('finds a circle of 100,000', () => {
    const circle = Array.from({ length: 100_000 }, (_, index) => team(`${index}`, `${(index + 1) % 100_000}`))
    expect(load({ entities: circle }).problems.map(({ message }) => message.slice(-40))).toEqual([
      ' → Team::"19" → … (99980 more) → Team::"0"'.slice(-40),
    ])
  })

  it('loads ill-typed, missing and misspelt properties with a warning', () => {
    const { store, warnings } = load({
      entities: [
        { type: 'User', id: 'a', properties: { emial: 'e', tags: ['x', 1] } },
        { type: 'Folder', id: 'f', properties: { owner: { type: 'Robot', id: 'r' } } },
        { type: 'Robot', id: 'r', parents: [{ type: 'Any', id: '1' }] },
      ],
    })
    expect(store).toBeDefined()
    expect(warnings.map(format)).toEqual([
      '0.json $.entities[0].properties.email: `User` requires `email` (is it `emial`?)',
      '0.json $.entities[0].properties.tags[1]: expected String, got 1',
      '0.json $.entities[1].properties.owner: expected User, got an object',
      '0.json $.entities[2].type: `Robot` is not declared: kept, and not read',
    ])
  })

  it('takes a value that no JSON text can say for an ill-typed one', () => {
    const { problems, warnings } = load({
      entities: [{ type: 'User', id: 'a', properties: { email: 7n, more: [7n, { x: 7n }] } }],
    })
    expect(problems).toEqual([])
    expect(warnings).toMatchObject([{ path: '$.entities[0].properties.email' }])
  })

  it('refuses the whole where one row is refused, and tells all that is wrong', () => {
    const { store, problems } = load({
      entities: [user('u'), {}],
      assignments: [{ role: 'viewer', to: '*' }],
    })
    expect(store).toBeUndefined()
    expect(problems).toHaveLength(3)
  })

  it('refuses an assignment by which a role would rest on its own negation', () => {
    const nodes: RoleNode[] = [
      { role: 'viewer', type: 'Folder' },
      { role: 'editor', type: 'Folder' },
    ]
    const edges: RoleEdge[] = [{ from: 0, to: 1, isNegative: true }]
    const negated = { ...program, roleGraph: { nodes, edges } }
    const closing = { role: 'editor', to: { role: 'viewer', on: { type: 'Folder', id: 'f' } } }
    const harmless = {
      role: 'viewer',
      to: { role: 'editor', on: { type: 'Folder', id: 'f' } },
      on: { type: 'Team' },
    }
    const { problems } = load(
      { assignments: [harmless, { ...closing, on: { type: 'Folder', id: 'g' } }] },
      [],
      negated,
    )
    expect(problems.map(format)).toEqual([
      '0.json $.assignments[1]: a role would rest on its own negation: `viewer` on `Folder` → not `editor` on `Folder` → `viewer` on `Folder` (assign the role to entities instead of the holders of another)',
    ])
    expect(load({ assignments: [harmless] }, [], negated).problems).toEqual([])
    expect(
      load({ assignments: [{ ...closing, on: { type: 'Team', id: 't' } }] }, [], negated).problems,
    ).toEqual([])
    expect(load({ assignments: [{ ...closing, on: '*' }] }, [], negated).problems).toHaveLength(1)
  })
})

describe('the store of loadEntityData', () => {
  const data = {
    entities: [
      user('b', { parents: [{ type: 'Team', id: 't' }] }),
      user('a'),
      user('\u{1f600}'),
      user('\uff5e'),
      user('__proto__'),
      { type: '__proto__', id: 'toString' },
      { type: 'Team', id: '' },
    ],
    assignments: [
      { role: 'viewer', to: { type: 'User', id: 'a' }, on: { type: 'Folder', id: 'f' }, expires: 7 },
      { role: 'editor', to: { type: 'User' }, on: { type: 'Folder' } },
      {
        role: 'exporter',
        to: { role: 'editor', on: { type: 'Folder', id: 'f' } },
        on: '*',
        with: { limit: 1 },
      },
      { role: 'viewer', to: '*', on: '*' },
    ],
  }
  const { store } = load(data)
  if (store === undefined) throw new Error('the data must load')

  it('finds entities, also of prototype names, and says of others that they are absent', () => {
    expect(store.entity({ type: 'User', id: 'b' })).toEqual({
      properties: { email: 'e' },
      parents: [{ type: 'Team', id: 't' }],
    })
    expect(store.entity({ type: 'Team', id: '' })).toEqual({ properties: {}, parents: [] })
    expect(store.entity({ type: 'User', id: '__proto__' })).toEqual({
      properties: { email: 'e' },
      parents: [],
    })
    expect(store.entity({ type: '__proto__', id: 'toString' })).toEqual({ properties: {}, parents: [] })
    for (const [type, id] of [
      ['User', 'toString'],
      ['constructor', 'name'],
      ['Use', 'rb'],
      ['Userb', ''],
    ] as const) {
      expect(store.entity({ type, id })).toBe('absent')
    }
  })

  it('finds assignments by exactly their target and their scope', () => {
    const roles = (found: readonly { readonly role: string }[]): string[] =>
      found.map(({ role: name }) => name)
    expect(store.assignmentsTo({ type: 'User', id: 'a' })).toEqual([data.assignments[0]])
    expect(roles(store.assignmentsTo({ type: 'User' }))).toEqual(['editor'])
    expect(roles(store.assignmentsTo({ role: 'editor', on: { type: 'Folder', id: 'f' } }))).toEqual([
      'exporter',
    ])
    expect(roles(store.assignmentsTo('*'))).toEqual(['viewer'])
    expect(roles(store.assignmentsTo({ type: 'Usera', id: '' }))).toEqual([])
    expect(roles(store.assignmentsOn({ type: 'Folder', id: 'f' }))).toEqual(['viewer'])
    expect(roles(store.assignmentsOn({ type: 'Folder' }))).toEqual(['editor'])
    expect(roles(store.assignmentsOn('*'))).toEqual(['exporter', 'viewer'])
    expect(roles(store.assignmentsOn({ type: 'Folder', id: '*' }))).toEqual([])
  })

  it('lists entities of a type by id in code-point order, page by page', () => {
    const ids = (after?: string, limit?: number): string[] =>
      store.entitiesOf('User', after, limit).map(({ id }) => id)
    expect(ids()).toEqual(['__proto__', 'a', 'b', '\uff5e', '\u{1f600}'])
    expect(ids('a', 2)).toEqual(['b', '\uff5e'])
    expect(ids('aa', 1)).toEqual(['b'])
    expect(ids('\u{1f600}')).toEqual([])
    expect(ids(undefined, 0)).toEqual([])
    expect(store.entitiesOf('Nothing')).toEqual([])
  })

  it('has a version that rests on the content alone', () => {
    const turned = load({ entities: data.entities.toReversed() }, [
      { assignments: data.assignments.toReversed() },
    ])
    expect(store.version).toMatch(/^[0-9a-f]{64}$/)
    expect(turned.store?.version).toBe(store.version)
    expect(load({ ...data, entities: data.entities.slice(1) }).store?.version).not.toBe(store.version)
    expect(load({ ...data, assignments: data.assignments.slice(1) }).store?.version).not.toBe(store.version)
  })
})
