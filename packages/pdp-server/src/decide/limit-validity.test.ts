import type { Answer } from '@edict/policy-lang/program'
import { describe, expect, it } from 'vitest'
import type { Decider } from './decider.ts'
import { limitValidity } from './limit-validity.ts'

function untilOf(cacheable: Answer['cacheable'], until: number) {
  const answer = { decision: 'allow', cacheable } as Answer
  const decider = { decide: () => answer, explain: () => answer } as unknown as Decider
  return limitValidity(decider, until).decide({} as never).cacheable
}

describe('limitValidity', () => {
  const at = Date.UTC(2027, 0, 1)
  const text = '2027-01-01T00:00:00.000Z'

  it('ends an answer with what it rests on, and none later than it ended before', () => {
    expect(untilOf({ until: null }, at)).toEqual({ until: text })
    expect(untilOf({ until: '2028-01-01T00:00:00.000Z' }, at)).toEqual({ until: text })
    expect(untilOf({ until: '2026-01-01T00:00:00.000Z' }, at)).toEqual({ until: '2026-01-01T00:00:00.000Z' })
    expect(untilOf(false, at)).toBe(false)
  })

  it.each([9_999_999_999_999_000, 8.64e15, 253_402_300_800_000, Number.MAX_VALUE, Number.POSITIVE_INFINITY])(
    'takes %d, past all dates, for the last one that RFC 3339 can say',
    (until) => {
      expect(untilOf({ until: null }, until)).toEqual({ until: '9999-12-31T23:59:59.999Z' })
    },
  )
})
