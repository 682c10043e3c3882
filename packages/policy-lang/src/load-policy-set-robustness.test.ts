import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { loadPolicySet } from './load-policy-set.ts'
import { anyPolicySet, toSources } from './testing/arbitraries.ts'
import { runTests } from './testing/run-tests.ts'

const WITH_TESTS = `
assign chief to User::"a" until datetime("2026-01-01") + 1d
let LIMIT = 5m
fn later(age: Duration) = context.now - age > datetime("2026-01-01")
rule timed: deny read on Document if later(LIMIT) advise hint(text: "late")
test "t" {
  given { Folder::"f" in [] { rank: 1 + 1, tags: illTyped }  assign guest to any User on Folder::"f" }
  subject User::"a" in [Team::"t"] { name: "x", level: -1 } roles [member on Folder::"f", chief]
  resource Document::"d" in Folder::"f" { owner: User::"a" }
  context { trusted: true, token: { scopes: ["x"] } }
  now datetime("2026-05-04T12:00:00Z")
  deny read, export(rows: 1, to: ip("::1")) by timed advice hint(text: "late") fails timed
}
invariant "i": never remove on Document if subject is Service
`

/** Policy text with a few tokens taken out, doubled or exchanged: most of it is almost right. */
const brokenPolicy = fc
  .tuple(
    anyPolicySet(),
    fc.array(
      fc.record({ at: fc.nat(), other: fc.nat(), kind: fc.constantFrom('drop', 'double', 'swap', 'cut') }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  )
  .map(([generated, edits]) => {
    const [source] = toSources(generated)
    let tokens: readonly string[] = `${source?.text}\n${WITH_TESTS}`.match(/\w+|\s+|"[^"\n]*"|[^\w\s]/g) ?? []
    for (const edit of edits) {
      const at = edit.at % tokens.length
      const token = tokens[at] ?? ''
      const other = tokens[edit.other % tokens.length] ?? ''
      if (edit.kind === 'drop') tokens = tokens.toSpliced(at, 1)
      if (edit.kind === 'double') tokens = tokens.toSpliced(at, 0, token)
      if (edit.kind === 'swap') tokens = tokens.with(at, other)
      if (edit.kind === 'cut') tokens = tokens.toSpliced(at, 0, token.slice(0, 1))
    }
    return tokens.join('')
  })

describe('loadPolicySet, whatever it is given,', () => {
  test.prop([brokenPolicy], { numRuns: 150 })('never throws: it loads, or says where it does not', (text) => {
    const { policySet, diagnostics } = loadPolicySet([{ name: 'p.edict', text }])
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    expect(errors.length > 0).toBe(policySet === undefined)
    const misplaced = diagnostics.filter(
      ({ span: { file, start, end } }) =>
        !(file === 'p.edict' && 0 <= start && start <= end && end <= text.length),
    )
    expect(misplaced).toEqual([])
    if (policySet !== undefined) runTests(policySet)
  })

  test.prop([fc.string({ unit: 'binary', maxLength: 60 })], { numRuns: 100 })('takes any text', (text) => {
    loadPolicySet([{ name: 'p.edict', text }])
  })
})
