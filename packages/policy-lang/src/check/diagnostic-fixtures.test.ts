import { describe, expect, it } from 'vitest'
import { findInText } from './fixtures/check-text.ts'
import { DIAGNOSTIC_FIXTURES } from './fixtures/diagnostic-fixtures.ts'

// Every code, failing and passing, with its hint and its place: the corpus in `src/fixtures`.
describe('diagnostic fixtures', () => {
  it.each(DIAGNOSTIC_FIXTURES)('$code is found with its message', ({ failing, expected, ...options }) => {
    expect(findInText(failing, options)).toEqual([expected])
  })

  it.each(DIAGNOSTIC_FIXTURES)('$code is not found once the text is put right', ({ passing, ...options }) => {
    expect(findInText(passing, options)).toEqual([])
  })
})
