// What the documents show is tried: every block of policy text loads and its tests pass, or it has the one error that
// it says. `edict` is a whole policy set; `edict error CODE` one that does not load.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadPolicySet } from '@edict/policy-lang'
import { runTests } from '@edict/policy-lang/testing'
import { describe, expect, it } from 'vitest'
// The tables of the manual are held to the tables of the language, which nobody else needs.
import { METHOD_NAMES } from '../packages/policy-lang/src/check/expressions/infer-method.ts'
import { DIAGNOSTIC_CODES } from '../packages/policy-lang/src/diagnostics/codes.ts'
import * as tokens from '../packages/policy-lang/src/syntax/tokens.ts'
import { writeErrorsPage } from './errors-page.ts'
import { toDiagrams, toEbnf } from './grammar-text.ts'

const root = join(import.meta.dirname, '..')
const manual = join(root, 'docs/language.md')
const reference = join(root, 'docs/reference.md')
const diagrams = join(root, 'docs/grammar.html')
const documents = ['docs/language.md', 'docs/reference.md', 'docs/coming-from.md']
const isUpdate = process.env.UPDATE_DOCS === '1'

// After `UPDATE_DOCS=1 vitest run test/docs.test.ts`, `npm run format` makes the table even.
const TABLE_BEGIN = '<!-- diagnostics: begin (UPDATE_DOCS=1 vitest run test/docs.test.ts) -->\n'
const TABLE_END = '<!-- diagnostics: end -->\n'
const GRAMMAR_BEGIN = '<!-- grammar: begin (UPDATE_DOCS=1 vitest run test/docs.test.ts) -->\n'
const GRAMMAR_END = '<!-- grammar: end -->\n'

interface Block {
  readonly place: string
  readonly info: readonly string[]
  readonly text: string
}

/** The fenced blocks of a Markdown file whose info string starts with `language`. */
function readBlocks(path: string, language: string): readonly Block[] {
  const markdown = readFileSync(join(root, path), 'utf8')
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .map((match) => ({
      place: `${path}:${markdown.slice(0, match.index).split('\n').length}`,
      info: (match[1] ?? '').trim().split(' '),
      text: match[2] ?? '',
    }))
    .filter((block) => block.info[0] === language)
}

function checkBlock({ info, text, place }: Block): void {
  const { policySet, diagnostics } = loadPolicySet([{ name: `${place}.edict`, text }])
  const errors = diagnostics.filter((found) => found.severity === 'error')
  const [, kind, code] = info
  if (kind === 'error') {
    expect(errors.map((error) => error.code)).toEqual([code])
    return
  }
  expect(
    diagnostics.map(({ code, message, span }) => ({ code, message, at: text.slice(span.start, span.end) })),
  ).toEqual([])
  if (policySet === undefined) throw new Error('no error and no policy set')
  const report = runTests(policySet)
  expect(report).toMatchObject({ failed: 0 })
}

describe('the documents', () => {
  it.each(
    ['README.md', ...documents]
      .flatMap((path) => readBlocks(path, 'edict'))
      .map((block) => [block.place, block] as const),
  )('shows policy text that does what it says: %s', (_, block) => checkBlock(block))

  it.each(
    documents.flatMap((path) => readBlocks(path, 'json')).map((block) => [block.place, block] as const),
  )('shows JSON: %s', (_, block) => expect(JSON.parse(block.text)).toBeTypeOf('object'))

  it('lists every diagnostic with its severity and meaning', () => {
    const text = readFileSync(manual, 'utf8')
    const from = text.indexOf(TABLE_BEGIN) + TABLE_BEGIN.length
    const to = text.indexOf(TABLE_END)
    const rows = Object.entries(DIAGNOSTIC_CODES).map(([code, { severity, meaning }]) => [
      `[\`${code}\`](errors.md#${code})`,
      severity,
      meaning.replaceAll('|', '\\|'),
    ])
    if (isUpdate) {
      const table = [['code', '', 'meaning'], ['---', '---', '---'], ...rows].map(
        (row) => `| ${row.join(' | ')} |`,
      )
      writeFileSync(manual, `${text.slice(0, from)}\n${table.join('\n')}\n\n${text.slice(to)}`)
      return
    }
    expect(readRows(text.slice(from, to))).toEqual(rows)
  })

  it('explain every diagnostic', () => {
    const page = join(root, 'docs/errors.md')
    if (process.env.UPDATE_DOCS === '1') writeFileSync(page, writeErrorsPage())
    else expect(readFileSync(page, 'utf8')).toBe(writeErrorsPage())
  })

  it('lists every keyword', () => {
    const section = /^## Keywords\n([\s\S]*?)^## /m.exec(readFileSync(manual, 'utf8'))?.[1] ?? ''
    const lines = section.split('\n').map((line) => [...line.matchAll(/`(\w+)`/g)].map(([, word]) => word))
    const listed = lines.filter((words) => words.includes('can') || words.includes('given'))
    const keywords = Object.entries(tokens).flatMap(([name, token]) =>
      name.endsWith('Keyword') && 'CATEGORIES' in token ? [token] : [],
    )
    const isName = ({ CATEGORIES }: (typeof keywords)[number]): boolean =>
      CATEGORIES?.includes(tokens.NameWord) ?? false
    const labels = (list: typeof keywords): unknown[] => list.map(({ LABEL }) => LABEL).sort()
    expect(listed).toEqual([
      labels(keywords.filter((token) => !isName(token))),
      labels(keywords.filter(isName)),
    ])
  })

  it('shows the grammar of the parser', () => {
    const text = readFileSync(reference, 'utf8')
    const from = text.indexOf(GRAMMAR_BEGIN) + GRAMMAR_BEGIN.length
    const to = text.indexOf(GRAMMAR_END)
    const block = `\n\`\`\`ebnf\n${toEbnf()}\n\`\`\`\n\n`
    if (isUpdate) writeFileSync(reference, text.slice(0, from) + block + text.slice(to))
    else expect(text.slice(from, to)).toBe(block)
  })

  it('draws the grammar of the parser', () => {
    if (isUpdate) writeFileSync(diagrams, toDiagrams())
    else expect(readFileSync(diagrams, 'utf8')).toBe(toDiagrams())
  })

  it.each([manual, reference])('explains every method: %s', (path) => {
    const section = /^## Members and methods\n([\s\S]*?)^## /m.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
    const explained = [...section.matchAll(/^\|.*\|$/gm)].flatMap(([row]) =>
      [...row.matchAll(/`\.(\w+)/g)].map(([, name]) => name),
    )
    expect(explained).toEqual(expect.arrayContaining([...METHOD_NAMES]))
  })

  it('has the sections that code refers to', () => {
    const text = readFileSync(manual, 'utf8')
    for (const heading of ['## Recursion', '## Values as JSON']) expect(text).toContain(`\n${heading}\n`)
  })

  it.each(documents)('leads every link to a heading: %s', (path) => {
    const links = [...readFileSync(join(root, path), 'utf8').matchAll(/\]\(([\w.-]*)#([^)]*)\)/g)]
    const broken = links.filter(([, file, anchor = '']) => {
      const target = file === '' ? path : join(dirname(path), file ?? '')
      return !readAnchors(target).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

/** The cells of a table, without its head and however wide its columns are. */
function readRows(table: string): readonly (readonly string[])[] {
  return [...table.matchAll(/^\|(.*)\|$/gm)]
    .slice(2)
    .map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
}

function readAnchors(path: string): readonly string[] {
  const headings = readFileSync(join(root, path), 'utf8').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) => toAnchor(heading))
}

/** As GitHub makes them. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-')
}
