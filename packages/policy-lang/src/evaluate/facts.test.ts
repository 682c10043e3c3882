import { describe, expect, it } from 'vitest'
import type { EntityData, EntityRecord, EntityStore } from '../model/entity-data.ts'
import type { DecisionRequest, RequestEntity, RequestSubject } from '../model/request.ts'
import type { Code } from '../program/program.ts'
import { decide } from './decide.ts'
import {
  and,
  attribute,
  buildProgram,
  entity,
  entityOf,
  entityType,
  equal,
  field,
  has,
  isIn,
  literal,
  member,
  NUMBER,
  not,
  recordOf,
  resource,
  rule,
  STRING,
  setOf,
  storeOf,
  subject,
} from './fixtures.ts'
import { linkProgram } from './link.ts'

const types = [
  entityType('User', {
    isSubject: true,
    parents: ['Team'],
    attributes: [
      attribute('email', STRING),
      attribute('name?', STRING),
      attribute('tags?', setOf(STRING)),
      attribute('level?', NUMBER, true),
      attribute('boss?', entityOf('User')),
    ],
    actions: ['read'],
  }),
  entityType('Team', { parents: ['Team'], attributes: [attribute('label?', STRING)] }),
  entityType('Agent', { parents: ['Team'], hasStoredParents: true }),
  entityType('Bot', { parents: ['Team'], attributes: [attribute('parents?', setOf(STRING))] }),
  entityType('Plain'),
  entityType('Keeper', { attributes: [attribute('token?', recordOf(field('key', STRING)))] }),
  entityType('Document', { actions: ['read'] }),
]

interface Situation {
  readonly subject?: RequestSubject
  readonly resource?: RequestEntity
  readonly entities?: readonly RequestEntity[]
  readonly data?: EntityData
  readonly store?: EntityStore
}

/** Whether the condition is true, false or failed. */
function judgeIn(code: Code, situation: Situation): boolean | 'failed' {
  const linked = linkProgram(buildProgram({ types, rules: [rule('r', 'allow', { if: [code] })] }))
  const request: DecisionRequest = {
    subject: situation.subject ?? { type: 'User', id: 'ann' },
    action: { name: 'read' },
    resource: situation.resource ?? { type: 'Document', id: 'd' },
    ...(situation.entities && { entities: situation.entities }),
  }
  const answer = decide(linked, request, { entities: situation.store ?? storeOf(situation.data) })
  if (answer.decision === 'allow') return true
  expect(answer.reasons).toEqual([{ builtin: 'default' }])
  return answer.errorCount === 0 ? false : 'failed'
}

const name = (value: string): Code => equal(member(subject, 'name'), literal(value))
const ann = { type: 'User', id: 'ann' }
const held = (rest: Partial<EntityRecord>): EntityData => ({ entities: [{ ...ann, ...rest }] })
const team = (id: string) => ({ type: 'Team', id })
const inTeam = (id: string): Code => isIn(subject, entity('Team', id))
const unavailable: EntityStore = { ...storeOf(), entity: () => 'unavailable' }

type Case = readonly [claim: string, code: Code, situation: Situation, expected: boolean | 'failed']

function checkAll(cases: readonly Case[]): void {
  it.each(cases)('%s', (_claim, code, situation, expected) => expect(judgeIn(code, situation)).toBe(expected))
}

describe('facts: what is known', () => {
  const hasName = has(subject, 'name')
  checkAll([
    ['an entity that nobody holds is unknown', hasName, {}, 'failed'],
    ['the store makes it known', hasName, { data: held({}) }, false],
    ['properties make it known, also empty ones', hasName, { subject: { ...ann, properties: {} } }, false],
    ['null properties do not', hasName, { subject: { ...ann, properties: null as never } }, 'failed'],
    ['standing in entities makes it known, also without properties', hasName, { entities: [ann] }, false],
    ['parents do not make it known', hasName, { subject: { ...ann, parents: [] } }, 'failed'],
    ['a resource of the request makes it known', hasName, { resource: { ...ann, properties: {} } }, false],
    [
      'a required attribute of a known entity without a value fails',
      not(has(subject, 'email')),
      { data: held({}) },
      'failed',
    ],
    [
      'a referenced entity is known by itself alone',
      has(member(subject, 'boss'), 'name'),
      { subject: { ...ann, properties: { boss: 'bob' } } },
      'failed',
    ],
    [
      'and then it is',
      has(member(subject, 'boss'), 'name'),
      { subject: { ...ann, properties: { boss: 'bob' } }, entities: [{ type: 'User', id: 'bob' }] },
      false,
    ],
    [
      'a type without attributes and parents is always known',
      isIn(subject, subject),
      { subject: { type: 'Plain', id: 'p' } },
      true,
    ],
    ['what it lacks is not there', has(subject, 'name'), { subject: { type: 'Plain', id: 'p' } }, false],
  ])
})

describe('facts: who says what', () => {
  const stored = held({ properties: { email: 'e', name: 'stored' } })
  checkAll([
    ['the store', name('stored'), { data: stored }, true],
    [
      'the request lies over the store',
      name('sent'),
      { data: stored, subject: { ...ann, properties: { name: 'sent' } } },
      true,
    ],
    [
      'attribute by attribute',
      equal(member(subject, 'email'), literal('e')),
      { data: stored, subject: { ...ann, properties: { name: 'sent' } } },
      true,
    ],
    [
      'not deeper',
      equal(member(subject, 'tags'), literal('x')),
      { data: held({ properties: { tags: ['x', 'y'] } }), subject: { ...ann, properties: { tags: ['x'] } } },
      false,
    ],
    [
      'null counts as not sent',
      name('stored'),
      { data: stored, subject: { ...ann, properties: { name: null } } },
      true,
    ],
    [
      'an ill-typed sent value fails, the stored one does not show through',
      name('stored'),
      { data: stored, subject: { ...ann, properties: { name: 7 } } },
      'failed',
    ],
    [
      'so does has',
      has(subject, 'name'),
      { data: stored, subject: { ...ann, properties: { name: 7 } } },
      'failed',
    ],
    [
      'an ill-typed stored value fails',
      name('stored'),
      { data: held({ properties: { name: [] } }) },
      'failed',
    ],
    [
      'but is covered by a sent one',
      name('sent'),
      { data: held({ properties: { name: [] } }), subject: { ...ann, properties: { name: 'sent' } } },
      true,
    ],
    [
      'entities count where the store holds nothing',
      name('said'),
      { entities: [{ ...ann, properties: { name: 'said' } }] },
      true,
    ],
    [
      'entities do not count where it does',
      name('said'),
      { data: held({}), entities: [{ ...ann, properties: { name: 'said' } }] },
      'failed',
    ],
    [
      'entities count less than the subject',
      name('sent'),
      {
        subject: { ...ann, properties: { name: 'sent' } },
        entities: [{ ...ann, properties: { name: 'said' } }],
      },
      true,
    ],
    [
      'but fill what it leaves out',
      name('said'),
      {
        subject: { ...ann, properties: { email: 'e' } },
        entities: [{ ...ann, properties: { name: 'said' } }],
      },
      true,
    ],
    [
      'an ill-typed value in entities fails',
      name('said'),
      { entities: [{ ...ann, properties: { name: 7 } }] },
      'failed',
    ],
    [
      'entities that differ make it ill-typed, in any order',
      name('a'),
      {
        entities: [
          { ...ann, properties: { name: 'a' } },
          { ...ann, properties: { name: 'b' } },
        ],
      },
      'failed',
    ],
    [
      'entities that agree do not',
      name('a'),
      {
        entities: [
          { ...ann, properties: { name: 'a' } },
          { ...ann, properties: { name: 'a' } },
        ],
      },
      true,
    ],
  ])
})

describe('facts: subject and resource are one entity', () => {
  const one = (s: object | undefined, r: object | undefined): Situation => ({
    subject: { ...ann, ...(s && { properties: s as never }) },
    resource: { ...ann, ...(r && { properties: r as never }) },
  })
  checkAll([
    [
      'their properties are united',
      and(name('n'), equal(member(resource, 'email'), literal('e'))),
      one({ name: 'n' }, { email: 'e' }),
      true,
    ],
    ['where they agree, that counts', name('n'), one({ name: 'n' }, { name: 'n' }), true],
    [
      'they agree by content',
      equal(member(subject, 'tags'), member(resource, 'tags')),
      one({ tags: ['a', 'b'] }, { tags: ['b', 'a'] }),
      true,
    ],
    ['where they differ, the attribute is ill-typed', name('n'), one({ name: 'n' }, { name: 'm' }), 'failed'],
    [
      'also for the store below',
      name('n'),
      { ...one({ name: 'n' }, { name: 'm' }), data: held({ properties: { name: 'n' } }) },
      'failed',
    ],
    ['where one is ill-typed, it is', name('n'), one({ name: 'n' }, { name: 7 }), 'failed'],
    ['null counts as not sent', name('n'), one({ name: 'n' }, { name: null }), true],
    ['one of them with properties makes it known', has(subject, 'name'), one(undefined, {}), false],
    [
      'differing parents are unknown',
      inTeam('a'),
      { subject: { ...ann, parents: [team('a')] }, resource: { ...ann, parents: [team('b')] } },
      'failed',
    ],
    [
      'equal parents count',
      inTeam('a'),
      {
        subject: { ...ann, parents: [team('a'), team('b')] },
        resource: { ...ann, parents: [team('b'), team('a')] },
      },
      true,
    ],
    ['parents of one count', inTeam('a'), { subject: ann, resource: { ...ann, parents: [team('a')] } }, true],
    [
      'ill-typed parents of one are unknown',
      inTeam('a'),
      { subject: { ...ann, parents: [team('a')] }, resource: { ...ann, parents: 7 as never } },
      'failed',
    ],
  ])
})

describe('facts: parents', () => {
  const lists = (...parents: object[]): Situation => ({ subject: { ...ann, parents: parents as never } })
  const teams: EntityData = {
    entities: [
      { ...team('a'), parents: [team('top')] },
      { ...ann, parents: [team('a')] },
    ],
  }
  checkAll([
    [
      'of an entity of the request alone are unknown',
      inTeam('a'),
      { subject: { ...ann, properties: {} } },
      'failed',
    ],
    ['unless given', inTeam('a'), lists(team('a')), true],
    ['[] says none', inTeam('a'), lists(), false],
    [
      'null counts as not sent',
      inTeam('a'),
      { data: teams, subject: { ...ann, parents: null as never } },
      true,
    ],
    ['a stored entity without parents has none', inTeam('a'), { data: held({}) }, false],
    [
      'given parents replace stored ones',
      inTeam('a'),
      { data: teams, subject: { ...ann, parents: [team('b')] } },
      'failed',
    ],
    [
      'and lead further through the store',
      inTeam('top'),
      { data: teams, subject: { ...ann, parents: [team('a')] } },
      true,
    ],
    ['inside properties', inTeam('a'), { subject: { ...ann, properties: { parents: [team('a')] } } }, true],
    [
      'beside beats inside',
      inTeam('a'),
      { subject: { ...ann, parents: [], properties: { parents: [team('a')] } } },
      false,
    ],
    [
      'inside is an attribute where the type declares it',
      isIn(subject, entity('Team', 'a')),
      { subject: { type: 'Bot', id: 'b', properties: { parents: [team('a')] as never } } },
      'failed',
    ],
    [
      'and beside still counts',
      isIn(subject, entity('Team', 'a')),
      { subject: { type: 'Bot', id: 'b', parents: [team('a')], properties: { parents: ['x'] } } },
      true,
    ],
    ['that are no array are unknown', inTeam('a'), { subject: { ...ann, parents: {} as never } }, 'failed'],
    ['of a type not after `in` are unknown', inTeam('a'), lists({ type: 'Plain', id: 'p' }), 'failed'],
    ['one bad makes all unknown', inTeam('a'), lists(team('a'), { type: 'Plain', id: 'p' }), 'failed'],
    ['without an id are unknown', inTeam('a'), lists({ type: 'Team' }), 'failed'],
    [
      'given in entities',
      inTeam('top'),
      { ...lists(team('x')), entities: [{ ...team('x'), parents: [team('top')] }] },
      true,
    ],
    [
      'given in entities, inside properties',
      inTeam('top'),
      { ...lists(team('x')), entities: [{ ...team('x'), properties: { parents: [team('top')] } }] },
      true,
    ],
    [
      'not given in entities are unknown',
      inTeam('top'),
      { ...lists(team('x')), entities: [{ ...team('x'), properties: {} }] },
      'failed',
    ],
    [
      'in entities do not count where the store holds it',
      inTeam('q'),
      { data: teams, entities: [{ ...team('a'), parents: [team('q')] }] },
      'failed',
    ],
    ['an unknown one further up fails', inTeam('q'), { data: teams }, 'failed'],
    [
      'in a circle of the request are walked once',
      inTeam('q'),
      {
        ...lists(team('x')),
        entities: [
          { ...team('x'), parents: [team('y')] },
          { ...team('y'), parents: [team('x')] },
        ],
      },
      false,
    ],
    [
      'and members of the circle are found',
      inTeam('y'),
      {
        ...lists(team('x')),
        entities: [
          { ...team('x'), parents: [team('y')] },
          { ...team('y'), parents: [team('x')] },
        ],
      },
      true,
    ],
  ])
})

describe('facts: stored members', () => {
  const level = (value: number): Code => equal(member(subject, 'level'), literal(value))
  const agent = { type: 'Agent', id: 'g' }
  checkAll([
    [
      'a stored attribute comes from the store',
      level(1),
      { data: held({ properties: { level: 1 } }), subject: { ...ann, properties: { level: 2 } } },
      true,
    ],
    [
      'where the store holds none it is absent',
      has(subject, 'level'),
      { data: held({}), subject: { ...ann, properties: { level: 2 } } },
      false,
    ],
    [
      'where the store does not hold the entity it is unknown',
      level(2),
      { subject: { ...ann, properties: { level: 2 } } },
      'failed',
    ],
    ['has fails too', has(subject, 'level'), { subject: { ...ann, properties: {} } }, 'failed'],
    [
      'also for entities',
      has(subject, 'level'),
      { entities: [{ ...ann, properties: { level: 2 } }] },
      'failed',
    ],
    [
      'stored parents come from the store',
      inTeam('a'),
      {
        subject: { ...agent, parents: [team('b')] },
        data: { entities: [{ ...agent, parents: [team('a')] }] },
      },
      true,
    ],
    [
      'where the store does not hold the entity they are unknown',
      inTeam('b'),
      { subject: { ...agent, parents: [team('b')] } },
      'failed',
    ],
    [
      'also for entities',
      inTeam('b'),
      { subject: agent, entities: [{ ...agent, parents: [team('b')] }] },
      'failed',
    ],
  ])
})

describe('facts: a store that cannot say', () => {
  const some = { ...ann, properties: { name: 'sent' } }
  checkAll([
    ['makes an entity unknown', has(subject, 'name'), { store: unavailable }, 'failed'],
    [
      'keeps entities of the request silent',
      name('said'),
      { store: unavailable, entities: [{ ...ann, properties: { name: 'said' } }] },
      'failed',
    ],
    [
      'lets sent attributes count, which would lie over its own',
      name('sent'),
      { store: unavailable, subject: some },
      true,
    ],
    ['but none that were not sent', has(subject, 'tags'), { store: unavailable, subject: some }, 'failed'],
    [
      'lets given parents count',
      inTeam('a'),
      { store: unavailable, subject: { ...ann, parents: [team('a')] } },
      true,
    ],
    [
      'keeps parents that the request tells of others silent',
      inTeam('b'),
      {
        store: { ...storeOf(), entity: ({ type }) => (type === 'Team' ? 'unavailable' : 'absent') },
        subject: { ...ann, parents: [team('a')] },
        entities: [{ ...team('a'), parents: [team('b')] }],
      },
      'failed',
    ],
    ['makes others unknown', inTeam('a'), { store: unavailable, subject: some }, 'failed'],
    [
      'makes stored members unknown',
      has(subject, 'level'),
      { store: unavailable, subject: { ...ann, properties: { level: 1 } } },
      'failed',
    ],
  ])
})

describe('facts: a store that breaks the rules', () => {
  it('has unknown parents where one is of a type not after `in`', () => {
    const data = held({ parents: [team('a'), { type: 'Plain', id: 'p' }] })
    expect(judgeIn(inTeam('a'), { data })).toBe('failed')
  })

  it('is walked once where its parents form a circle', () => {
    const data = {
      entities: [
        { ...ann, parents: [team('x')] },
        { ...team('x'), parents: [team('x')] },
      ],
    }
    expect(judgeIn(inTeam('q'), { data })).toBe(false)
  })

  it('is walked without recursion along 20,000 parents', () => {
    const last = 20_000
    const teams = Array.from({ length: last }, (_, index) => ({
      ...team(`${index}`),
      parents: [team(`${index + 1}`)],
    }))
    const data = { entities: [{ ...ann, parents: [team('0')] }, ...teams] }
    expect(judgeIn(inTeam(`${last}`), { data })).toBe(true)
    expect(judgeIn(inTeam('other'), { data })).toBe('failed')
  })
})

describe('facts: an entity that is asked for again', () => {
  it('is read once, and so is each attribute', () => {
    let [entities, values] = [0, 0]
    const properties = {
      get name() {
        values += 1
        return 'x'
      },
    }
    const store: EntityStore = {
      ...storeOf(),
      entity: ({ type }) => {
        if (type !== 'User') return 'absent'
        entities += 1
        return { properties, parents: [team('a')] }
      },
    }
    expect(judgeIn(and(name('x'), name('x'), inTeam('a'), has(subject, 'email')), { store })).toBe('failed')
    expect([entities, values]).toEqual([1, 1])
  })
})

describe('facts: errors', () => {
  const error = (situation: Situation, code: Code = name('x')): object | undefined => {
    const linked = linkProgram(buildProgram({ types, rules: [rule('r', 'allow', { if: [code] })] }))
    const { subject = ann, resource = { type: 'Document', id: 'd' } } = situation
    const request = { subject, action: { name: 'read' }, resource }
    const { errors } = decide(linked, request, { entities: storeOf(situation.data) })
    const [first] = errors
    return first && { message: first.message, ...(first.path !== undefined && { path: first.path }) }
  }

  it('say which value of the request is ill-typed', () => {
    expect(error({ subject: { ...ann, properties: { tags: ['a', 1] } } }, has(subject, 'tags'))).toEqual({
      message: '`tags` of User::"ann" is ill-typed: expected String, got 1 at $.subject.properties.tags[1]',
      path: '$.subject.properties.tags[1]',
    })
  })

  it('say which value of the store is ill-typed, without a path in the request', () => {
    expect(error({ data: held({ properties: { name: 7 } }) })).toEqual({
      message: '`name` of User::"ann" is ill-typed: expected String, got 7 at stored.name',
    })
  })

  it('say what a record lacks, and where', () => {
    const token = { type: 'Keeper', id: 'k', properties: { token: {} } }
    expect(error({ subject: token }, equal(member(subject, 'token', 'key'), literal('x')))).toEqual({
      message: '`token` of Keeper::"k" is ill-typed: $.subject.properties.token.key is missing',
      path: '$.subject.properties.token.key',
    })
  })

  it('say which of two inputs is ill-typed, or that they differ', () => {
    const of = (asSubject: unknown, asResource: unknown): object | undefined =>
      error({
        subject: { ...ann, properties: { name: asSubject as never } },
        resource: { ...ann, properties: { name: asResource as never } },
      })
    expect(of(7, 'x')).toMatchObject({ path: '$.subject.properties.name' })
    expect(of('x', 7)).toMatchObject({ path: '$.resource.properties.name' })
    expect(of('x', 'y')).toEqual({
      message:
        '`name` of User::"ann" is ill-typed: sent twice with different values at $.resource.properties.name',
      path: '$.resource.properties.name',
    })
  })

  it('say where a missing or unknown value could have been sent', () => {
    expect(error({})).toEqual({
      message: '`name` of User::"ann" is not known',
      path: '$.subject.properties.name',
    })
    expect(error({ data: held({}) }, has(subject, 'email'))).toEqual({
      message: '`email` of User::"ann" is missing',
      path: '$.subject.properties.email',
    })
    expect(error({}, has(subject, 'level'))).toEqual({ message: '`level` of User::"ann" is not known' })
  })
})
