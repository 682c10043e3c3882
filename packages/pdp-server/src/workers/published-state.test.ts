import { changeEntityData, type EntityDataChange, type EntityStore, loadEntityData } from '@edict/policy-lang'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPdp, type PdpState } from '../decide/pdp.ts'
import { ticks } from '../sources/ticks.ts'
import { DATA, loadPolicy, POLICY } from '../test-support/service.ts'
import { createFleetSource } from './fleet-source.ts'
import { PublishedState } from './published-state.ts'
import { Wire } from './wire.ts'

const standing = () => ({ checkedAt: ticks() })
const policies = [loadPolicy(), loadPolicy(POLICY.replace('<= 10', '<= 2'))] as const

function load(): EntityStore {
  const { store } = loadEntityData(policies[0].program, [{ name: 'data.json', data: DATA }])
  if (store === undefined) throw new Error('the data does not load')
  return store
}

/** A worker's end, and what it decides with. */
async function createWorker() {
  const listeners: ((message: unknown) => void)[] = []
  const port = (other: number) => ({
    // As it goes from one process to another.
    send: (message: unknown) => queueMicrotask(() => listeners[other]?.(structuredClone(message))),
    onMessage: (listener: (message: unknown) => void) => void listeners.push(listener),
  })
  const [first, worker] = [new Wire(port(1)), new Wire(port(0))]
  first.handle('join', () => undefined)
  const pdp = createPdp()
  const failures: string[] = []
  await createFleetSource('docs', worker).start({
    loaded: (state) => {
      pdp.swap(state as PdpState)
      return true
    },
    confirmed: () => true,
    failed: ({ summary }) => failures.push(summary),
  })
  return { pdp, failures, wire: first }
}

const id = fc.constantFrom('open', 'shut', 'new', '__proto__')
const user = fc.constantFrom('ann', 'eve', 'bob').map((name) => ({ type: 'User', id: name }))
const row = fc.record({
  role: fc.constant('editor'),
  to: user,
  on: id.map((name) => ({ type: 'Doc', id: name })),
})
const change: fc.Arbitrary<EntityDataChange> = fc.oneof(
  fc.tuple(id, fc.boolean()).map(([name, isSecret]) => ({
    kind: 'put-entity' as const,
    entity: { type: 'Doc', id: name, properties: { owner: 'bob', isSecret } },
  })),
  id.map((name) => ({ kind: 'delete-entity' as const, type: 'Doc', id: name })),
  row.map((assignment) => ({ kind: 'put-assignment' as const, assignment })),
  row.map((assignment) => ({ kind: 'delete-assignment' as const, assignment })),
)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      changes: fc.array(change, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('policy' as const), at: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('load' as const) }) },
)

describe('PublishedState', () => {
  it('brings a worker to each state, whichever it had before', async () => {
    const questions = ['ann', 'eve', 'bob'].flatMap((name) =>
      ['open', 'shut', 'new', '__proto__'].flatMap((doc) =>
        ['read', 'write', 'export'].map((action) => ({
          subject: { type: 'User', id: name },
          action: { name: action, properties: { pages: 5 } },
          resource: { type: 'Doc', id: doc },
        })),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.nat(3), async (steps, skipped) => {
        const { pdp, wire } = await createWorker()
        let state: PdpState = { policySet: policies[0], entities: load(), numbers: { policy: 1, data: 1 } }
        let held: PublishedState | undefined
        for (const [index, one] of steps.entries()) {
          const entities = state.entities ?? load()
          if (one.kind === 'policy') state = { ...state, policySet: policies[one.at] ?? policies[0] }
          else if (one.kind === 'load') state = { ...state, entities: load() }
          else {
            const { store } = changeEntityData(state.policySet.program, entities, one.changes)
            state = { ...state, entities: store ?? entities }
          }
          if (index === skipped) continue
          const published = new PublishedState(state, standing)
          await wire.ask('prepare', published.pack(held).message)
          await wire.ask('commit')
          held = published
          const fresh = createPdp({ state })
          expect(pdp.current()?.entities?.version).toBe(state.entities?.version)
          for (const question of questions) {
            expect(pdp.begin().decide(question)).toEqual(fresh.begin().decide(question))
          }
        }
      }),
      { numRuns: 10 },
    )
  })

  it('says how it stands when a worker gets it, and what a worker decides by does not hide a failure', async () => {
    const { wire, failures } = await createWorker()
    let checkedAt = ticks() - 60_000
    const failure = { what: 'data' as const, summary: 'the data does not fit' }
    const published = new PublishedState({ policySet: policies[0] }, () => ({ checkedAt, failure }))
    expect(published.pack(undefined).message.ageMs).toBeGreaterThanOrEqual(60_000)
    checkedAt = ticks()
    const { message } = published.pack(undefined)
    expect(message.ageMs).toBeLessThan(60_000)
    await wire.ask('prepare', message)
    await wire.ask('commit')
    expect(failures).toEqual([failure.summary])
  })

  it('sends nothing of what is the same, and of what is other only that', () => {
    const entities = load()
    const first = new PublishedState({ policySet: policies[0], entities }, standing)
    const { message: whole, isSmall } = first.pack(undefined)
    expect(isSmall).toBe(false)
    expect([whole.state.program !== undefined, whole.state.data?.rows !== undefined]).toEqual([true, true])
    const again = new PublishedState({ policySet: policies[0], entities }, standing).pack(first).message
    expect(again.state).toMatchObject({ data: { version: entities.version } })
    expect([again.state.program, again.state.data?.rows]).toEqual([undefined, undefined])
    const { store } = changeEntityData(policies[0].program, entities, [
      { kind: 'put-entity', entity: { type: 'User', id: 'new' } },
      { kind: 'delete-entity', type: 'Doc', id: 'shut' },
    ])
    const changed = new PublishedState(
      { policySet: policies[0], entities: store ?? entities },
      standing,
    ).pack(first)
    expect(changed.isSmall).toBe(true)
    expect(changed.message.state.data).toMatchObject({
      changes: { entities: [{ type: 'User', id: 'new' }], goneEntities: [{ type: 'Doc', id: 'shut' }] },
    })
  })
})
