// What the README says is true: its table of keys is made of the schema, and its quick start runs.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG_TABLE } from './config.ts'
import { createAsk, createTestPdp } from './test-support/service.ts'

const path = join(import.meta.dirname, '../README.md')
const readme = readFileSync(path, 'utf8')

describe('the README', () => {
  it('lists every key of the configuration', () => {
    const begin =
      '<!-- configuration: begin (UPDATE_DOCS=1 vitest run packages/pdp-server/src/readme.test.ts) -->\n'
    const end = '<!-- configuration: end -->'
    const [before = '', rest = ''] = readme.split(begin)
    const [table = '', after = ''] = rest.split(end)
    if (process.env.UPDATE_DOCS === '1') writeFileSync(path, before + begin + renderTable() + end + after)
    else expect(readCells(table)).toEqual(readCells(renderTable()))
  })

  it('shows a policy and a question that fit', async () => {
    const policy = /<<'POLICY'\n([\s\S]*?)POLICY\n/.exec(readme)?.[1] ?? ''
    const body = /-d '([^']*)'/.exec(readme)?.[1] ?? ''
    const { status, json } = await createAsk({ pdp: createTestPdp(policy, {}) })('/decide', { body })
    expect([status, json]).toMatchObject([200, { decision: 'allow', reasons: [{ rule: 'authors' }] }])
  })

  it('shows how to use it as a library', () => {
    const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const script = code.replace("'@edict/pdp-server'", JSON.stringify(join(import.meta.dirname, 'index.ts')))
    const directory = mkdtempSync(join(tmpdir(), 'edict-readme-'))
    const file = join(directory, 'example.mts')
    writeFileSync(file, script)
    const root = join(import.meta.dirname, '../../..')
    const output = execFileSync(process.execPath, [file], { cwd: root, encoding: 'utf8' })
    rmSync(directory, { recursive: true })
    expect(output).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/)
  })

  it('names endpoints that there are', async () => {
    const ask = createAsk({ publicUrl: 'https://pdp.example.com' })
    const endpoints = [...readme.matchAll(/`(GET|POST) (\/[^`]*)`/g)]
    expect(endpoints.length).toBeGreaterThan(5)
    for (const [, method = '', endpoint = ''] of endpoints) {
      const { status } = await ask(endpoint, { method })
      expect([endpoint, [404, 405].includes(status)]).toEqual([endpoint, false])
    }
  })
})

/** Without the blanks that a formatter puts in. */
function readCells(table: string): readonly (readonly string[])[] {
  const rows = table.split('\n').filter((line) => line.startsWith('|') && !line.includes('---'))
  return rows.map((row) => row.split('|').map((cell) => cell.trim()))
}

function renderTable(): string {
  const rows = CONFIG_TABLE.map(({ key, variable, flag, defaultValue, description }) => {
    const shown = defaultValue === undefined ? '' : `\`${String(defaultValue)}\``
    return `| \`${key}\` | \`${flag}\` | \`${variable}\` | ${shown} | ${description} |\n`
  })
  return `\n| key | flag | variable | default | |\n|---|---|---|---|---|\n${rows.join('')}\n`
}
