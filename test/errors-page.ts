// Writes docs/errors.md from the registry of codes and the corpus of mistakes.
import { loadPolicySet, renderDiagnostic } from '@edict/policy-lang'
import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../packages/policy-lang/src/diagnostics/codes.ts'
import { EXPLANATIONS } from '../packages/policy-lang/src/fixtures/explanations.ts'
import { readMistake } from '../packages/policy-lang/src/fixtures/read-mistakes.ts'

const INTRODUCTION = `# Errors and warnings

Each code that \`edict check\` can show, in the order of the [table of the manual](language.md#errors-and-warnings): how
one comes to it, an example with the message, and what to do. An error keeps the policy set from loading, a warning does
not. Codes are stable; messages may become better.

<!-- Written by \`UPDATE_DOCS=1 vitest run test/docs.test.ts\` from the registry of codes and the corpus of mistakes. -->
`

export function writeErrorsPage(): string {
  const codes = Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[]
  const index = codes.map((code) => `[\`${code}\`](#${code})`).join(' · ')
  return `${[INTRODUCTION, `${index}\n`, ...codes.map(writeSection)].join('\n')}`
}

function writeSection(code: DiagnosticCode): string {
  const { severity, meaning } = DIAGNOSTIC_CODES[code]
  const { cause, cure, example } = EXPLANATIONS[code]
  const { broken, fixed } = readMistake(example)
  const messages = loadPolicySet(broken).diagnostics.map((found) => renderDiagnostic(found, broken))
  return [
    `## ${code}\n`,
    `${severity === 'error' ? 'Error' : 'Warning'}: ${meaning}.\n`,
    `${cause}\n`,
    ...broken.map(({ name, text }) => writeBlock(broken.length > 1 ? name : undefined, text)),
    `${fence('text', messages.join('\n\n'))}\n`,
    `${cure}\n`,
    ...fixed.flatMap(({ name, text }) => {
      const before = broken.find((other) => other.name === name.replace('fixed', 'policy'))?.text ?? ''
      const changed = broken.length > 1 ? '' : findChange(before, text)
      return changed === '' ? [] : [`${fence('edict', changed)}\n`]
    }),
  ].join('\n')
}

function writeBlock(name: string | undefined, text: string): string {
  const heading = name === undefined ? '' : `\`${name}\`\n\n`
  return `${heading}${fence('edict', shorten(text).trimEnd())}\n`
}

/** The lines that another text has in place of some of the first. */
function findChange(before: string, after: string): string {
  const [old, lines] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < lines.length && lines[start] === old[start]) start++
  let end = 0
  while (end < lines.length - start && lines.at(-1 - end) === old.at(-1 - end)) end++
  return lines
    .slice(start, lines.length - end)
    .join('\n')
    .trim()
}

/** Texts that are wrong by their length are shown in part. */
function shorten(text: string): string {
  return text.replaceAll(/([()])\1{20,}/g, (many, one: string) => `${one} … ${many.length} of them … ${one}`)
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}
