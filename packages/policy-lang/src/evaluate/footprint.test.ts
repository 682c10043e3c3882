import { describe, expect, it } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import type { EntityData } from '../model/entity-data.ts'
import type { DecisionRequest } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { linkProgram } from './link.ts'

const SCHEMA = `
  subject User in Team { level?: Number  stored rank?: Number }
  subject Clerk in Team { stored parents  stored roles }
  subject Bot in Team { parents?: Set<String>  roles?: Set<String> }
  entity Team in Team
  resource Folder in Folder { owner?: User }
  resource Document in Folder { owner?: User  folder?: Folder  actions read(copies?: Number) }
  context { token?: { acr?: String }, "x-id"?: String }
`
const ALWAYS = ['$.action.name', '$.resource.id', '$.resource.type', '$.subject.id', '$.subject.type']

interface Expected {
  readonly request?: readonly string[]
  readonly attributes?: readonly string[]
  readonly parents?: readonly string[]
  readonly assignments?: readonly string[]
}

interface Situation {
  readonly request?: Partial<DecisionRequest>
  readonly data?: EntityData
}

function checkFootprint(text: string, expected: Expected, { request, data }: Situation = {}): void {
  const program = compileText(SCHEMA + text)
  const { store } = loadEntityData(program, [{ name: 'data', data: data ?? {} }])
  const asked: DecisionRequest = {
    subject: { type: 'User', id: 'ann', properties: { level: 1 }, parents: [] },
    action: { name: 'read' },
    resource: { type: 'Document', id: 'd', properties: { owner: 'bob', folder: 'f' }, parents: [] },
    ...request,
  }
  const { footprint } = decide(linkProgram(program), asked, {
    footprint: true,
    ...(store && { entities: store }),
  })
  expect(
    footprint && {
      request: footprint.request.filter((path) => !ALWAYS.includes(path)),
      attributes: footprint.attributes.map(({ type, attribute }) => `${type}.${attribute}`),
      parents: footprint.parents,
      assignments: footprint.assignments,
    },
  ).toEqual({ request: [], attributes: [], parents: [], assignments: [], ...expected })
}

describe('footprint', () => {
  const stored: Situation = {
    data: {
      entities: [
        { type: 'User', id: 'ann' },
        { type: 'Document', id: 'd' },
      ],
    },
  }
  const cases: readonly (readonly [string, string, Expected, Situation?])[] = [
    ['of nothing but the question itself', 'true', {}],
    [
      'of an attribute: where it is sent, else stored',
      'subject has level && subject.level == 1',
      { request: ['$.subject.properties.level'], attributes: ['User.level'] },
      stored,
    ],
    [
      'of an attribute that the store does not hold: also other members of the request',
      'subject has level',
      { request: ['$.entities', '$.subject.properties.level'], attributes: ['User.level'] },
    ],
    [
      'of one that is not sent: whether anything is, for that makes an entity known',
      'subject has level',
      {
        request: ['$.entities', '$.subject.properties', '$.subject.properties.level'],
        attributes: ['User.level'],
      },
      { request: { subject: { type: 'User', id: 'ann', properties: {} } } },
    ],
    [
      'of one that the store holds and the request does not: not whether anything is sent',
      'subject has level',
      { request: ['$.subject.properties.level'], attributes: ['User.level'] },
      { ...stored, request: { subject: { type: 'User', id: 'ann', properties: {} } } },
    ],
    ['of a stored attribute: the store alone', 'subject has rank', { attributes: ['User.rank'] }, stored],
    [
      'of an entity that is referred to',
      'resource has folder && resource.folder has owner',
      {
        request: ['$.entities', '$.resource.properties.folder'],
        attributes: ['Document.folder', 'Folder.owner'],
      },
    ],
    [
      'of parents',
      'subject in Team::"t"',
      { request: ['$.subject.parents', '$.subject.properties.parents'], parents: ['User'] },
      stored,
    ],
    [
      'of parents that the store does not hold: also other members of the request',
      'subject in Team::"t"',
      {
        request: ['$.entities', '$.subject.parents', '$.subject.properties.parents'],
        parents: ['User'],
      },
    ],
    [
      'of stored parents: the store alone',
      'subject in Team::"t"',
      { parents: ['Clerk'] },
      { request: { subject: { type: 'Clerk', id: 'c' } } },
    ],
    [
      'of parents where an attribute has their name: only beside it',
      'subject in Team::"t"',
      { request: ['$.entities', '$.subject.parents'], parents: ['Bot'] },
      { request: { subject: { type: 'Bot', id: 'b', parents: [] } } },
    ],
    [
      'of roles where an attribute has their name: only beside it',
      'hasRole(r)',
      { request: ['$.subject.roles'], assignments: ['r'] },
      { request: { subject: { type: 'Bot', id: 'b', parents: [] } } },
    ],
    [
      'of stored roles: the store alone, whatever is sent',
      'hasRole(r)',
      { assignments: ['r'] },
      { request: { subject: { type: 'Clerk', id: 'c' } } },
    ],
    [
      'of stored roles that are sent all the same',
      'hasRole(r)',
      { assignments: ['r'] },
      { request: { subject: { type: 'Clerk', id: 'c', roles: ['r'] } } },
    ],
    [
      'of the context, each member as a whole',
      '(context.token?.acr ?? context["x-id"] ?? "") == ""',
      { request: ['$.context.token', '$.context["x-id"]'] },
    ],
    ['of a parameter', '(action.copies ?? 1) == 1', { request: ['$.action.properties.copies'] }],
    [
      'of roles',
      'hasRole(r)',
      { request: ['$.subject.properties.roles', '$.subject.roles'], assignments: ['r'] },
    ],
    ['of what was read only', 'false && subject has level && hasRole(r)', {}],
  ]
  for (const [claim, condition, expected, situation] of cases) {
    it(claim, () =>
      checkFootprint(`role r\nrule a: allow read on Document if ${condition}`, expected, situation),
    )
  }

  it('names both where subject and resource are one entity', () => {
    const self = { type: 'Person', id: 'p', properties: { note: 'x' } }
    const text =
      'subject resource Person { note?: String  actions wave }\nrule a: allow wave on Person if subject has note'
    const request = { subject: self, resource: { type: 'Person', id: 'p' }, action: { name: 'wave' } }
    checkFootprint(
      text,
      {
        request: [
          '$.entities',
          '$.resource.properties',
          '$.resource.properties.note',
          '$.subject.properties.note',
        ],
        attributes: ['Person.note'],
      },
      { request },
    )
  })

  it('names types and action where they are not known', () => {
    const program = linkProgram(compileText(SCHEMA))
    const request = {
      subject: { type: 'X', id: 'x' },
      action: { name: 'x' },
      resource: { type: 'X', id: 'x' },
    }
    expect(decide(program, request, { footprint: true }).footprint).toEqual({
      request: ALWAYS,
      attributes: [],
      parents: [],
      assignments: [],
    })
  })

  it('is sorted as a whole', () => {
    const program = linkProgram(compileText(`${SCHEMA}rule a: allow read on Document if context has "x-id"`))
    const request = {
      subject: { type: 'User', id: 'u' },
      action: { name: 'read' },
      resource: { type: 'Document', id: 'd' },
    }
    const { footprint } = decide(program, request, { footprint: true })
    expect(footprint?.request).toEqual(['$.action.name', '$.context["x-id"]', ...ALWAYS.slice(1)])
  })
})
