import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DIAGNOSTIC_CODES } from '../diagnostics/codes.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { loadPolicySet } from '../load-policy-set.ts'
import { lexSource } from '../syntax/lex.ts'

const POLICIES = new URL('../../../../policies/', import.meta.url)
const codes = Object.keys(DIAGNOSTIC_CODES)
/** Codes of the checker: those of the syntax stand before them. */
const CHECKED = new Set(codes.slice(codes.indexOf('duplicate-declaration')))

/** The policy sets that people start from, which have no mistakes. */
function readPolicySets(): readonly (readonly [name: string, sources: readonly SourceFile[]])[] {
  return readdirSync(POLICIES).map((set) => {
    const folder = new URL(`${set}/`, POLICIES)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.edict'),
    )
    return [set, files.map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))] as const
  })
}

/** The set with one token left out, at every place that `step` chooses. */
function* breakOnce(sources: readonly SourceFile[], step: number): Generator<readonly SourceFile[]> {
  for (const source of sources) {
    const { tokens } = lexSource(source)
    for (let index = step % 7; index < tokens.length; index += step) {
      const { startOffset = 0, image = '' } = tokens[index] ?? {}
      const text = source.text.slice(0, startOffset) + source.text.slice(startOffset + image.length)
      yield sources.map((each) => (each === source ? { ...each, text } : each))
    }
  }
}

describe('checkIntact', () => {
  it.each(readPolicySets())('finds nothing that follows from one broken declaration: %s', (_, sources) => {
    const wrong: string[] = []
    for (const broken of breakOnce(sources, 149)) {
      const { diagnostics } = loadPolicySet(broken)
      if (diagnostics.every(({ code }) => CHECKED.has(code))) continue
      for (const { code, message } of diagnostics) if (CHECKED.has(code)) wrong.push(`${code}: ${message}`)
    }
    expect(wrong).toEqual([])
  })
})
