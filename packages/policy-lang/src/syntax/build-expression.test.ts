import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from './parse.ts'

const STEPS = ['?? x', '&& x', '|| x', '== x', '+ x', 'has y', 'is T', 'like "z*"', 'matches "z"']

/** Every chain of three steps with a `??` and something else in it. */
const CHAINS: readonly string[] = STEPS.flatMap((first) =>
  STEPS.flatMap((second) => STEPS.map((third) => [first, second, third])),
)
  .filter((steps) => steps.includes('?? x') && steps.some((step) => step !== '?? x'))
  .map((steps) => `x ${steps.join(' ')}`)

function diagnose(expression: string): ReturnType<typeof parsePolicyFile>['diagnostics'] {
  return parsePolicyFile({ name: 'a.edict', text: `let v = ${expression}` }).diagnostics
}

describe('buildExpression', () => {
  it('says of `??` beside other operators how to write it, so that it is read', () => {
    expect(CHAINS.length).toBeGreaterThan(150)
    for (const chain of CHAINS) {
      const found = diagnose(chain)
      const hint = found.find(({ code }) => code === 'mixed-coalesce')?.hint ?? ''
      const written = /^write `(.*)`$/.exec(hint)?.[1] ?? ''
      expect(written.replaceAll(/[()]/g, ''), chain).toBe(chain)
      const left = diagnose(written).map(({ code }) => code)
      // Whether `==` may follow `has` is another matter.
      const others = found.map(({ code }) => code).filter((code) => code !== 'mixed-coalesce')
      expect(others, chain).toEqual(expect.arrayContaining(left))
    }
  })
})
