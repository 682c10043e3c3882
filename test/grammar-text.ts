// The grammar that the parser runs on, written down: as EBNF for docs/reference.md and as drawings for
// docs/grammar.html. Made from the parser itself, so that neither can say anything else than it does.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { PolicyGrammar } from '../packages/policy-lang/src/syntax/grammar.ts'

const LINE_WIDTH = 100
/** Parts that need no parentheses before `?` and `*`. */
const SINGLE: ReadonlySet<string> = new Set(['Terminal', 'NonTerminal', 'Alternation'])

/** As the parser library writes out its rules. */
interface Production {
  readonly type: string
  readonly name?: string
  readonly label?: string
  readonly definition?: readonly Production[]
  readonly separator?: Production
}

function readProductions(): readonly Production[] {
  return new PolicyGrammar({ skipValidations: true }).getSerializedGastProductions()
}

/** Every rule as `name = body`, in the order of the parser. */
export function toEbnf(): string {
  return readProductions().map(printRule).join('\n')
}

function printRule(rule: Production): string {
  const head = `${rule.name} = `
  const parts = rule.definition ?? []
  const [only, ...others] = parts
  if (only?.type !== 'Alternation' || others.length > 0) return wrap(head, parts.map(printPart))
  const alternatives = printAlternatives(only)
  const line = head + alternatives.join(' | ')
  return line.length <= LINE_WIDTH ? line : `${rule.name}\n  = ${alternatives.join('\n  | ')}`
}

function wrap(head: string, parts: readonly string[]): string {
  const lines = [head.trimEnd()]
  for (const part of parts) {
    const last = lines.at(-1) ?? ''
    if (last.length + part.length < LINE_WIDTH) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(`    ${part}`)
  }
  return lines.join('\n')
}

function printSequence(parts: readonly Production[] = []): string {
  return parts.map(printPart).join(' ')
}

function printAlternatives({ definition = [] }: Production): readonly string[] {
  return definition.map((alternative) => printSequence(alternative.definition))
}

function printPart(part: Production): string {
  const inner = printSequence(part.definition)
  const isSingle = part.definition?.length === 1
  const group = isSingle && SINGLE.has(part.definition?.[0]?.type ?? '') ? inner : `(${inner})`
  switch (part.type) {
    case 'NonTerminal':
      return part.name ?? ''
    case 'Terminal':
      return printToken(part)
    case 'Alternative':
      return inner
    case 'Alternation':
      return `(${printAlternatives(part).join(' | ')})`
    case 'Option':
      return `${group}?`
    case 'Repetition':
      return `${group}*`
    case 'RepetitionMandatoryWithSeparator':
      return printList(part, inner)
    case 'RepetitionWithSeparator':
      return `(${printList(part, inner)})?`
    default:
      throw new Error(`the grammar has a part that is not printed yet: ${part.type}`)
  }
}

function printList({ separator }: Production, item: string): string {
  return `${item} (${separator === undefined ? '' : printToken(separator)} ${item})*`
}

/** What is written as it is stands in quotes; a kind of token by its name. */
function printToken({ name = '', label = '' }: Production): string {
  return isKind(label) ? name : JSON.stringify(label)
}

function isKind(label: string): boolean {
  return label.includes(' ')
}

const STYLE = `
body { font-family: sans-serif; margin: 2rem; background: #fff; color: #222 }
h2 { font: bold 1rem monospace; margin: 1.5rem 0 0 }
svg.railroad-diagram { max-width: 100% }
svg.railroad-diagram path { stroke-width: 2; stroke: #333; fill: none }
svg.railroad-diagram text { font: bold 14px monospace; text-anchor: middle }
svg.railroad-diagram rect { stroke-width: 2; stroke: #333; fill: #d8efe0 }
svg.railroad-diagram g.non-terminal rect { fill: #dfe6fa }
`

/** Railroad diagrams of every rule: one page without scripts, that needs no network. */
export function toDiagrams(): string {
  const drawings = drawDiagrams(readProductions().map(nameKinds))
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<title>The grammar of Edict</title>',
    `<style>${STYLE}</style>`,
    '<h1>The grammar of Edict</h1>',
    '<p>Made from the parser (<code>UPDATE_DOCS=1 vitest run test/docs.test.ts</code>). Green: written as it is, or',
    'a kind of token. Blue: another rule. The kinds of tokens and what the grammar cannot say are in',
    '<a href="reference.md">reference.md</a>.</p>',
    tidy(drawings),
    '</html>',
    '',
  ].join('\n')
}

/** Titles, links from rule to rule, and nothing that only the scripts of the library would read. */
function tidy(drawings: string): string {
  // An attribute may hold the sign `>` itself.
  return drawings
    .replaceAll(
      /<h2 class="diagramHeader">(\w+)<\/h2>(<svg [^>]*>)/g,
      '\n<h2 id="$1">$1</h2>\n$2<title>$1</title>',
    )
    .replaceAll(
      /<text (x="\d+" y="\d+")[^>]*ruleName="(\w+)">\2<\/text>/g,
      '<a href="#$2"><text $1>$2</text></a>',
    )
    .replaceAll(/<text (x="\d+" y="\d+")(?: [\w-]+="[^"]*")*>/g, '<text $1>')
}

/** The parser library brings scripts that draw for a browser; they make text, so they need none. */
function drawDiagrams(productions: readonly Production[]): string {
  const folder = join(import.meta.dirname, '../packages/policy-lang/node_modules/chevrotain/diagrams')
  const context = createContext({ productions })
  for (const script of ['vendor/railroad-diagrams.js', 'src/diagrams_builder.js']) {
    runInContext(readFileSync(join(folder, script), 'utf8'), context)
  }
  return String(runInContext('diagrams_builder.buildSyntaxDiagramsText(productions)', context))
}

function nameKinds(part: Production): Production {
  return {
    ...part,
    ...(part.label !== undefined && isKind(part.label) && { label: part.name }),
    ...(part.definition && { definition: part.definition.map(nameKinds) }),
    ...(part.separator && { separator: nameKinds(part.separator) }),
  }
}
