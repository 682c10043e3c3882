import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSearchTurns, type Searcher, takeTurn } from './search-turns.ts'

const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}
const of = (callerId: string | undefined): Searcher => ({ callerId, isGone: () => false })
const anybody = of(undefined)

// Searches that wait are left waiting here: none must be refused while other suites run.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('createSearchTurns', () => {
  it('lets eight begin, and others as these end', async () => {
    const turns = createSearchTurns()
    const begun: number[] = []
    const begin = async (at: number) => {
      await turns.begin(anybody)
      begun.push(at)
    }
    for (let at = 0; at < 10; at++) void begin(at)
    await settle()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    turns.end(anybody)
    await settle()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    turns.end(anybody)
    turns.end(anybody)
    await settle()
    expect(begun).toHaveLength(10)
    for (let at = 0; at < 7; at++) turns.end(anybody)
    expect(turns.begin(anybody)).toBeUndefined()
  })

  it('gives one search a turn in each turn of the event loop, in the order they asked', async () => {
    const turns = createSearchTurns()
    const order: string[] = []
    const run = async (name: string) => {
      await turns.begin(anybody)
      for (let slice = 0; slice < 3; slice++) {
        order.push(name)
        await turns.next()
      }
      turns.end(anybody)
    }
    const all = Promise.all([run('a'), run('b')])
    const perTurn: number[] = []
    while (order.length < 6) {
      const before = order.length
      await setImmediate()
      perTurn.push(order.length - before)
    }
    await all
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    // The first begins before the loop turns.
    expect(perTurn.slice(1)).toEqual(perTurn.slice(1).map(() => 1))
  })

  it('refuses a search where too many wait', () => {
    const turns = createSearchTurns()
    for (let at = 0; at < 1008; at++) void turns.begin(anybody)
    expect(() => turns.begin(anybody)).toThrow(expect.objectContaining({ code: 'overloaded' }))
  })

  it('lets one caller have a quarter of the places, and others the rest', async () => {
    const turns = createSearchTurns()
    const begun: string[] = []
    const begin = async (callerId: string) => {
      await turns.begin(of(callerId))
      begun.push(callerId)
    }
    for (let at = 0; at < 10; at++) void begin('greedy')
    void begin('modest')
    await settle()
    expect(begun).toEqual(['greedy', 'greedy', 'modest'])
    // What the one leaves, its own next one has.
    turns.end(of('modest'))
    await settle()
    expect(begun).toHaveLength(3)
    turns.end(of('greedy'))
    await settle()
    expect(begun).toEqual(['greedy', 'greedy', 'modest', 'greedy'])
  })

  it('lets one caller have a quarter of the room to wait', () => {
    const turns = createSearchTurns()
    for (let at = 0; at < 252; at++) void turns.begin(of('greedy'))
    expect(() => turns.begin(of('greedy'))).toThrow(/searches of this caller/)
    expect(turns.begin(of('modest'))).toBeInstanceOf(Promise)
  })

  it('refuses a search that has waited for ten seconds', async () => {
    const turns = createSearchTurns()
    for (let at = 0; at < 8; at++) void turns.begin(anybody)
    const waited = expect(turns.begin(anybody)).rejects.toMatchObject({ code: 'overloaded' })
    vi.advanceTimersByTime(9_999)
    const begun = turns.begin(anybody)
    vi.advanceTimersByTime(1)
    await waited
    turns.end(anybody)
    await begun
  })

  it('takes out those that nobody waits for, before others are refused', async () => {
    const turns = createSearchTurns()
    let hasLeft = false
    for (let at = 0; at < 8; at++) void turns.begin(anybody)
    const leaving = { callerId: undefined, isGone: () => hasLeft }
    const left = Promise.allSettled(Array.from({ length: 1000 }, () => turns.begin(leaving)))
    expect(() => turns.begin(anybody)).toThrow()
    hasLeft = true
    const begun = turns.begin(anybody)
    for (const outcome of await left) expect(outcome).toMatchObject({ reason: { code: 'abandoned' } })
    turns.end(anybody)
    await begun
  })
})

describe('takeTurn', () => {
  it('gives the turn back however the search ends, and tells whether it had to wait', async () => {
    const turns = createSearchTurns()
    for (let at = 0; at < 7; at++) void turns.begin(anybody)
    const fail = () => Promise.reject(new Error('broken'))
    for (let at = 0; at < 3; at++) await expect(takeTurn(turns, anybody, fail)).rejects.toThrow('broken')
    expect(await takeTurn(turns, anybody, async (hasWaited) => hasWaited)).toBe(true)
    for (let at = 0; at < 7; at++) turns.end(anybody)
    expect(await takeTurn(turns, anybody, async (hasWaited) => hasWaited)).toBe(false)
  })

  it('runs no search that nobody waits for', async () => {
    const gone = { callerId: 'a', isGone: () => true }
    const run = vi.fn()
    await expect(takeTurn(createSearchTurns(), gone, run)).rejects.toMatchObject({ code: 'abandoned' })
    expect(run).not.toHaveBeenCalled()
  })
})
