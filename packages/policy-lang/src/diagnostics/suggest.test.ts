import { describe, expect, it } from 'vitest'
import { editDistance, suggestName } from './suggest.ts'

describe('suggestName', () => {
  const cases: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['deparment', ['department', 'clearance'], 'department'],
    ['onwer', ['owner', 'viewer'], 'owner'],
    ['user', ['User', 'used'], 'User'],
    ['zzz', ['owner', 'viewer'], undefined],
    ['x', ['y'], undefined],
    ['owner', ['owner'], undefined],
    ['edit', [], undefined],
    ['cat', ['cut', 'bat'], 'bat'],
    ['cat', ['bat', 'cut'], 'bat'],
    ['__proto_', ['__proto__', 'constructor'], '__proto__'],
    ['a'.repeat(10_000), ['a'.repeat(9_999)], undefined],
  ]
  for (const [name, known, expected] of cases) {
    it(`answers ${String(expected)} for \`${name.slice(0, 20)}\` among ${known.map((one) => one.slice(0, 20)).join(', ') || 'nothing'}`, () => {
      expect(suggestName(name, known)).toBe(expected)
    })
  }
})

describe('editDistance', () => {
  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('reosurce', 'resource')).toBe(1)
  })
  it('counts every letter against nothing', () => {
    expect(editDistance('abc', '')).toBe(3)
    expect(editDistance('', 'abc')).toBe(3)
  })
})
