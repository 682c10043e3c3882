import { describe, expect, it } from 'vitest'
import { PolicyLangError } from '../model/errors.ts'
import { readRequest } from './read-request.ts'

function checkProblems(request: unknown, expected: readonly string[]): void {
  try {
    readRequest(request)
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyLangError)
    const { code, problems } = error as PolicyLangError
    expect(code).toBe('malformed-request')
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual(expected)
    return
  }
  expect([]).toEqual(expected)
}

const subject = { type: 'User', id: 'ann' }
const action = { name: 'read' }
const resource = { type: 'Document', id: 'd' }
const whole = { subject, action, resource }

describe('readRequest', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['takes the least that a request can be', whole, []],
    ['takes ids that are empty', { ...whole, subject: { type: '', id: '' } }, []],
    [
      'takes null for not sent',
      {
        ...whole,
        context: null,
        entities: null,
        subject: { ...subject, properties: null, roles: null, parents: null },
      },
      [],
    ],
    ['takes undeclared members', { ...whole, other: 1, subject: { ...subject, other: 1 } }, []],
    [
      'takes parents of any kind: they may be ill-typed',
      { ...whole, resource: { ...resource, parents: 7 } },
      [],
    ],
    [
      'takes roles inside properties of any kind',
      { ...whole, subject: { ...subject, properties: { roles: 7 } } },
      [],
    ],
    ['refuses what is no object', 'x', ['$ must be an object']],
    ['refuses null', null, ['$ must be an object']],
    ['refuses an array', [], ['$ must be an object']],
    ['refuses nothing at all', undefined, ['$ must be an object']],
    [
      'names all that is missing',
      {},
      ['$.subject is missing', '$.action is missing', '$.resource is missing'],
    ],
    [
      'names members that are missing',
      { subject: {}, action: {}, resource: {} },
      [
        '$.subject.type is missing',
        '$.subject.id is missing',
        '$.action.name is missing',
        '$.resource.type is missing',
        '$.resource.id is missing',
      ],
    ],
    [
      'refuses a numeric id',
      { ...whole, subject: { type: 'User', id: 7 } },
      ['$.subject.id must be a string'],
    ],
    ['refuses a null id', { ...whole, resource: { type: 'User', id: null } }, ['$.resource.id is missing']],
    ['refuses an action that is a string', { ...whole, action: 'read' }, ['$.action must be an object']],
    ['refuses a subject that is an array', { ...whole, subject: [] }, ['$.subject must be an object']],
    [
      'refuses properties that are no object',
      { ...whole, subject: { ...subject, properties: [] }, action: { ...action, properties: 'x' } },
      ['$.subject.properties must be an object', '$.action.properties must be an object'],
    ],
    ['refuses a context that is no object', { ...whole, context: [] }, ['$.context must be an object']],
    [
      'refuses roles that are no array',
      { ...whole, subject: { ...subject, roles: 'admin' } },
      ['$.subject.roles must be an array'],
    ],
    ['refuses entities that are no array', { ...whole, entities: {} }, ['$.entities must be an array']],
    [
      'refuses a member of entities without a type',
      { ...whole, entities: [resource, { id: 'x' }, null] },
      ['$.entities[1].type is missing', '$.entities[2] must be an object'],
    ],
    [
      'refuses inherited members',
      Object.create(whole),
      ['$.subject is missing', '$.action is missing', '$.resource is missing'],
    ],
  ]
  it.each(cases)('%s', (_claim, request, expected) => checkProblems(request, expected))

  it('names only the first problems in its message', () => {
    const entities = Array.from({ length: 1000 }, () => 7)
    expect(() => readRequest({ ...whole, entities })).toThrow(/^.{0,300}$/)
    checkProblems({ ...whole, entities: [7] }, ['$.entities[0] must be an object'])
  })
})
