import { isDeepStrictEqual } from 'node:util'
import type { EntityStore } from '@edict/policy-lang/program'
import { expect, it, suite } from 'vitest'
import { createPdp } from '../decide/pdp.ts'
import { PdpServerError } from '../errors.ts'
import { packProgram } from '../sources/pack-program.ts'
import type { SourceFailure, SourceListener } from '../sources/policy-source.ts'
import { ticks } from '../sources/ticks.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createTestPdp, loadPolicy, POLICY } from '../test-support/service.ts'
import type { FleetState } from './fleet.ts'
import type { LookMessage, StateMessage } from './fleet-source.ts'
import { followSource } from './follow-source.ts'

const [first, second] = [loadPolicy(), loadPolicy(POLICY.replace('everyoneReads', 'allRead'))]
const entities = createTestPdp().current()?.entities as EntityStore
const provided = (number: number) => ({ entities, number })

/** What workers hear: a state, why the source fails, or how old what they have is. */
type Heard = StateMessage | LookMessage

async function start(checkedAt = ticks()) {
  const heard: Heard[] = []
  const states: FleetState[] = []
  const failure: { latest: SourceFailure | undefined } = { latest: undefined }
  const is = { fitting: true, number: 1, published: Promise.resolve() }
  const listening = Promise.withResolvers<SourceListener>()
  const follower = await followSource(
    {
      source: {
        name: 'test',
        start: async (listener) => listening.resolve(listener),
        reload: async () => {},
        stop: async () => {},
      },
      first: { state: { policySet: first }, checkedAt },
      probes: [],
    },
    createPdp(),
    {
      publish: async (state) => {
        states.push(state)
        heard.push(state.pack(undefined).message as StateMessage)
        await is.published
      },
      tell: (_, payload) => heard.push(payload as LookMessage),
    },
    {
      config: { stateDir: undefined, entityStore: undefined },
      log: NO_LOG,
      metrics: undefined,
      failure,
      store: {
        mark: () => is.number,
        entitiesFor: () => {
          if (!is.fitting) throw new PdpServerError('bad-entity-data', 'the data does not fit')
          return provided(is.number)
        },
      },
    },
  )
  const news = async () => {
    await new Promise(setImmediate)
    return heard.splice(0).map(describe)
  }
  return { follower, listener: await listening.promise, failure, states, is, news }
}

function describe(one: Heard): string {
  const reason = 'failure' in one ? ` (${one.failure?.summary})` : ''
  if ('state' in one) {
    const isSecond = isDeepStrictEqual(one.state.program, packProgram(second.program))
    return `${isSecond ? 'second' : 'first'}${reason}`
  }
  return 'ageMs' in one ? 'current' : `failed${reason}`
}

suite('followSource', () => {
  it('tells workers of a state that was refused as a failure, and brings them to it once it fits', async () => {
    const { follower, listener, failure, is, news } = await start()
    expect(await news()).toEqual(['first'])
    is.fitting = false
    listener.loaded({ policySet: second }, ticks())
    listener.confirmed(ticks())
    expect(await news()).toEqual(['failed (the data does not fit)', 'failed (the data does not fit)'])
    expect(failure.latest).toEqual({ what: 'data', summary: 'the data does not fit' })
    is.number = 2
    follower.replaceEntities(provided(2))
    expect(await news()).toEqual(['first (the data does not fit)'])
    is.fitting = true
    listener.confirmed(ticks())
    listener.confirmed(ticks())
    expect([await news(), failure.latest]).toEqual([['second', 'current'], undefined])
  })

  it('tells of a look once all hold what it is about', async () => {
    const { listener, is, news } = await start()
    await news()
    const published = Promise.withResolvers<void>()
    is.published = published.promise
    listener.loaded({ policySet: second }, ticks())
    listener.confirmed(ticks())
    listener.failed({ what: 'policy', summary: 'away' })
    expect(await news()).toEqual(['second'])
    published.resolve()
    expect(await news()).toEqual(['current', 'failed (away)'])
  })

  it('brings a worker that starts later to what was confirmed since', async () => {
    const { listener, states } = await start(ticks() - 60_000)
    const age = (at: number) => (states[at]?.pack(undefined).message as StateMessage | undefined)?.ageMs
    expect(age(0)).toBeGreaterThanOrEqual(60_000)
    listener.confirmed(ticks() - 30_000)
    expect(age(0)).toBeLessThan(60_000)
    listener.loaded({ policySet: second }, ticks())
    expect(age(1)).toBeLessThan(30_000)
    // That what comes after it is current says nothing of it.
    expect(age(0)).toBeGreaterThanOrEqual(30_000)
  })
})
