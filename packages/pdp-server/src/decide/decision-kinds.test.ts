import type { Answer } from '@edict/policy-lang'
import { describe, expect, it } from 'vitest'
import { createRecord } from '../test-support/decision-records.ts'
import { exportOpen, readOpen } from '../test-support/service.ts'
import { DecisionKinds } from './decision-kinds.ts'
import type { DecisionRecord } from './decision-record.ts'

function create() {
  const made: DecisionRecord[] = []
  const kinds = new DecisionKinds((record) => {
    made.push(record)
    return { of: `${record.answer.decision} ${record.request.action.name} ${record.request.resource.type}` }
  })
  return { kinds, made }
}

const first = createRecord(readOpen)
const { request, ...rest } = first
const answer: Answer = Object.freeze({
  ...first.answer,
  reasons: Object.freeze([...first.answer.reasons]),
  obligations: Object.freeze([]),
})
const named = (action: string, type: string): DecisionRecord => ({
  ...rest,
  request: { ...request, action: { name: action }, resource: { type, id: 'x' } },
  answer,
})

describe('DecisionKinds', () => {
  it('makes once what decisions of one kind share', () => {
    const { kinds, made } = create()
    expect(kinds.of(named('read', 'Doc'))).toBe(kinds.of(named('read', 'Doc')))
    expect(kinds.of({ ...named('read', 'Doc'), answer: { ...answer, cacheable: false } })).toEqual({
      of: `${answer.decision} read Doc`,
    })
    expect(kinds.of(createRecord(exportOpen))).toEqual({ of: 'allow export Doc' })
    expect(made).toHaveLength(2)
  })

  it('tells actions and types apart, be they many', () => {
    const { kinds, made } = create()
    const names = Array.from({ length: 30 }, (_, at) => [`a${at % 6}`, `T${at}`] as const)
    for (let turn = 0; turn < 2; turn++) {
      for (const [action, type] of names) {
        expect(kinds.of(named(action, type))).toEqual({ of: `${answer.decision} ${action} ${type}` })
      }
    }
    expect(made).toHaveLength(30)
  })

  it('keeps nothing of answers that may change, and mixes up none that share parts', () => {
    const { kinds, made } = create()
    const reasons = [...answer.reasons]
    for (let turn = 0; turn < 2; turn++) kinds.of({ ...named('read', 'Doc'), answer: { ...answer, reasons } })
    expect(made).toHaveLength(2)
    kinds.of(named('read', 'Doc'))
    const other = answer.decision === 'allow' ? 'deny' : 'allow'
    const denied = { ...named('read', 'Doc'), answer: { ...answer, decision: other } } as const
    expect(kinds.of(denied)).toEqual({ of: `${other} read Doc` })
    expect(kinds.of(named('read', 'Doc'))).toEqual({ of: `${answer.decision} read Doc` })
  })

  it('forgets rather than grows', () => {
    const { kinds, made } = create()
    const ask = (at: number) => kinds.of(named('read', `T${at}`))
    for (let at = 0; at <= 5000; at++) ask(at)
    made.length = 0
    ask(5000)
    ask(0)
    expect(made).toHaveLength(1)
    for (let turn = 0; turn < 2; turn++) kinds.of(named('x'.repeat(300), 'Doc'))
    expect(made).toHaveLength(3)
  })
})
