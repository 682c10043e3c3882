import fc from 'fast-check'
import { expect, it, suite } from 'vitest'
import { createAnswerTable } from './answer-table.ts'
import { createDenied } from './answers.ts'

const ANSWERS = ['a', 'b', 'c'].map((version) => createDenied(version))
/** Few, so that they come again, and the ends of the range. */
const number = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(2 ** 18, 2 ** 31 - 1))

suite('createAnswerTable', () => {
  it('gives what was set last for both numbers, and nothing else', () => {
    const entry = fc.tuple(number, number, fc.constantFrom(...ANSWERS))
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), number, number, (entries, first, second) => {
        const table = createAnswerTable(1000)
        const known = new Map<string, unknown>()
        for (const [one, other, answer] of entries) {
          table.set(one, other, answer)
          known.set(`${one} ${other}`, answer)
        }
        for (const [one, other] of [...entries, [first, second] as const]) {
          expect(table.get(one, other)).toBe(known.get(`${one} ${other}`))
          expect(table.get(one, 0)).toBeUndefined()
        }
      }),
    )
  })

  it('forgets all once there are too many', () => {
    const table = createAnswerTable(100)
    const [answer] = ANSWERS
    if (answer === undefined) throw new Error('there is none')
    for (let second = 1; second <= 101; second++) table.set(7, second, answer)
    expect(Array.from({ length: 101 }, (_, at) => table.get(7, at + 1)).filter(Boolean)).toEqual([answer])
  })
})
