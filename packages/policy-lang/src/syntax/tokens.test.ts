import { describe, expect, it } from 'vitest'
import { KEYWORDS, SOFT_KEYWORDS } from '../ast/keywords.ts'
import { keywordOf } from './tokens.ts'

describe('keywords', () => {
  it('have a token each, the hard and the soft', () => {
    const without = [...KEYWORDS, ...SOFT_KEYWORDS].filter((word) => keywordOf(word) === undefined)
    expect(without).toEqual([])
  })
})
