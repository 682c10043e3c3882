// Policy text through parser and formatter: something is said of every text, in the right place, or it can be laid out
// so that nothing changes when it is laid out again.
import { type Diagnostic, formatPolicy } from '@edict/policy-lang'
import { parsePolicyFile } from '../../../packages/policy-lang/src/syntax/parse.ts'
import { shrinkText } from '../mutate-text.ts'
import { mutatePolicy, type PolicyCorpus } from '../policy-mutations.ts'
import type { Random } from '../random.ts'
import { defineTarget, type Target, type Verdict } from '../target.ts'

export function createParseTarget(corpus: PolicyCorpus): Target {
  const all = [...corpus.small, ...corpus.small, ...corpus.sets.flat()]
  return defineTarget({
    name: 'parse-and-format',
    make: (random: Random) => mutatePolicy(random.pick(all).text, random, corpus),
    check: checkText,
    shrink: shrinkText,
    length: (text: string) => text.length,
    print: (text: string) => text,
  })
}

function checkText(text: string): Verdict {
  const { file, diagnostics } = parsePolicyFile({ name: 'x', text })
  const hasError = diagnostics.some(({ severity }) => severity === 'error')
  if ((file === undefined) !== hasError) return 'neither a tree nor an error, or both'
  const misplaced = findMisplaced(diagnostics, text, 'x')
  if (misplaced !== undefined) return misplaced
  const formatted = formatPolicy(text, { name: 'x' })
  if ((formatted.text === undefined) !== hasError) return 'formatted in spite of an error, or not without one'
  if (formatted.text === undefined) return undefined
  const again = formatPolicy(formatted.text, { name: 'x' })
  if (again.text === undefined) return `the formatted text does not parse:\n${formatted.text}`
  if (again.text !== formatted.text)
    return `formatting again changes the text:\n${formatted.text}\n---\n${again.text}`
  return undefined
}

/** A diagnostic that points outside the text. */
export function findMisplaced(
  diagnostics: readonly Diagnostic[],
  text: string,
  name: string,
): string | undefined {
  const isInside = ({ span: { file, start, end } }: Pick<Diagnostic, 'span'>) =>
    file !== name || (0 <= start && start <= end && end <= text.length)
  const wrong = diagnostics.find((found) => !isInside(found) || found.related?.every(isInside) === false)
  return wrong && `a diagnostic points outside the text: ${JSON.stringify(wrong)}`
}
