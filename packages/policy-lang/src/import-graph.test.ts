import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it, suite } from 'vitest'

const root = import.meta.dirname

/** Everything that a file loads at run time, by path from here; packages by name. Type-only imports load nothing. */
function importGraph(entry: string): ReadonlySet<string> {
  const found = new Set<string>([entry])
  for (const file of found) {
    if (!file.endsWith('.ts')) continue
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, typeOnly, specifier = ''] of text.matchAll(
      /^(?:import|export) (type )?(?:[^'"]*? from )?'([^']+)'$/gm,
    )) {
      if (typeOnly !== undefined) continue
      const isRelative = specifier.startsWith('.')
      found.add(isRelative ? relative(root, join(root, dirname(file), specifier)) : specifier)
    }
  }
  return found
}

suite('import graph', () => {
  it.each(['program-api.ts', 'index.ts', 'testing/index.ts'])('of %s leads to files that exist', (entry) => {
    const missing = [...importGraph(entry)].filter(
      (file) => file.endsWith('.ts') && !existsSync(join(root, file)),
    )
    expect(missing).toEqual([])
  })

  it('of program-api.ts never reaches the parser, the tree, the checker or the compiler', () => {
    const graph = importGraph('program-api.ts')
    expect([...graph].filter((file) => /^(?:ast|syntax|check|compile)\/|^chevrotain$/.test(file))).toEqual([])
    expect(graph).toContain('evaluate/decide.ts')
  })

  it('of index.ts does: this walk sees a parser where there is one', () => {
    expect(importGraph('index.ts')).toContain('chevrotain')
  })

  it.each(['program-api.ts', 'index.ts', 'testing/index.ts'])(
    'of %s needs no fast-check and no Node',
    (entry) => {
      expect([...importGraph(entry)].filter((file) => /^fast-check$|^node:/.test(file))).toEqual([])
    },
  )
})
