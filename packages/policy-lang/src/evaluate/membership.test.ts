import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { ask, buildProgram, entity, entityType, isIn, rule, storeOf, subject } from './fixtures.ts'
import { linkProgram } from './link.ts'

const team = (id: string) => ({ type: 'Team', id })

describe('liesInAny', () => {
  const linked = linkProgram(
    buildProgram({
      types: [
        entityType('User', { parents: ['Team'] }),
        entityType('Team', { parents: ['Team'] }),
        entityType('Document', { actions: ['read'] }),
      ],
      rules: [rule('a', 'allow', { if: [isIn(subject, entity('Team', '1000'))] })],
    }),
  )
  const entities = storeOf({
    entities: [
      { type: 'User', id: 'ann', parents: [team('0')] },
      ...Array.from({ length: 1000 }, (_, index) => ({
        ...team(`${index}`),
        parents: [team(`${index + 1}`)],
      })),
    ],
  })
  const request = ask({ subject: { type: 'User', id: 'ann' } })

  it('counts every entity that it passes', () => {
    expect(decide(linked, request, { entities }).decision).toBe('allow')
    expect(decide(linked, request, { entities, stepBudget: 500 }).reasons).toEqual([
      { builtin: 'budgetExceeded' },
    ])
  })

  it('tells entities of one id and different types apart', () => {
    const namesake = ask({ subject: { type: 'User', id: '1000', parents: [] } })
    expect(decide(linked, namesake, { entities })).toMatchObject({ decision: 'deny', errorCount: 0 })
  })

  it('passes entities of undeclared types without looking further', () => {
    const stray = storeOf({ entities: [{ type: 'User', id: 'ann', parents: [{ type: 'Crowd', id: 'c' }] }] })
    expect(decide(linked, request, { entities: stray })).toMatchObject({ decision: 'deny' })
  })
})
