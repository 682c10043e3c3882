import type { EntityStore, PolicySet, ReadAheadPlace } from '@edict/policy-lang'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReadingAhead, type ReadingAhead } from './reading-ahead.ts'

/** What was asked of the engine: which store, and where it was to go on. */
interface Asked {
  readonly entities: EntityStore
  readonly task: number
}

/** A policy set that has so many pieces of work, each of which takes longer than a turn. */
function createPolicySet(pieces: number) {
  const asked: Asked[] = []
  const readAhead = (entities: EntityStore, place?: ReadAheadPlace): ReadAheadPlace | undefined => {
    const task = place?.task ?? 0
    asked.push({ entities, task })
    vi.advanceTimersByTime(5)
    return task + 1 < pieces ? { task: task + 1, count: 0 } : undefined
  }
  return { asked, policySet: { readAhead } as unknown as PolicySet }
}

/** @param changes what tells it from another store; left out: that cannot be said */
function createStore(changes?: number): EntityStore {
  const entities = Array.from({ length: changes ?? 0 }, () => ({ type: 'Doc', id: 'd' }))
  const changesSince = () => (changes === undefined ? undefined : { entities, gone: [], come: [] })
  return { changesSince } as unknown as EntityStore
}

const log = { warn: vi.fn() }
let readingAhead: ReadingAhead

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  readingAhead = createReadingAhead(log)
})

afterEach(() => {
  readingAhead.stop()
  vi.useRealTimers()
  log.warn.mockClear()
})

describe('createReadingAhead', () => {
  it('does all there is to do, with pauses that are longer than the work', () => {
    const { asked, policySet } = createPolicySet(3)
    readingAhead.follow({ policySet, entities: createStore() })
    expect(asked).toEqual([])
    vi.advanceTimersToNextTimer()
    expect(asked).toHaveLength(1)
    vi.runAllTimers()
    expect(asked.map(({ task }) => task)).toEqual([0, 1, 2])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on with data of which little is other than before, and begins nothing once it is done', () => {
    const { asked, policySet } = createPolicySet(3)
    const [first, second, third] = [createStore(), createStore(1), createStore(1)]
    readingAhead.follow({ policySet, entities: first })
    vi.advanceTimersToNextTimer()
    readingAhead.follow({ policySet, entities: second })
    vi.runAllTimers()
    readingAhead.follow({ policySet, entities: third })
    vi.runAllTimers()
    expect(asked).toEqual([
      { entities: first, task: 0 },
      { entities: second, task: 1 },
      { entities: second, task: 2 },
    ])
  })

  it.each([
    ['other data', createStore()],
    ['data with many changes', createStore(1001)],
  ])('begins anew with %s', (_, entities) => {
    const { asked, policySet } = createPolicySet(2)
    readingAhead.follow({ policySet, entities: createStore() })
    vi.advanceTimersToNextTimer()
    readingAhead.follow({ policySet, entities })
    vi.runAllTimers()
    expect(asked.map(({ task }) => task)).toEqual([0, 0, 1])
  })

  it('leaves the policies of before, and stops where there is no data', () => {
    const [before, after] = [createPolicySet(3), createPolicySet(3)]
    const entities = createStore()
    readingAhead.follow({ policySet: before.policySet, entities })
    vi.advanceTimersToNextTimer()
    readingAhead.follow({ policySet: after.policySet, entities })
    vi.advanceTimersToNextTimer()
    readingAhead.follow({ policySet: after.policySet })
    vi.runAllTimers()
    expect([before.asked.length, after.asked.length]).toEqual([1, 1])
  })

  it('does nothing more once it is stopped', () => {
    const { asked, policySet } = createPolicySet(3)
    readingAhead.follow({ policySet, entities: createStore() })
    readingAhead.stop()
    vi.runAllTimers()
    expect(asked).toEqual([])
  })

  it('leaves it at a word in the log where a store throws', () => {
    const readAhead = () => {
      throw new Error('no store')
    }
    readingAhead.follow({ policySet: { readAhead } as unknown as PolicySet, entities: createStore() })
    vi.runAllTimers()
    expect(log.warn).toHaveBeenCalledTimes(1)
  })
})
