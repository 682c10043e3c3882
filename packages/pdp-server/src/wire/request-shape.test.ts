import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { decideRequestSchema, evaluationRequestSchema, findProblems } from './request-schema.ts'
import { isDecideRequest, isEvaluationRequest } from './request-shape.ts'

const MAX_LENGTH = 3

/** Nearly a question: each part is there and fits, or is something else. */
const odd = fc.constantFrom(
  undefined,
  null,
  0,
  '',
  'x',
  true,
  [],
  [7],
  {},
  { type: 'A' },
  { trace: 1 },
  { id: 'b' },
)
const orOdd = <T>(fitting: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: odd })
const properties = orOdd(fc.constantFrom(undefined, null, {}, { a: 1 }))
const parents = orOdd(fc.constantFrom(undefined, null, [], [{ type: 'A', id: 'b' }]))
const entity = orOdd(
  fc.record({
    type: orOdd(fc.string()),
    id: orOdd(fc.string()),
    properties,
    parents,
    roles: orOdd(fc.constantFrom(undefined, null, [], ['r', { role: 'r' }])),
  }),
)
const question = orOdd(
  fc.record({
    subject: entity,
    action: orOdd(fc.record({ name: orOdd(fc.string()), properties })),
    resource: entity,
    context: properties,
    entities: orOdd(fc.oneof(fc.constantFrom(undefined, null), fc.array(entity, { maxLength: 2 }))),
    explain: orOdd(fc.constantFrom(undefined, null, true, false, {}, { trace: true }, { trace: false })),
  }),
)

describe('isDecideRequest', () => {
  test.prop([question])('accepts what its schema accepts, and nothing else', (value) => {
    expect(isDecideRequest(value, MAX_LENGTH)).toBe(findProblems(decideRequestSchema, value).length === 0)
  })

  const whole = { subject: { type: 'A', id: 'a' }, action: { name: 'b' }, resource: { type: 'C', id: 'c' } }
  const long = [1, 2, 3, 4]

  it.each([
    { ...whole, entities: long.map(() => whole.subject) },
    { ...whole, subject: { ...whole.subject, roles: long } },
    { ...whole, subject: { ...whole.subject, parents: long } },
    { ...whole, resource: { ...whole.resource, parents: long } },
    { ...whole, entities: [{ ...whole.subject, parents: long }] },
  ])('leaves lists that are too long to whoever says so: %j', (value) => {
    expect(isDecideRequest(value, MAX_LENGTH)).toBe(false)
    expect(isDecideRequest(value, 4)).toBe(true)
  })
})

describe('isEvaluationRequest', () => {
  test.prop([question])('accepts what its schema accepts, and nothing else', (value) => {
    expect(isEvaluationRequest(value)).toBe(findProblems(evaluationRequestSchema, value).length === 0)
  })
})
