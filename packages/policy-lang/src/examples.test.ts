import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it, suite } from 'vitest'

const root = import.meta.dirname
const scratch = mkdtempSync(join(tmpdir(), 'edict-examples-'))
const entries: Readonly<Record<string, string>> = {
  '@edict/policy-lang': 'index.ts',
  '@edict/policy-lang/program': 'program-api.ts',
  '@edict/policy-lang/testing': 'testing/index.ts',
}

/** The `@example` blocks of a source, without the stars of the comment. */
function findExamples(text: string): readonly string[] {
  const blocks = text.matchAll(/@example\n *\* ```ts\n((?: *\*.*\n)*?) *\* ```/g)
  return [...blocks].map(([, code = '']) => code.replaceAll(/^ *\* ?/gm, ''))
}

/** The TypeScript blocks of a Markdown text. */
function findBlocks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
}

/** Makes a module of an example: `EXPRESSION // => VALUE` becomes an assertion. */
function toModule(example: string): string {
  const imports = example.replaceAll(/from '(@edict\/policy-lang[^']*)'/g, (_, name: string) => {
    return `from '${pathToFileURL(join(root, entries[name] ?? name)).href}'`
  })
  const body = imports.replaceAll(/^(.+?) +\/\/ => (.+)$/gm, 'assert.deepEqual($1, $2)')
  return `import assert from 'node:assert/strict'\n${body}`
}

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
)
const readme = '../README.md'
const examples = [
  ...sources.flatMap((file) => number(file, findExamples(readFileSync(join(root, file), 'utf8')))),
  ...number(readme, findBlocks(readFileSync(join(root, readme), 'utf8'))),
]

function number(file: string, codes: readonly string[]) {
  return codes.map((code, index) => ({ file, index, code }))
}

suite('examples', () => {
  afterAll(() => rmSync(scratch, { recursive: true }))

  it('stand at the entry points', () => {
    expect(examples.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['load-policy-set.ts', 'load-program.ts', readme]),
    )
  })

  it.each(examples)('$file, example $index, does what it says', async ({ file, index, code }) => {
    const module = join(scratch, `${file.replaceAll(/\W/g, '-')}-${index}.ts`)
    writeFileSync(module, toModule(code))
    expect(code).toContain('// =>')
    await import(pathToFileURL(module).href)
  })
})
