// What the documents show is tried: every block of policy text loads and its tests pass, or it has the one error that
// it says. `edict` is a whole policy set; `edict error CODE` one that does not load.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadPolicySet } from '@edict/policy-lang'
import { runTests } from '@edict/policy-lang/testing'
import { describe, expect, it } from 'vitest'
// The tables of the manual are held to the tables of the language, which nobody else needs.
import { METHOD_NAMES } from '../packages/policy-lang/src/check/expressions/infer-method.ts'
import { DIAGNOSTIC_CODES } from '../packages/policy-lang/src/diagnostics/codes.ts'
import * as tokens from '../packages/policy-lang/src/syntax/tokens.ts'

const root = join(import.meta.dirname, '..')
const manual = join(root, 'docs/language.md')

// After `UPDATE_DOCS=1 vitest run test/docs.test.ts`, `npm run format` makes the table even.
const TABLE_BEGIN = '<!-- diagnostics: begin (UPDATE_DOCS=1 vitest run test/docs.test.ts) -->\n'
const TABLE_END = '<!-- diagnostics: end -->\n'

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
    [...readBlocks('README.md', 'edict'), ...readBlocks('docs/language.md', 'edict')].map(
      (block) => [block.place, block] as const,
    ),
  )('shows policy text that does what it says: %s', (_, block) => checkBlock(block))

  it.each(readBlocks('docs/language.md', 'json').map((block) => [block.place, block] as const))(
    'shows JSON: %s',
    (_, block) => expect(JSON.parse(block.text)).toBeTypeOf('object'),
  )

  it('lists every diagnostic with its severity and meaning', () => {
    const text = readFileSync(manual, 'utf8')
    const from = text.indexOf(TABLE_BEGIN) + TABLE_BEGIN.length
    const to = text.indexOf(TABLE_END)
    const rows = Object.entries(DIAGNOSTIC_CODES).map(([code, { severity, meaning }]) => [
      `\`${code}\``,
      severity,
      meaning.replaceAll('|', '\\|'),
    ])
    if (process.env.UPDATE_DOCS === '1') {
      const table = [['code', '', 'meaning'], ['---', '---', '---'], ...rows].map(
        (row) => `| ${row.join(' | ')} |`,
      )
      writeFileSync(manual, `${text.slice(0, from)}\n${table.join('\n')}\n\n${text.slice(to)}`)
      return
    }
    expect(readRows(text.slice(from, to))).toEqual(rows)
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

  it('explains every method', () => {
    const section = /^## Members and methods\n([\s\S]*?)^## /m.exec(readFileSync(manual, 'utf8'))?.[1] ?? ''
    const explained = [...section.matchAll(/^\|.*\|$/gm)].flatMap(([row]) =>
      [...row.matchAll(/`\.(\w+)/g)].map(([, name]) => name),
    )
    expect(explained).toEqual(expect.arrayContaining([...METHOD_NAMES]))
  })

  it('has the sections that code refers to', () => {
    const text = readFileSync(manual, 'utf8')
    for (const heading of ['## Recursion', '## Values as JSON']) expect(text).toContain(`\n${heading}\n`)
  })

  it('leads every link to a heading', () => {
    const text = readFileSync(manual, 'utf8')
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => toAnchor(heading ?? ''))
    const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, link]) => link)
    expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([])
  })
})

/** The cells of a table, without its head and however wide its columns are. */
function readRows(table: string): readonly (readonly string[])[] {
  return [...table.matchAll(/^\|(.*)\|$/gm)]
    .slice(2)
    .map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
}

/** As GitHub makes them. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-')
}
