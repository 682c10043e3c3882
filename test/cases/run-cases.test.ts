// The runner judges: on a folder of cases made here, with translations made here.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCases } from './run-cases.ts'

const POLICY = `subject Person

resource Note {
  author: Person
  actions read
}

rule authors: allow read on Note if resource.author == subject
`

const person = (id: string): object => ({ type: 'Person', id, properties: {} })
const note = { type: 'Note', id: 'n1', properties: { author: { $ref: { type: 'Person', id: 'mia' } } } }
const asks = (id: string, expected: string): object => ({
  subject: person(id),
  action: 'read',
  resource: note,
  context: {},
  expected,
})

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'edict-cases-test-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

function write(path: string, content: string | object): void {
  const target = join(directory, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content))
}

async function run(
  ...args: readonly string[]
): Promise<{ readonly status: number; readonly output: string }> {
  const from = args.includes('--from') ? [] : ['--from', join(directory, 'cases')]
  const lines: string[] = []
  const status = await runCases([...from, '--policies', join(directory, 'policies'), ...args], (line) => {
    lines.push(line)
  })
  return { status, output: `${lines.join('\n')}\n` }
}

/** One set of one source with a translation, and what is known of it. */
function writeSet(requests: readonly object[], known?: object): void {
  write('cases/notes.json', [{ id: 'notes/set one', entities: [note], requests }])
  write('policies/notes/set-one.edict', POLICY)
  if (known !== undefined) write('policies/notes/known.json', known)
}

describe('runCases', () => {
  it('passes where Edict decides as the source does, whatever its word for a denial', async () => {
    writeSet([asks('mia', 'allow'), asks('noah', 'not_applicable')])
    const { status, output } = await run()
    expect(output).toMatch(/notes\/set one +2 of 2\n/)
    expect(output).toMatch(/\n2 passed, 0 failed\n$/)
    expect(status).toBe(0)
  })

  it('asks a started server as well', { timeout: 60_000 }, async () => {
    writeSet([asks('mia', 'allow'), asks('noah', 'deny')])
    expect((await run('--server')).output).toMatch(/\n2 passed, 0 failed\n$/)
  })

  it('shows what is wrongly denied, unless it is known', async () => {
    writeSet([asks('noah', 'allow')])
    const unknown = await run()
    expect(unknown.output).toContain('FAILED notes/set one #1: expected allow')
    expect(unknown.output).toContain('nearestMisses')
    expect(unknown.status).toBe(1)
    write('policies/notes/known.json', { 'notes/set one': { 1: 'written for this test' } })
    const known = await run()
    expect(known.output).toContain('notes/set one #1: written for this test')
    expect(known.output).toMatch(/\n0 passed, 0 failed\n$/)
    expect(known.status).toBe(0)
  })

  it('fails where Edict allows what the source denies, known or not', async () => {
    writeSet([asks('mia', 'deny')], { 'notes/set one': { 1: 'written for this test' } })
    const { status, output } = await run()
    expect(output).toContain('FAILED notes/set one #1: ALLOWED, but the source denies')
    expect(status).toBe(1)
  })

  it('fails where a known difference is none any more, or has no request', async () => {
    writeSet([asks('mia', 'allow')], { 'notes/set one': { 1: 'once so', 7: 'never was' } })
    const { status, output } = await run()
    expect(output).toContain('FAILED notes/set one #1: known (once so), but it passes')
    expect(output).toContain('FAILED notes/set one #7: known, but there is no such request')
    expect(status).toBe(1)
  })

  it('fails where data or a translation is refused', async () => {
    writeSet([asks('noah', 'deny')])
    write('policies/notes/set-one.edict', POLICY.replace('subject Person', 'subject Persona'))
    const refused = await run()
    expect(refused.output).toContain('unknown-type')
    expect(refused.status).toBe(1)
    write('policies/notes/set-one.edict', POLICY)
    write('cases/notes.json', [
      { id: 'notes/set one', entities: [{ ...note, parents: [note] }], requests: [asks('noah', 'deny')] },
    ])
    expect((await run()).output).toContain('entity data is refused')
  })

  it('counts sets without translation, and lists them with the reason', async () => {
    writeSet([asks('mia', 'allow')], { 'notes/two': 'needs what nobody has' })
    write('cases/other.json', [{ id: 'two', requests: [asks('mia', 'allow')] }])
    expect((await run()).output).toContain('1 sets without translation (--missing lists them)')
    expect((await run('--missing')).output).toContain('two (other/two.edict)')
  })

  it('checks a translation that has no set here', async () => {
    writeSet([asks('mia', 'allow')])
    write('policies/elsewhere/one.edict', POLICY)
    expect((await run()).output).toMatch(
      /1 translations without a set here were checked only\n\n1 passed, 0 failed\n$/,
    )
    write('policies/elsewhere/one.edict', POLICY.replace('subject Person', 'subject Persona'))
    expect((await run()).status).toBe(1)
  })

  it('says that there are no cases, which is an error for a folder that was named', async () => {
    const { status, output } = await run('--from', join(directory, 'nowhere'))
    expect(output).toContain('no cases in')
    expect(status).toBe(2)
  })
})
