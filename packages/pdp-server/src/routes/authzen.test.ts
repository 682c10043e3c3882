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
  shut,
} from '../test-support/service.ts'
import { evaluationResponseSchema, evaluationsResponseSchema } from '../wire/authzen.ts'

const ask = createAsk()
const evaluate = (body: unknown) => ask('/access/v1/evaluation', { body })
const evaluateAll = (body: unknown) => ask('/access/v1/evaluations', { body })

describe('POST /access/v1/evaluation', () => {
  it('answers with a bare decision', async () => {
    expect(await evaluate(readOpen)).toMatchObject({ status: 200, json: { decision: true } })
    const { text } = await evaluate(readShut)
    expect(text).toBe('{"decision":false}')
  })

  it('carries obligations and advice in the context', async () => {
    const { json } = await evaluate(exportOpen)
    expect(json).toEqual({
      decision: true,
      context: {
        obligations: [{ name: 'watermark', args: { text: 'eve' } }],
        advice: [{ name: 'compress', args: { level: 9 } }],
      },
    })
    expect(evaluationResponseSchema.strict().safeParse(json).error).toBeUndefined()
  })

  it('answers the same body for the same question, and names the exchange in headers', async () => {
    const replies = [await evaluate(exportOpen), await evaluate(exportOpen), await evaluate(exportOpen)]
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(new Set(replies.map(({ headers }) => headers.get('edict-decision-id'))).size).toBe(3)
  })

  it('denies what it does not know', async () => {
    expect((await evaluate({ ...readOpen, resource: { type: 'spaceship', id: 'x' } })).json).toEqual({
      decision: false,
    })
    expect((await evaluate({ ...readOpen, action: { name: 'fly' } })).json).toEqual({ decision: false })
    expect((await evaluate({ ...readOpen, resource: { type: 'Doc', id: '' } })).json).toEqual({
      decision: false,
    })
  })

  it('ignores what AuthZEN does not know, also where /decide reads it', async () => {
    const write = { subject: eve, action: { name: 'write' }, resource: shut }
    expect(
      (await ask('/decide', { body: { ...write, subject: { ...eve, roles: ['editor'] } } })).json,
    ).toMatchObject({
      decision: 'allow',
    })
    expect((await evaluate({ ...write, subject: { ...eve, roles: ['editor'] } })).json).toEqual({
      decision: false,
    })
    const inside = { ...write, subject: { ...eve, properties: { roles: ['editor'] } } }
    expect((await evaluate(inside)).json).toEqual({ decision: true })
    expect((await evaluate({ ...readOpen, explain: true, requests: [], foo: {} })).json).toEqual({
      decision: true,
    })
  })

  it.each([
    ['no subject', { action: { name: 'read' }, resource: open }, '$.subject'],
    ['no type', { ...readOpen, subject: { id: 'eve' } }, '$.subject.type'],
    ['a string for the subject', { ...readOpen, subject: 'eve' }, '$.subject'],
    ['a number for the name', { ...readOpen, action: { name: 123 } }, '$.action.name'],
    ['an array for the context', { ...readOpen, context: [] }, '$.context'],
    ['a clock', { ...readOpen, context: { now: 0 } }, '$.context.now'],
  ])('refuses %s', async (_, body, path) => {
    const { status, json } = await evaluate(body)
    expect([status, json]).toMatchObject([400, { status: 400, errors: [{ path }] }])
  })
})

describe('POST /access/v1/evaluations', () => {
  const decisions = async (body: unknown) => {
    const { status, json } = await evaluateAll(body)
    expect(status).toBe(200)
    expect(evaluationsResponseSchema.safeParse(json).error).toBeUndefined()
    return (json as { evaluations: { decision: boolean }[] }).evaluations.map(({ decision }) => decision)
  }

  it.each([
    ['absent', {}],
    ['empty', { evaluations: [] }],
    ['null', { evaluations: null }],
  ])('is a single evaluation where `evaluations` is %s', async (_, rest) => {
    expect((await evaluateAll({ ...readOpen, ...rest })).text).toBe('{"decision":true}')
    expect((await evaluateAll({ action: { name: 'read' }, ...rest })).status).toBe(400)
  })

  it('answers in the order of the items', async () => {
    const { text } = await evaluateAll({
      ...readOpen,
      evaluations: [{ resource: shut }, {}, { resource: shut }],
    })
    expect(text).toBe('{"evaluations":[{"decision":false},{"decision":true},{"decision":false}]}')
  })

  it('takes a default whole, and replaces it whole', async () => {
    const resource = { type: 'Doc', id: 'new', properties: { isSecret: false } }
    // Without the properties of the default, nothing is known of the entity.
    const replaced = [{}, { resource: { type: 'Doc', id: 'new' } }]
    expect(await decisions({ ...readOpen, resource, evaluations: replaced })).toEqual([true, false])
  })

  it('needs no default that no item uses', async () => {
    const body = { subject: eve, action: { name: 'read' }, resource: {}, evaluations: [{ resource: open }] }
    expect(await decisions(body)).toEqual([true])
    expect(await decisions({ subject: 'nobody', evaluations: [readOpen] })).toEqual([true])
  })

  it('takes null in an item for left out there, not for the default', async () => {
    expect(await decisions({ ...readOpen, evaluations: [{ resource: null }] })).toEqual([false])
    expect(await decisions({ ...readOpen, context: { now: 1 }, evaluations: [{ context: null }] })).toEqual([
      true,
    ])
  })

  it.each([
    ['nothing at all', {}, {}, '$.subject is missing'],
    ['no resource', { subject: eve, action: { name: 'read' } }, {}, '$.resource is missing'],
    ['a broken default that is used', { ...readOpen, resource: {} }, {}, '$.resource.type is missing'],
    ['a broken member of its own', readOpen, { resource: {} }, '$.evaluations[0].resource.type is missing'],
    ['a wrong kind', readOpen, 7, '$.evaluations[0] must be an object'],
    ['a clock', readOpen, { context: { now: 1 } }, 'the request may not set `context.now`'],
  ])('answers an item with %s as a deny that says why', async (_, defaults, item, message) => {
    const { status, json } = await evaluateAll({ ...defaults, evaluations: [item, readOpen] })
    expect([status, json]).toEqual([
      200,
      {
        evaluations: [
          { decision: false, context: { error: { status: 400, message: expect.stringContaining(message) } } },
          { decision: true },
        ],
      },
    ])
  })

  it('keeps obligations with their item', async () => {
    const { json } = await evaluateAll({ evaluations: [readOpen, exportOpen] })
    expect(json).toMatchObject({
      evaluations: [{ decision: true }, { context: { obligations: [{ name: 'watermark' }] } }],
    })
  })

  it.each([
    ['execute_all', [true, false, true, false]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
  ])('ends where %s says', async (evaluations_semantic, expected) => {
    const evaluations = [readOpen, readShut, readOpen, readShut]
    expect(await decisions({ evaluations, options: { evaluations_semantic } })).toEqual(expected)
  })

  it.each([
    ['deny_on_first_deny', [readOpen, readOpen], [true, true]],
    ['deny_on_first_deny', [readOpen, {}, readOpen], [true, false]],
    ['permit_on_first_permit', [readShut, {}, readShut], [false, false, false]],
    ['permit_on_first_permit', [readShut, readOpen, readShut], [false, true]],
  ])(
    'ends %s after its trigger, an item without a decision counting as deny',
    async (evaluations_semantic, evaluations, expected) => {
      expect(await decisions({ evaluations, options: { evaluations_semantic } })).toEqual(expected)
    },
  )

  it('runs all where options say nothing that it knows', async () => {
    for (const options of [null, {}, { evaluations_semantic: null }, { foo: 'bar' }]) {
      expect(await decisions({ evaluations: [readShut, readOpen], options })).toEqual([false, true])
    }
  })

  it.each([
    [
      'an unknown semantic',
      { options: { evaluations_semantic: 'first_come' } },
      '$.options.evaluations_semantic',
    ],
    [
      'a semantic of the wrong kind',
      { options: { evaluations_semantic: 1 } },
      '$.options.evaluations_semantic',
    ],
    ['options of the wrong kind', { options: 'execute_all' }, '$.options'],
    ['options in an array', { options: [] }, '$.options'],
    ['evaluations in an object', { evaluations: {} }, '$.evaluations'],
  ])('refuses %s', async (_, rest, path) => {
    const { status, json } = await evaluateAll({ evaluations: [readOpen], ...rest })
    expect([status, json]).toMatchObject([400, { errors: [{ path }] }])
  })

  it('refuses a batch that is too long', async () => {
    const short = createAsk({ limits: { maxBatchLength: 1 } })
    const { status, json } = await short('/access/v1/evaluations', {
      body: { evaluations: [readOpen, readOpen] },
    })
    expect([status, json]).toMatchObject([400, { errors: [{ path: '$.evaluations' }] }])
  })

  it('turns a failure of the engine into a deny of that item alone', async () => {
    const policySet = loadPolicy()
    const broken: typeof policySet = {
      ...policySet,
      decide: (request, options) => {
        if (request.subject.id === 'ann') throw new Error('secret')
        return policySet.decide(request, options)
      },
    }
    const askBroken = createAsk({ pdp: createPdp({ state: { policySet: broken } }) })
    const resource = { ...open, properties: { isSecret: false } }
    const evaluations = [
      { ...readOpen, subject: ann, resource },
      { ...readOpen, resource },
    ]
    const { json, text } = await askBroken('/access/v1/evaluations', { body: { evaluations } })
    expect(json).toMatchObject({
      evaluations: [{ decision: false, context: { error: { status: 500 } } }, { decision: true }],
    })
    expect(text).not.toContain('secret')
  })
})

describe('POST /access/v1/evaluations under a budget', () => {
  it('charges each item for what it may inherit, and denies the rest', async () => {
    const subject = { ...eve, properties: { note: 'x'.repeat(64_000) } }
    const body = { ...readOpen, subject, evaluations: Array(10).fill({}) }
    const decisions = async (batchStepBudget: number) => {
      const pdp = createPdp({ state: { policySet: loadPolicy() }, batchStepBudget })
      const known = { ...open, properties: { isSecret: false } }
      const { status, json } = await createAsk({ pdp })('/access/v1/evaluations', {
        body: { ...body, resource: known },
      })
      expect(status).toBe(200)
      return (json as { evaluations: { decision: boolean }[] }).evaluations.map(({ decision }) => decision)
    }
    expect(await decisions(1_000_000)).toEqual(Array(10).fill(true))
    expect(await decisions(3500)).toEqual([true, true, true, ...Array(7).fill(false)])
  })
})

describe.each(['/access/v1/evaluation', '/access/v1/evaluations'])('an error of POST %s', (path) => {
  it.each([
    [undefined, 'application/problem+json'],
    ['', 'application/problem+json'],
    ['*/*', 'application/problem+json'],
    ['application/json', 'application/problem+json'],
    ['application/json, text/plain, */*', 'application/problem+json'],
    ['application/problem+json, text/plain;q=0.9', 'application/problem+json'],
    ['image/png', 'application/problem+json'],
    ['text/plain', 'text/plain; charset=UTF-8'],
    ['text/*', 'text/plain; charset=UTF-8'],
    ['application/json;q=0.1, text/plain', 'text/plain; charset=UTF-8'],
  ])('for Accept %j is %s', async (accept, type) => {
    const { status, headers, text } = await ask(path, {
      body: {},
      headers: accept === undefined ? {} : { accept },
    })
    expect([status, headers.get('content-type')]).toEqual([400, type])
    if (type.startsWith('text/')) expect(text).toMatch(/^malformed request: \$\.subject is missing/)
  })

  it('is problem details elsewhere', async () => {
    const { headers } = await ask('/decide', { body: {}, headers: { accept: 'text/plain' } })
    expect(headers.get('content-type')).toBe('application/problem+json')
  })
})
