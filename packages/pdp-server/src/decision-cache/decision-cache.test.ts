import { env } from 'node:process'
import { type Cacheable, type DecisionRequest, type EntityData, loadEntityData } from '@edict/policy-lang'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecisionRecord } from '../decide/decision-record.ts'
import { createPdp, type Pdp, type PdpState } from '../decide/pdp.ts'
import { loadPolicy } from '../test-support/service.ts'
import { DecisionCache } from './decision-cache.ts'

const policy = (limit: number, extra: string): string => `
subject User { level: Number  stored clearance?: Number }
resource Doc {
  owner?: User
  isSecret?: Bool
  title?: String
  actions read, write, share(pages?: Number)
}
context { ip?: String  device?: String  trusted?: Bool }

role editor(limit: Number) { can write on Doc if subject.level >= limit }
role reader { can read on Doc }
rule open: allow read on Doc if resource has isSecret && !resource.isSecret
rule owners: allow * on Doc if resource has owner && resource.owner == subject
  obligate watermark(text: subject.id, device: context.device ?? "none")
rule hours: allow share on Doc if context.now < datetime("2027-01-01T00:00:0${limit}Z")
rule late: deny share on Doc if context.now >= datetime("2027-01-01T00:00:05Z") && (action.pages ?? 1) > ${limit}
${extra}
`
const POLICIES = [
  policy(3, ''),
  policy(4, 'rule trusted: allow read on Doc if context has trusted && context.trusted'),
  policy(3, 'rule titles: deny write on Doc if (resource.title ?? "") == "1:a"'),
].map((text) => loadPolicy(text))

const START = Date.UTC(2027, 0, 1)
const ids = ['a', '1:a', '', '__proto__', '3:a-{0:', 's1:a']
const user = (id: string) => ({ type: 'User', id })
const doc = (id: string) => ({ type: 'Doc', id })

const DATA: readonly EntityData[] = [
  {},
  {
    entities: [
      { ...user('a'), properties: { clearance: 3 } },
      { ...doc('a'), properties: { owner: 'a', isSecret: true } },
    ],
    assignments: [
      { role: 'reader', to: user('1:a'), on: doc('a'), expires: '2027-01-01T00:00:04Z' },
      { role: 'editor', to: user('a'), on: '*', with: { limit: 2 } },
    ],
  },
  {
    entities: [{ ...doc('a'), properties: { isSecret: false } }],
    assignments: [{ role: 'reader', to: '*', on: { type: 'Doc' }, expires: '2027-01-01T00:00:06Z' }],
  },
]

const STATES: readonly PdpState[] = POLICIES.flatMap((policySet) =>
  DATA.map((data) => {
    const { store } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
    return { policySet, ...(store !== undefined && { entities: store }) }
  }),
)

const text = fc.constantFrom(...ids)
const anything = fc.oneof(text, fc.constantFrom(0, 1, 3, true, false, null, [], ['a'], {}, { a: 1 }))
const role = fc.constantFrom(
  'reader',
  'nobody',
  { role: 'editor', on: '*', with: { limit: 2 } },
  {
    role: 'editor',
    on: '*',
    with: { limit: 3 },
  },
)

/** All that questions differ in, one thing after another. */
const PARTS = {
  subjectType: fc.constantFrom('User', 'User', 'User', '4:User'),
  subjectId: text,
  level: fc.constantFrom(1, 2),
  clearance: fc.constant(1),
  roles: fc.array(role, { minLength: 1, maxLength: 2 }),
  rolesInside: fc.array(role, { minLength: 1, maxLength: 1 }),
  action: fc.constantFrom('read', 'write', 'share', 'read', 'write', 'share', 'fly'),
  pages: fc.constantFrom(2, 4, 5),
  resourceId: text,
  owner: text,
  isSecret: fc.boolean(),
  title: fc.constantFrom('1:a', 'a'),
  ip: text,
  device: text,
  trusted: fc.boolean(),
  undeclared: anything,
  entities: fc.array(
    fc.record(
      { type: fc.constant('Doc'), id: text, properties: fc.record({ owner: text, isSecret: fc.boolean() }) },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 1 },
  ),
} as const

type Parts = { readonly [K in keyof typeof PARTS]?: unknown }
const NAMES = Object.keys(PARTS) as readonly (keyof Parts)[]

/** What can be answered without a complaint. */
const { clearance: _, rolesInside: __, undeclared: ___, ...plainParts } = PARTS
const base: fc.Arbitrary<Parts> = fc.record(
  {
    ...plainParts,
    subjectType: fc.constant('User'),
    action: fc.constantFrom('read', 'write', 'share'),
    roles: fc.array(
      role.filter((one) => one !== 'nobody'),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['subjectType', 'subjectId', 'level', 'action', 'resourceId'] },
)

/** One part another way, left out, or as nobody should send it. */
const change: fc.Arbitrary<Parts> = fc
  .constantFrom(...NAMES)
  .chain((name) =>
    fc
      .oneof(
        { weight: 6, arbitrary: PARTS[name] as fc.Arbitrary<unknown> },
        { weight: 1, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: anything },
      )
      .map((value) => ({ [name]: value })),
  )

/** Left out where there is nothing to say. */
function toRequest(parts: Parts): DecisionRequest {
  const { level, clearance, rolesInside, owner, isSecret, title, ip, device, trusted, undeclared } = parts
  const request = {
    subject: {
      type: parts.subjectType,
      id: parts.subjectId,
      properties: { level, clearance, roles: rolesInside },
      roles: parts.roles,
    },
    action: { name: parts.action, properties: { pages: parts.pages } },
    resource: { type: 'Doc', id: parts.resourceId, properties: { owner, isSecret, title } },
    context: { ip, device, trusted, undeclared },
    entities: parts.entities,
  }
  return JSON.parse(JSON.stringify(request))
}

type Step =
  | { readonly kind: 'ask'; readonly changes: Parts; readonly stays: boolean }
  | { readonly kind: 'load'; readonly state: number }
  | { readonly kind: 'clock'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), changes: change, stays: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.nat(STATES.length - 1).map((state) => ({ kind: 'load' as const, state })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -1000, max: 8000 }).map((ms) => ({ kind: 'clock' as const, ms })),
  },
)

interface Outcome {
  /** All but how long it holds. */
  readonly text: string
  readonly until: number
}

function answerOf(pdp: Pdp, question: DecisionRequest): Outcome {
  try {
    const { cacheable, ...answer } = pdp.begin().decide(question)
    return { text: JSON.stringify(answer), until: endOf(cacheable) }
  } catch (error) {
    return { text: String(error), until: Number.NEGATIVE_INFINITY }
  }
}

function endOf(cacheable: Cacheable): number {
  if (cacheable === false) return Number.NEGATIVE_INFINITY
  return cacheable.until === null ? Number.POSITIVE_INFINITY : Date.parse(cacheable.until)
}

describe('a decision point that keeps answers', () => {
  it('answers as one that keeps none, whatever is asked, loaded and told of the time in between', () => {
    let hits = 0
    fc.assert(
      fc.property(base, fc.array(step, { minLength: 5, maxLength: 30 }), (first, steps) => {
        let parts = first
        let time = START
        const cache = new DecisionCache(100_000)
        const [state] = STATES as readonly [PdpState]
        const cached = createPdp({ state, cache, now: () => time })
        const fresh = createPdp({ state, now: () => time })
        const asked: DecisionRequest[] = [toRequest(parts)]
        for (const one of steps) {
          if (one.kind === 'clock') time = START + one.ms
          else if (one.kind === 'load') {
            for (const pdp of [cached, fresh]) pdp.swap(STATES[one.state] as PdpState)
          } else {
            const next = { ...parts, ...one.changes }
            asked.push(toRequest(next))
            if (one.stays) parts = next
          }
          for (const question of asked.slice(-4)) {
            const [found, wanted] = [answerOf(cached, question), answerOf(fresh, question)]
            expect(found.text).toBe(wanted.text)
            // The form that tells what it read may say a nearer end.
            expect(found.until).toBeLessThanOrEqual(wanted.until)
          }
        }
        hits += cache.status().lookups.hit
      }),
      { numRuns: Number(env.FC_NUM_RUNS ?? 30) },
    )
    expect(hits).toBeGreaterThan(100)
  })
})

describe('DecisionCache', () => {
  const [state] = STATES as readonly [PdpState]
  const share = {
    subject: { type: 'User', id: 'a', properties: { level: 1 } },
    action: { name: 'share' },
    resource: { type: 'Doc', id: 'a', properties: {} },
  } as unknown as DecisionRequest

  function create(maxBytes = 100_000) {
    const clock = { now: START }
    const cache = new DecisionCache(maxBytes)
    const records: DecisionRecord[] = []
    const onDecision = (record: DecisionRecord) => void records.push(record)
    const pdp = createPdp({ state, cache, onDecision, now: () => clock.now })
    const ask = (question = share) => pdp.begin().decide(question)
    return { clock, cache, pdp, records, ask }
  }

  it('gives an answer again until its time is over, and not before it was made', () => {
    const { clock, cache, ask } = create()
    expect([ask().decision, ask().decision]).toEqual(['allow', 'allow'])
    expect(cache.status().lookups).toMatchObject({ hit: 1, miss: 1, stale: 0 })
    clock.now = START + 3000
    expect([ask().decision, ask().decision]).toEqual(['deny', 'deny'])
    expect(cache.status().lookups).toMatchObject({ hit: 2, stale: 1 })
    clock.now = START
    expect(ask().decision).toBe('allow')
    expect(cache.status().lookups).toMatchObject({ hit: 2, stale: 2 })
  })

  it('learns of a member that only some decisions of a kind read', () => {
    const { ask, cache } = create()
    const write = (level: number, roles: readonly unknown[]) => {
      const subject = { ...share.subject, properties: { level }, roles }
      return ask({ ...share, subject, action: { name: 'write' } } as DecisionRequest).decision
    }
    const editor = [{ role: 'editor', on: '*', with: { limit: 2 } }]
    expect([write(1, []), write(2, [])]).toEqual(['deny', 'deny'])
    expect(cache.status().lookups.hit).toBe(1)
    expect([write(1, editor), write(2, editor), write(1, editor)]).toEqual(['deny', 'allow', 'deny'])
    expect(cache.status().lookups.hit).toBe(2)
  })

  it('tells records of answers that are given again', () => {
    const { ask, records, pdp } = create()
    ask()
    ask()
    pdp.begin().explain(share, { trace: false })
    expect(records.map(({ isCached }) => isCached)).toEqual([undefined, true, undefined])
  })

  it('keeps nothing of a request, so that whoever changes one changes no answer', () => {
    const { ask } = create()
    const properties = { owner: 'a' }
    const question = { ...share, resource: { type: 'Doc', id: 'z', properties } } as DecisionRequest
    const first = JSON.stringify(ask(question))
    expect(Object.isFrozen(ask(structuredClone(question)))).toBe(true)
    properties.owner = '1:a'
    expect(
      JSON.stringify(
        ask({
          ...question,
          resource: { type: 'Doc', id: 'z', properties: { owner: 'a' } },
        } as DecisionRequest),
      ),
    ).toBe(first)
  })

  it('keeps no failure, nothing that was said in vain, and nothing that a stranger names', () => {
    const { cache, ask } = create()
    const failing = {
      ...share,
      action: { name: 'write' },
      subject: { type: 'User', id: 'b', roles: [{ role: 'editor', on: '*', with: { limit: 2 } }] },
    }
    const vain = { ...share, subject: { ...share.subject, roles: ['nobody'] } }
    const stranger = { ...share, action: { name: 'fly' } }
    for (const question of [failing, vain, stranger, failing, vain, stranger])
      ask(question as DecisionRequest)
    expect(cache.status()).toMatchObject({ entries: 0, lookups: { hit: 0 } })
  })

  it('never takes more bytes than it may', () => {
    const { cache, ask } = create(20_000)
    for (let count = 0; count < 200; count++) {
      ask({ ...share, resource: { type: 'Doc', id: `d${count}`, properties: {} } })
      expect(cache.status().bytes).toBeLessThanOrEqual(20_000)
    }
    expect(cache.status().entries).toBeGreaterThan(3)
    expect(cache.status().dropped.full).toBeGreaterThan(100)
  })

  it('drops answers with the state that they rest on, also where a decision over that is under way', () => {
    const { cache, pdp, ask } = create()
    ask()
    const before = pdp.begin()
    pdp.swap(STATES[4] as PdpState)
    const after = ask()
    expect(before.decide(share).policyVersion).toBe(state.policySet.version)
    expect(ask()).toEqual(after)
    expect(after.policyVersion).not.toBe(state.policySet.version)
    expect(cache.status().dropped.reloaded).toBeGreaterThan(0)
  })
})
