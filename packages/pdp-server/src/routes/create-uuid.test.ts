import { describe, expect, it } from 'vitest'
import { createUuid } from './create-uuid.ts'

describe('createUuid', () => {
  const ids = Array.from({ length: 1000 }, createUuid)

  it('writes UUIDs of version 4', () => {
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })

  it('never gives one twice', () => {
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('draws every digit at every free place', () => {
    for (let place = 0; place < 36; place++) {
      const digits = new Set(ids.map((id) => id[place])).size
      const expected = [8, 13, 18, 23, 14].includes(place) ? 1 : place === 19 ? 4 : 16
      expect([place, digits]).toEqual([place, expected])
    }
  })
})
