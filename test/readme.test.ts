// The terminal session of the README is typed in again, against the real service and the real command.
// To write what they print now into the README: EDICT_UPDATE_README=1 vitest run test/readme.test.ts
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from './conformance/server.ts'

const root = join(import.meta.dirname, '..')
const readmePath = join(root, 'README.md')
const readme = readFileSync(readmePath, 'utf8')
const sessionPattern = /^```console\n([\s\S]*?)^```$/gm

let server: RunningServer
beforeAll(async () => {
  server = await startServer(join(root, 'policies/documents'))
}, 30_000)
afterAll(async () => {
  expect(await server.stop()).toBe(0)
})

/** Words as a shell splits them, for the quotes that the README uses. */
function splitWords(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
}

async function ask(words: readonly string[]): Promise<string> {
  const url = words.find((word) => word.startsWith('http://')) ?? ''
  const body = words[words.indexOf('-d') + 1] ?? ''
  const response = await fetch(url.replace('http://127.0.0.1:8181', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return `${await response.text()}\n`
}

async function type(command: string): Promise<string> {
  const words = splitWords(command)
  if (words[0] === 'curl') return ask(words)
  if (words[0] === 'cat') return readFileSync(join(root, words[1] ?? ''), 'utf8')
  if (words[0] !== 'npx' || words[1] !== 'edict') throw new Error(`the README may not run \`${command}\``)
  const edict = join(root, 'packages/pdp-server/src/main.ts')
  const { stdout, stderr } = spawnSync(process.execPath, [edict, ...words.slice(2)], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return stdout + stderr
}

/** The session with what its commands print now. */
async function replay(session: string): Promise<string> {
  const commands = session.split('\n').filter((line) => line.startsWith('$ '))
  const outputs: string[] = []
  for (const command of commands) outputs.push(`${command}\n${(await type(command.slice(2))).trimEnd()}\n`)
  return outputs.join('')
}

describe('the README', () => {
  const sessions = [...readme.matchAll(sessionPattern)].map((match) => match[1] ?? '')

  it('shows a terminal session', () => {
    expect(sessions.length).toBeGreaterThan(3)
  })

  it('shows what its commands print', async () => {
    const replayed: string[] = []
    for (const session of sessions) replayed.push(await replay(session))
    if (process.env.EDICT_UPDATE_README === '1') {
      let next = 0
      writeFileSync(
        readmePath,
        readme.replace(sessionPattern, () => `\`\`\`console\n${replayed[next++]}\`\`\``),
      )
      return
    }
    expect(sessions).toEqual(replayed)
  })
})
