import { expect, it, suite } from 'vitest'
import type { Diagnostic } from './diagnostic.ts'
import { sortDiagnostics } from './sort-diagnostics.ts'

const at = (file: string, start: number, message = 'm', end: number = start + 1): Diagnostic => ({
  code: 'unexpected-token',
  severity: 'error',
  message,
  span: { file, start, end },
})

suite('sortDiagnostics', () => {
  it('orders by file, then by position, then puts the longer span first', () => {
    const sorted = [at('a', 1, 'm', 9), at('a', 1, 'm', 2), at('a', 5), at('b', 0)]
    expect(sortDiagnostics(sorted.toReversed())).toEqual(sorted)
  })

  it('keeps one of two that say the same of the same place', () => {
    expect(sortDiagnostics([at('a', 1), at('a', 1), at('a', 1, 'other')])).toHaveLength(2)
  })
})
