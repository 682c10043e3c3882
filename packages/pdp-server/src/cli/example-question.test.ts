import { loadEntityData } from '@edict/policy-lang'
import { describe, expect, it } from 'vitest'
import { loadPolicy } from '../test-support/service.ts'
import { findExampleQuestion } from './example-question.ts'

const POLICY = `
subject User
resource Doc { actions read  actions list }
role reader { can list on Doc }
`

describe('findExampleQuestion', () => {
  it('finds one that is allowed', () => {
    const policySet = loadPolicy(`${POLICY}\nrule r: allow list on Doc`)
    expect(findExampleQuestion({ policySet })).toMatchObject({ action: { name: 'list' } })
  })

  it('gives one that fits where none is allowed', () => {
    expect(findExampleQuestion({ policySet: loadPolicy(POLICY) })).toEqual({
      subject: { type: 'User', id: '1' },
      action: { name: 'list' },
      resource: { type: 'Doc', id: '1' },
    })
  })

  it('takes few steps, however much each decision would take', () => {
    const policySet = loadPolicy(`
      subject User in Team
      entity Team in Team
      resource Doc { actions read }
      ${Array.from({ length: 60 }, (_, index) => `rule r${index}: allow read on Doc to Team::"${index}"`).join('\n')}
    `)
    const ids = Array.from({ length: 5000 }, (_, index) => index)
    const team = (index: number) => ({ type: 'Team', id: `t${index}` })
    const { store, problems } = loadEntityData(policySet.program, [
      {
        name: 'data',
        data: {
          entities: [
            ...ids.map((index) => ({
              ...team(index),
              parents: index + 1 < ids.length ? [team(index + 1)] : [],
            })),
            ...ids.slice(0, 50).map((id) => ({ type: 'User', id: `${id}`, parents: [team(0)] })),
            ...ids.slice(0, 50).map((id) => ({ type: 'Doc', id: `${id}` })),
          ],
        },
      },
    ])
    expect(problems).toEqual([])
    let reads = 0
    const entities = store && {
      ...store,
      entity: (ref: { readonly type: string; readonly id: string }) => {
        reads++
        return store.entity(ref)
      },
    }
    findExampleQuestion({ policySet, ...(entities && { entities }) })
    expect(reads).toBeLessThan(250_000)
  })
})
