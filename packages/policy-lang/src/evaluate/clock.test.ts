import { describe, expect, it } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import type { Answer, Cacheable } from '../model/answer.ts'
import type { AssignmentRecord } from '../model/entity-data.ts'
import type { JsonObject } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { linkProgram } from './link.ts'
import type { DecideOptions } from './session.ts'

const SCHEMA = `
  subject User
  resource Document { actions read }
  context { at?: Datetime, long?: Duration, yes?: Bool }
  role r
`
const NOW = '2026-01-01T12:00:00Z'

interface Situation {
  readonly context?: JsonObject
  readonly assignments?: readonly Partial<AssignmentRecord>[]
  readonly options?: DecideOptions
}

function ask(condition: string, { context, assignments = [], options }: Situation = {}): Answer {
  const program = compileText(`${SCHEMA}rule a: allow read on Document if ${condition}`)
  const rows = assignments.map((one) => ({ role: 'r', to: '*', on: '*', ...one }))
  const { store, problems } = loadEntityData(program, [{ name: 'data', data: { assignments: rows } }])
  expect(problems).toEqual([])
  const request = {
    subject: { type: 'User', id: 'ann' },
    action: { name: 'read' },
    resource: { type: 'Document', id: 'd' },
    ...(context && { context }),
  }
  return decide(linkProgram(program), request, {
    now: () => Date.parse(NOW),
    ...(store && { entities: store }),
    ...options,
  })
}

describe('cacheable', () => {
  const T = (text: string): string => `datetime("${text}")`
  const cases: readonly (readonly [string, string, string | null | false, Situation?])[] = [
    ['without a clock there is no limit', 'true', null],
    ['now < X flips at X', `context.now < ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T13:00:00Z'],
    ['now >= X flips at X', `context.now >= ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T13:00:00Z'],
    ['now <= X flips just after', `context.now <= ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T13:00:00.001Z'],
    ['now > X flips just after', `context.now > ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T13:00:00.001Z'],
    ['now <= X flips just after, also at X itself', `context.now <= ${T(NOW)}`, '2026-01-01T12:00:00.001Z'],
    ['now == X flips at X', `context.now == ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T13:00:00Z'],
    ['now == X at X flips just after', `context.now == ${T(NOW)}`, '2026-01-01T12:00:00.001Z'],
    ['now != X alike', `context.now != ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T13:00:00Z'],
    ['the other way round', `${T('2026-01-01T13:00:00Z')} > context.now`, '2026-01-01T13:00:00Z'],
    [
      'the other way round, and with it',
      `${T('2026-01-01T13:00:00Z')} >= context.now`,
      '2026-01-01T13:00:00.001Z',
    ],
    ['now < X at X itself flips no more', `context.now < ${T(NOW)}`, null],
    ['now >= X at X itself flips no more', `context.now >= ${T(NOW)}`, null],
    ['X > now at X itself flips no more', `${T(NOW)} > context.now`, null],
    ['what is past flips no more', `context.now > ${T('2026-01-01T11:00:00Z')}`, null],
    [
      'the least of several',
      `context.now < ${T('2026-01-03')} && context.now < ${T('2026-01-02')} && context.now > ${T('2025-01-01')}`,
      '2026-01-02T00:00:00Z',
    ],
    ['only those that were read', `false && context.now < ${T('2026-01-02')}`, null],
    ['now - duration', `context.now - 1h < ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T14:00:00Z'],
    ['now + duration', `context.now + 1h < ${T('2026-01-01T13:30:00Z')}`, '2026-01-01T12:30:00Z'],
    ['duration + now', `1h + context.now < ${T('2026-01-01T13:30:00Z')}`, '2026-01-01T12:30:00Z'],
    ['several durations', `context.now + 1h - 30m < ${T('2026-01-01T13:00:00Z')}`, '2026-01-01T12:30:00Z'],
    [
      'a duration of the request',
      `context.at > context.now - context.long`,
      '2026-01-01T12:10:00Z',
      { context: { at: '2026-01-01T12:00:00Z', long: '10m' } },
    ],
    [
      'a bound of the request',
      `context.at > context.now - 5m`,
      '2026-01-01T12:04:00Z',
      { context: { at: '2026-01-01T11:59:00Z' } },
    ],
    [
      'a shift that leaves the range of Datetime',
      `context.now + 2912442d > ${T('2026-01-01')}`,
      '2026-01-02T00:00:00Z',
    ],
    [
      'a shift that enters the range of Datetime',
      `context.now - 739617d > ${T('0001-01-01')}`,
      '2026-01-02T00:00:00Z',
    ],
    ['the last instant is one', `context.now < ${T('9999-12-31T23:59:59.999Z')}`, '9999-12-31T23:59:59.999Z'],
    ['after the last instant there is none', `context.now <= ${T('9999-12-31T23:59:59.999Z')}`, null],
    ['no shift at all', `context.now + 0s < ${T('2026-01-02')}`, '2026-01-02T00:00:00Z'],
    ['a wall clock has no limit that can be told', `context.now.time >= 8h`, false],
    ['nor a day of the week', `context.now.dayOfWeek == "mon"`, false],
    ['nor a difference', `context.now - (context.at ?? ${T('2026-01-01')}) < 24h`, false],
    ['nor membership', `context.now in [${T('2026-01-01')}]`, false],
    ['nor the clock compared with itself', `context.now > context.now - 1h`, false],
    ['unless it was not read', `true || context.now.time >= 8h`, null],
    [
      'an expiry in the future',
      'hasRole(r)',
      '2026-01-02T00:00:00Z',
      { assignments: [{ expires: '2026-01-02' }] },
    ],
    ['an expiry in the past', 'hasRole(r)', null, { assignments: [{ expires: '2025-01-02' }] }],
    [
      'not that of an assignment to another',
      'hasRole(r)',
      null,
      { assignments: [{ to: { type: 'User', id: 'bob' }, expires: '2026-01-02' }] },
    ],
    [
      'not that of an assignment elsewhere',
      'hasRole(r)',
      null,
      { assignments: [{ on: { type: 'User' }, expires: '2026-01-02' }] },
    ],
  ]
  for (const [claim, condition, until, situation = {}] of cases) {
    it(claim, () => {
      const { context } = situation
      const guarded = context === undefined ? condition : `context has at && context has long && ${condition}`
      const sent = context === undefined ? {} : { context: { long: '1m', ...context } }
      const expected: Cacheable = until === false ? false : { until }
      expect(ask(guarded, { ...situation, ...sent }).cacheable).toEqual(expected)
    })
  }

  it('is false for the clock in an obligation', () => {
    const program = compileText(`${SCHEMA}rule a: allow read on Document obligate log(at: context.now)`)
    const request = {
      subject: { type: 'User', id: 'u' },
      action: { name: 'read' },
      resource: { type: 'Document', id: 'd' },
    }
    const answer = decide(linkProgram(program), request, { now: () => Date.parse(NOW) })
    expect(answer).toMatchObject({ cacheable: false, obligations: [{ args: { at: NOW } }] })
  })

  it('holds: the answer is the same until then, and differs there', () => {
    for (const operator of ['<', '<=', '>', '>=', '==', '!=']) {
      for (const shift of ['', ' + 90s', ' - 90s']) {
        const condition = `context.now${shift} ${operator} datetime("2026-01-01T12:05:00Z")`
        const first = ask(condition)
        if (first.cacheable === false || first.cacheable.until === null) continue
        const flip = Date.parse(first.cacheable.until)
        const at = (now: number): string => ask(condition, { options: { now: () => now } }).decision
        expect([at(flip - 1), at(flip)]).toEqual([
          first.decision,
          first.decision === 'allow' ? 'deny' : 'allow',
        ])
      }
    }
  })
})

describe('the clock', () => {
  const now = 'context.now > datetime("2026-01-01")'

  it('is asked once, and only where it is needed', () => {
    let asked = 0
    const counting = (): number => {
      asked += 1
      return Date.parse(NOW)
    }
    ask('true', { options: { now: counting } })
    expect(asked).toBe(0)
    ask(`${now} && ${now} && hasRole(r)`, {
      options: { now: counting },
      assignments: [{ expires: '2027-01-01' }],
    })
    expect(asked).toBe(1)
  })

  it('makes reading it fail where there is none, or where it tells no time', () => {
    const program = linkProgram(compileText(`${SCHEMA}rule a: allow read on Document if ${now}`))
    const request = {
      subject: { type: 'User', id: 'u' },
      action: { name: 'read' },
      resource: { type: 'Document', id: 'd' },
    }
    const clocks = [undefined, () => Number.NaN, () => Number.POSITIVE_INFINITY, () => 1e20]
    for (const clock of clocks) {
      expect(decide(program, request, clock ? { now: clock } : {})).toMatchObject({
        decision: 'deny',
        errorCount: 1,
      })
    }
  })

  it('fails where one of several shifts leaves the range of Datetime, though all together stay within', () => {
    for (const shifts of ['+ 2912443d - 2912443d', '- 739617d + 739617d']) {
      expect(ask(`context.now ${shifts} == datetime("${NOW}")`)).toMatchObject({
        decision: 'deny',
        errors: [{ message: 'the shifted clock is out of range' }],
      })
    }
    expect(ask(`context.now + 2912442d - 2912442d == datetime("${NOW}")`).decision).toBe('allow')
    expect(ask(`context.now - 739616d + 739616d == datetime("${NOW}")`).decision).toBe('allow')
  })

  it('says why it tells no time, and lets no answer that missed it be kept', () => {
    const clocks = [
      ['the clock is out of range', { now: () => Number.NaN }],
      ['there is no clock', { now: undefined }],
    ] as const
    for (const [message, options] of clocks) {
      for (const shift of ['', '+ 1h']) {
        const answer = ask(`context.now ${shift} > datetime("2026-01-01")`, {
          options: options as DecideOptions,
        })
        expect(answer).toMatchObject({ decision: 'deny', errors: [{ message }], cacheable: false })
      }
      const expiring = [{ expires: '2027-01-01' }]
      const held = ask('hasRole(r)', { options: options as DecideOptions, assignments: expiring })
      expect(held).toMatchObject({ decision: 'deny', errorCount: 1, cacheable: false })
    }
  })

  it('is cut to milliseconds', () => {
    const options = { now: () => Date.parse(NOW) + 0.9 }
    expect(ask(`context.now == datetime("${NOW}")`, { options }).decision).toBe('allow')
  })

  it('may be set by the request only with leave', () => {
    const context = { now: '2025-01-01' }
    expect(() => ask(now, { context })).toThrow(expect.objectContaining({ code: 'clock-not-allowed' }))
    expect(ask(now, { context, options: { allowRequestClock: true } }).decision).toBe('deny')
    const sent = ask(now, { context: { now: 1767268800 }, options: { allowRequestClock: true } })
    expect(sent.decision).toBe('allow')
  })

  it('that the request sets tells how long the answer holds, too', () => {
    const options = { allowRequestClock: true }
    const { cacheable } = ask('context.now < datetime("2026-01-02")', { context: { now: NOW }, options })
    expect(cacheable).toEqual({ until: '2026-01-02T00:00:00Z' })
  })

  it('is not set by null', () => {
    expect(ask(now, { context: { now: null } }).decision).toBe('allow')
  })

  it('fails where the request sets it ill-typed, and the caller’s does not show through', () => {
    const answer = ask(now, { context: { now: 'noon' }, options: { allowRequestClock: true } })
    expect(answer).toMatchObject({ decision: 'deny', errors: [{ message: expect.stringContaining('now') }] })
  })

  it('is refused even for a type that nobody knows', () => {
    const program = linkProgram(compileText(SCHEMA))
    const request = {
      subject: { type: 'X', id: 'u' },
      action: { name: 'read' },
      resource: { type: 'X', id: 'd' },
      context: { now: 5 },
    }
    expect(() => decide(program, request)).toThrow(expect.objectContaining({ code: 'clock-not-allowed' }))
  })
})
