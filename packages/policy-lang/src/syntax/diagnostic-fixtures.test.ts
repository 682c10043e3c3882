import { describe, expect, it } from 'vitest'
import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../diagnostics/codes.ts'
import { PLACE_FIXTURES } from './fixtures/place-fixtures.ts'
import { SLIP_FIXTURES } from './fixtures/slip-fixtures.ts'
import { TOKEN_FIXTURES } from './fixtures/token-fixtures.ts'
import { parsePolicyFile } from './parse.ts'

const FIXTURES = [...TOKEN_FIXTURES, ...SLIP_FIXTURES, ...PLACE_FIXTURES]

/** The section of the registry that is about syntax. */
const CODES = Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[]
const SYNTAX_CODES = CODES.slice(
  CODES.indexOf('unexpected-character'),
  CODES.indexOf('duplicate-declaration'),
)

describe('parsePolicyFile', () => {
  for (const { code, failing, at, message, hint, passing } of FIXTURES) {
    it(`says ${code} of ${JSON.stringify(failing.slice(0, 60))}`, () => {
      const { file, diagnostics } = parsePolicyFile({ name: 'a.edict', text: failing })
      const [found] = diagnostics
      expect(file).toBeUndefined()
      expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([message])
      expect(found?.code).toBe(code)
      expect(found?.severity).toBe('error')
      expect(failing.slice(found?.span.start, found?.span.end)).toBe(at)
      if (hint !== undefined) expect(found?.hint).toBe(hint)
    })

    it(`says nothing of ${JSON.stringify(passing.slice(0, 60))}`, () => {
      expect(parsePolicyFile({ name: 'a.edict', text: passing }).diagnostics).toEqual([])
    })
  }

  it('has a failing and a passing text for every code of the syntax', () => {
    const covered = new Set<DiagnosticCode>(FIXTURES.map(({ code }) => code))
    expect(SYNTAX_CODES.filter((code) => !covered.has(code))).toEqual([])
    expect(SYNTAX_CODES.length).toBeGreaterThan(10)
  })
})
