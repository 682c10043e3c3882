import { describe, expect, it } from 'vitest'
import { buildProgram, context, entityType, rule } from './fixtures.ts'
import { linkProgram } from './link.ts'

describe('linkProgram', () => {
  it('closes over parents of parents, in circles too', () => {
    const types = [
      entityType('User', { parents: ['Team'] }),
      entityType('Team', { parents: ['Team', 'Org'] }),
      entityType('Org'),
      entityType('__proto__', { parents: ['User'] }),
    ]
    const linked = linkProgram(buildProgram({ types }))
    const ancestors = (name: string): string[] => [...(linked.types.get(name)?.ancestors ?? [])].sort()
    expect(ancestors('User')).toEqual(['Org', 'Team'])
    expect(ancestors('Team')).toEqual(['Org', 'Team'])
    expect(ancestors('Org')).toEqual([])
    expect(ancestors('__proto__')).toEqual(['Org', 'Team', 'User'])
    expect(linked.types.get('constructor')).toBeUndefined()
  })

  it('refuses a Program with a pattern that is no RE2', () => {
    const matches = { op: 'matches', operand: context('x'), pattern: '(a', at: [0, 1, 1] } as const
    const types = [entityType('Document', { actions: ['read'] })]
    const program = buildProgram({ types, rules: [rule('a', 'allow', { if: [matches] })] })
    expect(() => linkProgram(program)).toThrow(expect.objectContaining({ code: 'invalid-program' }))
  })
})
