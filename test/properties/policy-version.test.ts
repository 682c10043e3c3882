import { formatPolicy, loadPolicySet, type SourceFile } from '@edict/policy-lang'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printFile } from '../../packages/policy-lang/src/ast/print.ts'
import { parsePolicyFile } from '../../packages/policy-lang/src/syntax/parse.ts'
import { policyCases, writePolicy } from './arbitraries/policy-case.ts'
import { changeMeaning } from './change-meaning.ts'
import { askNaively, loadCase } from './compare.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(6)
const timeout = options.numRuns * 6_000

const load = (sources: readonly SourceFile[]) => loadPolicySet(sources).policySet

function formatted(text: string): string {
  const { text: laidOut } = formatPolicy(text)
  if (laidOut === undefined) throw new Error('a sound policy cannot be formatted')
  return laidOut
}

/** The same declarations, written otherwise. */
function rewrite(declarations: readonly string[]): readonly (readonly SourceFile[])[] {
  const text = `${declarations.join('\n')}\n`
  const commented = text.replaceAll('\n', ' // every line\n\n')
  const documented = declarations.map((declaration) => `/// What it is for.\n${declaration}`)
  const claims = 'invariant "nobody": never * on * if false\n'
  return [
    [{ name: 'formatted.edict', text: formatted(text) }],
    [{ name: 'commented.edict', text: commented }],
    [{ name: 'documented.edict', text: documented.toReversed().join('\n') }],
    declarations.map((declaration, index) => ({
      name: `${declarations.length - index}.edict`,
      text: declaration,
    })),
    [
      { name: 'policy.edict', text: formatted(commented) },
      { name: 'claims.test.edict', text: claims },
    ],
  ]
}

describe('the policy version', { timeout }, () => {
  it('is the same whatever the layout, comments, files, order and claims', () => {
    fc.assert(
      fc.property(policyCases, (policyCase) => {
        const { version } = loadCase(policyCase).policySet
        for (const sources of rewrite(policyCase.declarations)) expect(load(sources)?.version).toBe(version)
      }),
      options,
    )
  })

  it('is another where a literal, an operator, an effect or a role is, and with it an answer', () => {
    let meanings = 0
    fc.assert(
      fc.property(policyCases, fc.nat(), (policyCase, choice) => {
        const { file } = parsePolicyFile({ name: 'policy.edict', text: writePolicy(policyCase) })
        if (file === undefined) throw new Error('a sound policy does not parse')
        const { version } = loadCase(policyCase).policySet
        const answers = (changed: typeof file): unknown =>
          policyCase.questions.map((question) => askNaively({ files: [changed] }, policyCase, question))
        const before = answers(file)
        for (const changed of changeMeaning(file, choice, 4)) {
          const policySet = load([{ name: 'policy.edict', text: printFile(changed) }])
          // What the checker refuses, or the second evaluator need not know, means nothing.
          if (policySet === undefined) continue
          const isAnother = JSON.stringify(answers(changed)) !== JSON.stringify(before)
          if (isAnother) meanings += 1
          expect({ isAnother, isSameVersion: policySet.version === version }).not.toEqual({
            isAnother: true,
            isSameVersion: true,
          })
        }
      }),
      options,
    )
    process.stdout.write(`changes that gave another answer: ${meanings}\n`)
    expect(meanings).toBeGreaterThan(0)
  })
})
