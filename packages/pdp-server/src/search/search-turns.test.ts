import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createSearchTurns } from './search-turns.ts'

describe('createSearchTurns', () => {
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await setImmediate()
  }

  it('lets eight begin, and others as these end', async () => {
    const turns = createSearchTurns()
    const begun: number[] = []
    for (let at = 0; at < 10; at++) void turns.begin().then(() => begun.push(at))
    await settle()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    turns.end()
    await settle()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    turns.end()
    turns.end()
    await settle()
    expect(begun).toHaveLength(10)
    for (let at = 0; at < 7; at++) turns.end()
    await turns.begin()
  })

  it('gives one search a turn in each turn of the event loop, in the order they asked', async () => {
    const turns = createSearchTurns()
    const order: string[] = []
    const run = async (name: string) => {
      await turns.begin()
      for (let slice = 0; slice < 3; slice++) {
        order.push(name)
        await turns.next()
      }
      turns.end()
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

  it('refuses a search where too many wait', async () => {
    const turns = createSearchTurns()
    for (let at = 0; at < 1008; at++) void turns.begin()
    await expect(turns.begin()).rejects.toMatchObject({ code: 'overloaded' })
  })
})
