import { describe, expect, it } from 'vitest'
import { createPdp } from '../decide/pdp.ts'
import {
  ann,
  createAsk,
  eve,
  exportOpen,
  loadPolicy,
  open,
  readOpen,
  readShut,
} from '../test-support/service.ts'
import { answerSchema, explanationSchema } from '../wire/answer-schema.ts'

const ask = createAsk()
const decide = (body: unknown, headers: Record<string, string> = {}) => ask('/decide', { body, headers })

describe('POST /decide', () => {
  it('answers with decision, reasons and policy version', async () => {
    const { status, json, headers } = await decide(readOpen)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toEqual({
      decision: 'allow',
      reasons: [{ rule: 'everyoneReads' }],
      obligations: [],
      advice: [],
      errors: [],
      errorCount: 0,
      policyVersion: loadPolicy().version,
      cacheable: { until: null },
    })
  })

  it('answers a denial with status 200', async () => {
    const { status, json } = await decide(readShut)
    expect([status, json]).toMatchObject([200, { decision: 'deny', reasons: [{ builtin: 'default' }] }])
  })

  it('carries obligations and advice', async () => {
    expect((await decide(exportOpen)).json).toMatchObject({
      decision: 'allow',
      obligations: [{ name: 'watermark', args: { text: 'eve' } }],
      advice: [{ name: 'compress', args: { level: 9 } }],
    })
  })

  it('counts stored assignments and roles of the request', async () => {
    const write = { subject: eve, action: { name: 'write' }, resource: open }
    expect((await decide(write)).json).toMatchObject({ reasons: [{ rule: 'editor.write.Doc' }] })
    const shut = { ...write, resource: { type: 'Doc', id: 'shut' } }
    expect((await decide(shut)).json).toMatchObject({ decision: 'deny' })
    const asEditor = { ...shut, subject: { ...eve, roles: ['editor'] } }
    expect((await decide(asEditor)).json).toMatchObject({ decision: 'allow' })
  })

  it('says what of the request it ignored', async () => {
    const body = { ...readOpen, subject: { ...eve, roles: ['king', { on: 3 }] } }
    const { status, json } = await decide(body)
    expect(status).toBe(200)
    expect(json).toMatchObject({ ignored: [{ path: '$.subject.roles[0]' }, { path: '$.subject.roles[1]' }] })
  })

  it.each([
    ['unknown members', { ...readOpen, foo: 1, subject: { ...eve, bar: {} } }],
    [
      'null for what may be left out',
      { ...readOpen, context: null, entities: null, explain: null, requests: null },
    ],
    ['odd names', { ...readOpen, ['__proto__']: { a: 1 }, constructor: 1, toString: 2 }],
  ])('ignores %s', async (_, body) => {
    expect((await decide(body)).json).toMatchObject({ decision: 'allow' })
  })

  it('denies what the policy set does not know', async () => {
    const rocket = await decide({ ...readOpen, resource: { type: '__proto__', id: 'constructor' } })
    expect(rocket.json).toMatchObject({ decision: 'deny', reasons: [{ builtin: 'unknownType' }] })
    const launch = await decide({ ...readOpen, action: { name: 'toString' } })
    expect(launch.json).toMatchObject({ decision: 'deny', reasons: [{ builtin: 'unknownAction' }] })
  })

  it('denies by a rule that reads a value which does not fit', async () => {
    const body = {
      ...readOpen,
      resource: { type: 'Doc', id: 'new', properties: { isSecret: 'no', owner: 'x' } },
    }
    expect((await decide(body)).json).toMatchObject({
      decision: 'deny',
      errors: [{ rule: 'everyoneReads', path: '$.resource.properties.isSecret', location: { line: 15 } }],
    })
  })

  it('names each exchange in a header, and never in the body', async () => {
    const [first, second] = [await decide(readOpen), await decide(readOpen)]
    expect(first.headers.get('edict-decision-id')).toMatch(/^[\da-f-]{36}$/)
    expect(first.headers.get('edict-decision-id')).not.toBe(second.headers.get('edict-decision-id'))
    expect(first.headers.get('edict-policy-version')).toBe(loadPolicy().version)
    expect(first.text).toBe(second.text)
  })
})

describe('POST /decide with explain', () => {
  it.each([[true], [{}], [{ trace: false }]])('adds nearest misses and roles for %j', async (explain) => {
    const { json } = await decide({ ...readShut, explain })
    expect(json).toMatchObject({
      decision: 'deny',
      nearestMisses: expect.any(Array),
      roles: expect.any(Array),
    })
    expect(json).not.toHaveProperty('trace')
  })

  it('adds the trace where it is asked for', async () => {
    const { json } = await decide({ ...readShut, explain: { trace: true } })
    expect(json).toMatchObject({
      trace: expect.arrayContaining([expect.objectContaining({ rule: 'everyoneReads' })]),
    })
  })

  it('adds nothing for false', async () => {
    expect((await decide({ ...readShut, explain: false })).json).not.toHaveProperty('nearestMisses')
  })

  it('answers as its schema says, and nothing else', async () => {
    for (const body of [
      readOpen,
      readShut,
      exportOpen,
      { ...readOpen, subject: { ...eve, roles: ['king'] } },
    ]) {
      expect(answerSchema.strict().safeParse((await decide(body)).json).error).toBeUndefined()
      const explained = (await decide({ ...body, explain: { trace: true } })).json
      expect(explanationSchema.strict().safeParse(explained).error).toBeUndefined()
    }
  })

  it.each([['yes'], [1], [{ trace: 'all' }], [[]]])('refuses %j', async (explain) => {
    const { status, json } = await decide({ ...readOpen, explain })
    expect([status, json]).toMatchObject([400, { errors: [{ path: '$.explain' }] }])
  })
})

describe('POST /decide with a malformed request', () => {
  it.each([
    ['no subject', { action: { name: 'read' }, resource: open }, '$.subject', 'is missing'],
    ['a null action', { ...readOpen, action: null }, '$.action', 'is missing'],
    ['a subject that is a string', { ...readOpen, subject: 'eve' }, '$.subject', 'must be an object'],
    ['a subject that is an array', { ...readOpen, subject: [] }, '$.subject', 'must be an object'],
    ['no id', { ...readOpen, subject: { type: 'User' } }, '$.subject.id', 'is missing'],
    [
      'a number as id',
      { ...readOpen, resource: { type: 'Doc', id: 7 } },
      '$.resource.id',
      'must be a string',
    ],
    ['a number as name', { ...readOpen, action: { name: 1 } }, '$.action.name', 'must be a string'],
    [
      'properties in an array',
      { ...readOpen, subject: { ...eve, properties: [] } },
      '$.subject.properties',
      'must be an object',
    ],
    ['a context that is a string', { ...readOpen, context: 'x' }, '$.context', 'must be an object'],
    ['entities in an object', { ...readOpen, entities: {} }, '$.entities', 'must be an array'],
    [
      'an entity without id',
      { ...readOpen, entities: [ann, { type: 'User' }] },
      '$.entities[1].id',
      'is missing',
    ],
    [
      'roles in an object',
      { ...readOpen, subject: { ...eve, roles: {} } },
      '$.subject.roles',
      'must be an array',
    ],
    [
      'a clock',
      { ...readOpen, context: { now: '2026-01-01T00:00:00Z' } },
      '$.context.now',
      'may not be set by the request',
    ],
  ])('refuses %s and names the place', async (_, body, path, detail) => {
    const { status, json, headers } = await decide(body)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect([status, json]).toEqual([
      400,
      { title: 'Bad Request', status: 400, detail: expect.any(String), errors: [{ path, detail }] },
    ])
  })

  it('names all places', async () => {
    const { json } = await decide({ subject: {}, action: 1 })
    expect(json).toMatchObject({
      errors: ['$.subject.type', '$.subject.id', '$.action', '$.resource'].map((path) => ({ path })),
    })
  })

  it.each([
    ['$.entities', (list: unknown) => ({ entities: list })],
    ['$.entities[1].parents', (list: unknown) => ({ entities: [ann, { ...ann, parents: list }] })],
    ['$.subject.roles', (list: unknown) => ({ subject: { ...eve, roles: list } })],
    ['$.subject.parents', (list: unknown) => ({ subject: { ...eve, parents: list } })],
    ['$.resource.parents', (list: unknown) => ({ resource: { ...open, parents: list } })],
  ])('refuses too long a list at %s, without a look at its members', async (path, toBody) => {
    const short = createAsk({ limits: { maxListLength: 2 } })
    const body = (length: number) => ({ ...readOpen, ...toBody(Array(length).fill(ann)) })
    expect((await short('/decide', { body: body(2) })).status).toBe(200)
    expect(await short('/decide', { body: { ...readOpen, ...toBody([1, 2, 3]) } })).toMatchObject({
      status: 400,
      json: { errors: [{ path, detail: 'holds 3 items; at most 2 are read' }] },
    })
    expect(await short('/decide', { body: { requests: [body(3), readOpen] } })).toMatchObject({
      status: 200,
      json: { answers: [{ status: 400, errors: [{ path }] }, { decision: 'allow' }] },
    })
  })

  it('names no more than a reader can take in', async () => {
    const { text, json } = await decide({ ...readOpen, entities: Array(10_000).fill(0) })
    expect((json as { errors: unknown[] }).errors).toHaveLength(20)
    expect(text.length).toBeLessThan(4000)
  })
})

describe('POST /decide with a batch', () => {
  it('answers each question as it would be answered alone', async () => {
    const questions = [
      readOpen,
      readShut,
      exportOpen,
      { ...readShut, explain: true },
      { ...readShut, explain: { trace: true } },
      {},
      { ...readOpen, subject: 'eve' },
      { ...readOpen, context: { now: 1 } },
    ]
    const { status, json } = await decide({ requests: questions })
    const alone = await Promise.all(questions.map(async (question) => (await decide(question)).json))
    expect(status).toBe(200)
    expect(json).toEqual({ answers: alone })
  })

  it('explains all questions that do not say themselves', async () => {
    const { json } = await decide({ requests: [readShut, { ...readShut, explain: false }], explain: true })
    const { answers } = json as { answers: object[] }
    expect(answers[0]).toHaveProperty('nearestMisses')
    expect(answers[1]).not.toHaveProperty('nearestMisses')
  })

  it.each([[1], ['x'], [null], [[]]])('answers the item %j as it would be answered alone', async (item) => {
    const { json } = await decide({ requests: [item, readOpen] })
    const alone = await decide(JSON.stringify(item))
    expect(alone.status).toBe(400)
    expect(json).toMatchObject({ answers: [alone.json, { decision: 'allow' }] })
  })

  it('answers none with none', async () => {
    expect((await decide({ requests: [] })).json).toEqual({ answers: [] })
  })

  it('does not take a batch within a batch', async () => {
    const items = [{ requests: [readOpen] }, { ...readOpen, requests: [] }, { ...readOpen, requests: null }]
    const { json } = await decide({ requests: items })
    const refused = { status: 400, errors: [{ path: '$.requests', detail: 'cannot stand within a batch' }] }
    expect(json).toMatchObject({ answers: [refused, refused, { decision: 'allow' }] })
  })

  it('denies the rest once the steps that all share are used up', async () => {
    const text = `subject User
      resource Doc { actions read }
      context { list: Set<String> }
      rule r: allow read on Doc if every x in context.list: x != ""`
    const state = { policySet: loadPolicy(text) }
    const context = { list: Array.from({ length: 100 }, (_, index) => `${index}`) }
    const body = { requests: Array(20).fill({ ...readOpen, context }) }
    const decisions = async (batchStepBudget?: number) => {
      const pdp = createPdp({ state, ...(batchStepBudget && { batchStepBudget }) })
      const { json } = await createAsk({ pdp })('/decide', { body })
      return (json as { answers: { decision: string; reasons: unknown[]; cacheable: unknown }[] }).answers
    }
    const all = await decisions()
    expect(all.every(({ decision }) => decision === 'allow')).toBe(true)
    const some = await decisions(3000)
    const allowed = some.filter(({ decision }) => decision === 'allow').length
    expect(allowed).toBeGreaterThan(3)
    expect(allowed).toBeLessThan(15)
    expect(some.slice(0, allowed)).toEqual(all.slice(0, allowed))
    for (const rest of some.slice(allowed)) {
      expect(rest).toMatchObject({
        decision: 'deny',
        reasons: [{ builtin: 'budgetExceeded' }],
        cacheable: false,
      })
    }
  })

  it('refuses what is no list, and what is too long', async () => {
    expect(await decide({ requests: {} })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '$.requests', detail: 'must be an array' }] },
    })
    const short = createAsk({ limits: { maxBatchLength: 2 } })
    expect(await short('/decide', { body: { requests: [readOpen, readOpen] } })).toMatchObject({
      status: 200,
    })
    expect(await short('/decide', { body: { requests: [readOpen, readOpen, readOpen] } })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '$.requests', detail: 'holds 3 items; at most 2 are answered' }] },
    })
  })

  it('decides all of it by one state and one instant', async () => {
    let instant = 0
    const pdp = createPdp({ state: { policySet: loadPolicy() }, now: () => ++instant })
    const timed = { subject: eve, action: { name: 'delete' }, resource: open }
    await createAsk({ pdp })('/decide', { body: { requests: [timed, timed, timed] } })
    expect(instant).toBe(1)
  })
})

describe('POST /decide where the engine breaks', () => {
  const broken = {
    ...loadPolicy(),
    decide: () => {
      throw new Error('secret internals at /home/pdp/engine.ts')
    },
  }
  const logged: unknown[] = []
  const log = { error: (fields: object) => logged.push(fields), warn: () => {}, info: () => {} }
  const askBroken = createAsk({ pdp: createPdp({ state: { policySet: broken } }), log })

  it('is a 500 that says nothing of the cause, and never a decision', async () => {
    const { status, json, text } = await askBroken('/decide', { body: readOpen })
    expect(status).toBe(500)
    expect(json).toEqual({
      title: 'Internal Server Error',
      status: 500,
      detail: 'the request could not be answered',
    })
    expect(text).not.toContain('secret')
    expect(logged).toHaveLength(1)
  })

  it('is an item without a decision in a batch', async () => {
    const { status, json } = await askBroken('/decide', { body: { requests: [readOpen, {}] } })
    expect([status, json]).toMatchObject([200, { answers: [{ status: 500 }, { status: 400 }] }])
  })

  it('is 503 before a policy set is loaded', async () => {
    const { status, json } = await createAsk({ pdp: createPdp() })('/decide', { body: readOpen })
    expect([status, json]).toMatchObject([503, { detail: 'no policy set is loaded' }])
  })
})
