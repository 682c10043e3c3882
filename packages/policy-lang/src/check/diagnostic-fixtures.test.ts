import { describe, expect, it } from 'vitest'
import { DIAGNOSTIC_CODES } from '../diagnostics/codes.ts'
import { diagnose, findInText } from './fixtures/check-text.ts'
import { DECLARATION_FIXTURES } from './fixtures/declaration-fixtures.ts'
import { EXPRESSION_FIXTURES } from './fixtures/expression-fixtures.ts'
import { RULE_FIXTURES } from './fixtures/rule-fixtures.ts'

const FIXTURES = [...DECLARATION_FIXTURES, ...EXPRESSION_FIXTURES, ...RULE_FIXTURES]

/** Codes that `syntax/` and the loader report. */
const OTHER_STAGES = new Set(
  Object.keys(DIAGNOSTIC_CODES).slice(0, Object.keys(DIAGNOSTIC_CODES).indexOf('duplicate-declaration')),
)

describe('diagnostic fixtures', () => {
  it.each(FIXTURES)('$code is found with its message', ({ failing, expected, ...options }) => {
    expect(findInText(failing, options)).toEqual([expected])
  })

  it.each(FIXTURES)('$code is not found once the text is put right', ({ passing, ...options }) => {
    expect(findInText(passing, options)).toEqual([])
  })

  it.each(FIXTURES)(
    '$code comes with a hint, in the style of all messages',
    ({ code, failing, ...options }) => {
      const found = diagnose(failing, options).find((diagnostic) => diagnostic.code === code)
      expect(found?.hint).toBeTypeOf('string')
      expect(found?.severity).toBe(DIAGNOSTIC_CODES[code].severity)
      for (const text of [found?.message ?? '', found?.hint ?? '']) {
        expect(text).toMatch(/^[^A-Z]/)
        expect(text).not.toMatch(/\.$/)
      }
    },
  )

  it('has one for every code of the checker', () => {
    const covered = new Set<string>(FIXTURES.map(({ code }) => code))
    const missing = Object.keys(DIAGNOSTIC_CODES).filter(
      (code) => !OTHER_STAGES.has(code) && !covered.has(code),
    )
    expect(missing).toEqual([])
  })
})
