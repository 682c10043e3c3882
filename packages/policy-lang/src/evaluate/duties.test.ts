import { describe, expect, it } from 'vitest'
import type { Code, Place } from '../program/program.ts'
import { evaluateDuties } from './duties.ts'
import {
  absent,
  ask,
  buildProgram,
  context,
  entityType,
  field,
  literal,
  roleParameter,
  STRING,
} from './fixtures.ts'
import { linkProgram } from './link.ts'
import { prepareDecision } from './prepare.ts'
import { failure } from './result.ts'
import type { RoleParameters } from './session.ts'

const linked = linkProgram(
  buildProgram({
    types: [entityType('User'), entityType('Document', { actions: ['read'] })],
    context: [field('required', STRING)],
  }),
)

const PLACE: Place = [0, 9, 9]

/** Names of the duties that can be spelt out, and what keeps the others from it. */
function outcomeOf(...args: readonly Code[]): object {
  return outcomeIn(new Map(), ...args)
}

function outcomeIn(parameters: RoleParameters, ...args: readonly Code[]): object {
  const prepared = prepareDecision(linked, ask({ context: {} }), {})
  if (prepared.kind !== 'rules') throw new Error('the request must meet rules')
  const scope = { resource: prepared.session.resource, parameters, variables: new Map() }
  const duties = [
    { name: 'first', args: args.map((code, index) => ({ name: `arg${index}`, code })), at: PLACE },
    { name: 'second', args: [{ name: 'text', code: literal('x') }], at: PLACE },
  ]
  const outcome = evaluateDuties(duties, scope, prepared.session)
  return { names: outcome.duties.map(({ name }) => name), failed: outcome.failed }
}

describe('evaluateDuties', () => {
  it('spells out duties whose arguments have values, or that have none', () => {
    expect(outcomeOf()).toEqual({ names: ['first', 'second'], failed: undefined })
    expect(outcomeOf(literal(1), literal('a'))).toEqual({ names: ['first', 'second'], failed: undefined })
  })

  it('leaves one out whole where an argument fails, and says where', () => {
    expect(outcomeOf(literal(1), context('required'))).toMatchObject({
      names: ['second'],
      failed: { at: [0, 1, 1] },
    })
  })

  // The checker lets no optional value stand here; a stored Program may have been changed since.
  it('takes an absent argument for a failed one: what must be carried out is never told in part', () => {
    expect(outcomeOf(literal(1), absent)).toMatchObject({
      names: ['second'],
      failed: { message: '`arg1` is absent', at: PLACE },
    })
  })

  it('names its own place for a failure that has none', () => {
    expect(outcomeIn(failure('parents are not known'), roleParameter('limit'))).toMatchObject({
      names: ['second'],
      failed: { message: 'parents are not known', at: PLACE },
    })
  })
})
