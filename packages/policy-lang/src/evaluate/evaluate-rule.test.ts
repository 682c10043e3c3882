import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import {
  ask,
  buildProgram,
  compare,
  context,
  entityType,
  equal,
  field,
  literal,
  NUMBER,
  role,
  roleParameter,
  rule,
  STRING,
} from './fixtures.ts'
import { linkProgram } from './link.ts'

/** A deny that a role with parameters carries: where it fails it applies, for each assignment that made it fail. */
function obligationsOf(limits: readonly number[], sent: { readonly required?: string }): readonly unknown[] {
  const limit = roleParameter('limit')
  const obligation = { name: 'log', args: [{ name: 'limit', code: limit }], at: [0, 1, 1] as const }
  const program = buildProgram({
    types: [entityType('User'), entityType('Document', { actions: ['read'] })],
    context: [field('required', STRING)],
    roles: [role('limited', { parameters: [field('limit', NUMBER)] })],
    assignments: limits.map((one) => ({ role: 'limited', to: '*', on: '*', with: { limit: one } })),
    rules: [
      rule('d', 'deny', {
        grantOf: 'limited',
        if: [compare(limit, '<', literal(3)), equal(context('required'), literal('x'))],
        obligate: [obligation],
      }),
    ],
  })
  const { decision, obligations } = decide(linkProgram(program), ask({ context: sent }))
  expect(decision).toBe('deny')
  return obligations.map(({ args }) => args.limit)
}

describe('evaluateRule', () => {
  it('keeps every assignment for which it fails, and none for which it is false', () => {
    expect(obligationsOf([1, 2, 3], {})).toEqual([1, 2])
    expect(obligationsOf([3, 2, 1], {})).toEqual([1, 2])
    expect(obligationsOf([3], {})).toEqual([])
  })

  it('keeps every assignment for which it is true', () => {
    expect(obligationsOf([1, 2, 3], { required: 'x' })).toEqual([1, 2])
    expect(obligationsOf([1, 2, 3], { required: 'y' })).toEqual([])
  })
})
