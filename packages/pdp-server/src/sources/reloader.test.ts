import { type EntityStore, loadEntityData, type PolicySet } from '@edict/policy-lang/program'
import { beforeEach, expect, it, suite } from 'vitest'
import { createPdp, type Pdp } from '../decide/pdp.ts'
import { PdpServerError } from '../errors.ts'
import { DATA, loadPolicy, POLICY } from '../test-support/service.ts'
import { createFreshness, type Freshness } from './freshness.ts'
import { openNumberBook } from './number-book.ts'
import type { PolicySource, SourceListener } from './policy-source.ts'
import { createReloader, type Reloader, type ReloaderOptions } from './reloader.ts'

const first = loadPolicy()
const second = loadPolicy(POLICY.replace('everyoneReads', 'allRead'))
const dataFor = (policySet: PolicySet): EntityStore => {
  const { store } = loadEntityData(policySet.program, [{ name: 'data.json', data: DATA }])
  if (store === undefined) throw new Error('the data does not load')
  return store
}
const entities = dataFor(first)
const ASKED = { resourceType: 'Doc', action: 'read', subjectType: 'User', isByRole: false, age: 0 }

let pdp: Pdp
let listener: SourceListener
let freshness: Freshness
let reloader: Reloader
let log: string[]
let counted: string[]
let clock: number
let wall: number

async function start(options: Partial<ReloaderOptions> = {}): Promise<void> {
  const source: PolicySource = {
    name: 'test',
    start: async (given) => {
      listener = given
    },
    reload: async () => {},
    stop: async () => {},
  }
  pdp = createPdp()
  freshness = createFreshness({ maxStalenessMs: 1000, ticks: () => clock })
  const note = (level: string) => (fields: object, message: string) => {
    log.push(`${level} ${message} ${JSON.stringify(fields)}`)
  }
  reloader = createReloader({
    pdp,
    source,
    freshness,
    numbers: openNumberBook({ source: 'test', now: () => wall }),
    log: { error: note('error'), warn: note('warn'), info: note('info') },
    metrics: { countReload: (what, outcome) => counted.push(`${what} ${outcome}`) },
    ...options,
  })
  await reloader.start()
}

const statuses = () => reloader.probes.map((probe) => probe().status)
const numbers = () => pdp.current()?.numbers

beforeEach(async () => {
  ;[log, counted, clock, wall] = [[], [], 5000, 100]
  await start()
})

suite('createReloader', () => {
  it('puts what is loaded in place, with numbers that grow where it is new', () => {
    listener.loaded({ policySet: first, entities }, clock)
    expect([pdp.current()?.policySet, numbers()]).toEqual([first, { policy: 100, data: 100 }])
    listener.loaded({ policySet: loadPolicy(), entities }, clock)
    expect([pdp.current()?.policySet === first, numbers()]).toEqual([false, { policy: 100, data: 100 }])
    listener.loaded({ policySet: second, entities }, clock)
    expect(numbers()).toEqual({ policy: 101, data: 100 })
    listener.loaded({ policySet: first }, clock)
    expect(numbers()).toEqual({ policy: 102 })
    expect(counted).toEqual(['policy success', 'data success', 'policy success', 'policy success'])
    expect(statuses()).toEqual(['ok', 'ok'])
  })

  it('has on disk what must be there before a state decides, without a write in the way of requests', async () => {
    const steps: string[] = []
    const book = openNumberBook({ source: 'test', now: () => wall })
    await start({
      numbers: {
        ...book,
        prepare: async (versions) => {
          await null
          steps.push(...versions.map(({ what, version }) => `${what} ${version}`))
        },
      },
    })
    const keep = { keep: () => steps.push('keep'), keepSoon: async () => void steps.push('kept soon') }
    listener.loaded({ policySet: first, entities }, clock)
    await listener.prepare?.({ policySet: second, entities, ...keep })
    expect(steps).toEqual([`policy ${second.version}`, `data ${entities.version}`, 'kept soon'])
    expect(pdp.current()?.policySet).toBe(first)
    await listener.prepare?.({
      policySet: second,
      entities,
      keepSoon: () => Promise.reject(new PdpServerError('unwritable-file', 'full')),
    })
    expect(log.at(-1)).toMatch(/^error the policies and data that loaded last cannot be kept/)
  })

  it('keeps nothing beforehand that the data of the service may yet refuse', async () => {
    const prepared: unknown[] = []
    await start({
      numbers: {
        ...openNumberBook({ source: 'test', now: () => wall }),
        prepare: async (versions) => void prepared.push(...versions),
      },
      provider: { entitiesFor: () => ({ entities, number: 1 }), mark: () => 1 },
    })
    const keepSoon = () => Promise.reject(new Error('kept'))
    listener.loaded({ policySet: first }, clock)
    await listener.prepare?.({ policySet: second, keepSoon })
    expect(prepared).toMatchObject([{ what: 'policy', version: second.version }])
    await listener.prepare?.({ policySet: second, numbers: { policy: 9 }, keepSoon })
    expect(prepared).toHaveLength(1)
    expect(log.filter((line) => line.startsWith('error'))).toEqual([])
  })

  it('makes what is about to decide ready for what was asked before, with the data that it will have', async () => {
    const made: unknown[] = []
    const ready = {
      ...second,
      prepare: (...given: unknown[]) => {
        made.push(...given)
        return []
      },
    }
    await listener.prepare?.({ policySet: ready, entities })
    expect(made).toEqual([])
    const before = { ...first, inUse: () => [ASKED] }
    listener.loaded({ policySet: before, entities }, 5000)
    const other = dataFor(second)
    await listener.prepare?.({ policySet: ready, entities: other })
    expect([made[0], made[1] === other, pdp.current()?.policySet === before]).toEqual([[ASKED], true, true])
  })

  it('puts in place what could not be made ready beforehand', async () => {
    listener.loaded({ policySet: first, entities }, 5000)
    const failing = {
      ...second,
      prepare: () => {
        throw new Error('no')
      },
    }
    await listener.prepare?.({ policySet: failing, entities })
    expect(log.at(-1)).toMatch(/^warn what is about to decide could not be made ready/)
    listener.loaded({ policySet: failing, entities }, 5000)
    expect(pdp.current()?.policySet).toBe(failing)
  })

  it('keeps what fits before it decides, and goes on where it cannot be kept', () => {
    const decided: unknown[] = []
    const keep = () => void decided.push(pdp.current()?.policySet)
    listener.loaded({ policySet: first, keep }, 5000)
    const fail = () => {
      keep()
      throw new PdpServerError('unwritable-file', 'no room')
    }
    expect(listener.loaded({ policySet: second, keep: fail }, 5000)).toBe(true)
    expect(decided).toEqual([undefined, first])
    expect(pdp.current()).toEqual({ policySet: second, numbers: { policy: 101 } })
    expect(log.filter((line) => line.startsWith('error'))).toEqual([expect.stringMatching(/cannot be kept/)])
  })

  it('changes nothing where a reload fails but log, metric and readiness', () => {
    listener.loaded({ policySet: first, entities }, clock)
    const state = pdp.current()
    const failure = { what: 'policy' as const, summary: 'no good', details: [{ place: 'a:1:1' }] }
    listener.failed(failure)
    expect(pdp.current()).toBe(state)
    expect(counted.at(-1)).toBe('policy failure')
    expect(log.at(-1)).toMatch(/^error a reload failed, .* stays as it was: no good \{.*a:1:1/)
    expect(reloader.probes[0]?.()).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('no good'),
    })
    listener.confirmed(clock)
    expect(statuses()).toEqual(['ok', 'ok'])
  })

  it('grows old without confirmation, and a failure confirms nothing', () => {
    listener.loaded({ policySet: first }, clock)
    clock += 900
    listener.failed({ what: 'policy', summary: 'no good' })
    clock += 101
    expect(statuses()).toEqual(['degraded', 'failing'])
    listener.confirmed(clock)
    expect(statuses()).toEqual(['ok', 'ok'])
    // The clock on the wall has no say in it.
    wall = -1_000_000
    expect(statuses()).toEqual(['ok', 'ok'])
  })

  it('refuses what is older, and does not take it for confirmed', () => {
    listener.loaded({ policySet: first, numbers: { policy: 7 } }, clock)
    listener.loaded({ policySet: second, numbers: { policy: 6 } }, clock)
    expect([pdp.current()?.policySet, numbers()]).toEqual([first, { policy: 7 }])
    clock += 2000
    listener.confirmed(clock)
    expect(statuses()).toEqual(['degraded', 'failing'])
    // Said once.
    expect(counted).toEqual(['policy success', 'policy failure'])
    listener.loaded({ policySet: second, numbers: { policy: 8 } }, clock)
    expect([statuses(), numbers()]).toEqual([['ok', 'ok'], { policy: 8 }])
  })

  it('takes entity data of a provider, which must fit the new policies', async () => {
    let [fits, number, asked] = [true, 40, 0]
    const provider = {
      mark: () => number,
      entitiesFor: (policySet: PolicySet) => {
        asked += 1
        if (!fits) throw new PdpServerError('bad-entity-data', 'the store does not fit')
        return { entities: dataFor(policySet), number, counts: { entities: 3 } }
      },
    }
    await start({ provider })
    listener.loaded({ policySet: first, counts: { rules: 4 } }, clock)
    expect(pdp.current()).toMatchObject({
      counts: { rules: 4, entities: 3 },
      numbers: { policy: 100, data: 40 },
    })
    fits = false
    let kept = 0
    const keep = () => void kept++
    expect(listener.loaded({ policySet: second, keep }, clock)).toBe(false)
    expect([pdp.current()?.policySet, counted.at(-1), kept]).toEqual([first, 'data failure', 0])
    fits = true
    // All data is checked again once it is other data.
    listener.failed({ what: 'policy', summary: 'away' })
    expect([listener.confirmed(clock), asked]).toEqual([false, 2])
    expect(reloader.probes[0]?.().detail).toMatch(/the store does not fit$/)
    number = 41
    expect(listener.confirmed(clock)).toBe(true)
    expect([pdp.current()?.policySet, statuses(), kept]).toEqual([second, ['ok', 'ok'], 1])
    reloader.replaceEntities({ entities: dataFor(second), number: 42 })
    expect(numbers()).toEqual({ policy: 101, data: 42 })
    expect(() => reloader.replaceEntities({ entities: dataFor(second), number: 39 })).toThrow(/older/)
    expect(numbers()).toEqual({ policy: 101, data: 42 })
  })

  it('says what went wrong here without what it was', () => {
    const trap = {
      get policySet(): PolicySet {
        throw new Error('secret')
      },
    }
    listener.loaded(trap, clock)
    expect(reloader.probes[0]?.().detail).not.toContain('secret')
    expect(log.at(-1)).toMatch(/^error .* a fault of the service itself/)
  })
})
