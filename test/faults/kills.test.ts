// Processes that are killed while they write: what they said was done is done, and what they leave can be read. A few
// kills here; `npm run test:long` takes hundreds (EDICT_KILLS).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { readKeyFile, statusOfKey } from '../../packages/pdp-server/src/authentication/key-file.ts'
import { createRevocations } from '../../packages/pdp-server/src/authentication/tokens/revocations.ts'
import { NO_LOG } from '../../packages/pdp-server/src/telemetry/log.ts'
import { toPost } from '../service/raw.ts'
import { createFolder, killLeftOver, READ, serveApart, serveHere, until } from '../service/serve.ts'

const KILLS = Number(process.env.EDICT_KILLS ?? 2)
const TIMEOUT_MS = 30_000 + KILLS * 3000
const folder = createFolder()
afterAll(() => {
  killLeftOver()
  folder.remove()
})

/** Lets it write for a moment, kills it, and gives all that it said was done. */
async function writeAndKill(kind: 'keys' | 'revocations', after: number): Promise<readonly string[]> {
  const script = join(import.meta.dirname, 'write-forever.ts')
  const child = spawn(process.execPath, [script, kind, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const started = Promise.withResolvers<void>()
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
    started.resolve()
  })
  const closed = once(child, 'close')
  await Promise.race([started.promise, closed])
  await pause(after)
  child.kill('SIGKILL')
  await closed
  return said.split('\n').slice(0, -1)
}

/** Moments that differ, so that kills hit different steps. */
const moments = Array.from({ length: KILLS }, (_, at) => 5 + ((at * 37) % 60))

describe('a process that is killed', () => {
  it(
    'while it changes keys leaves a file that holds each change',
    async () => {
      const path = join(folder.path, 'keys.json')
      for (const after of moments) {
        const said = await writeAndKill('keys', after)
        expect(said.length).toBeGreaterThan(0)
        const keys = new Map(readKeyFile(path).map((record) => [record.id, record]))
        const [what, id = ''] = said.at(-1)?.split(' ') ?? []
        const record = keys.get(id)
        if (what === 'revoked') expect(record && statusOfKey(record, Date.now())).toBe('revoked')
        else expect(record).toBeDefined()
        // As the next command says to do.
        rmSync(`${path}.lock`, { force: true })
      }
    },
    TIMEOUT_MS,
  )

  it(
    'while it revokes tokens loses none that it acknowledged, and leaves nothing behind',
    async () => {
      const path = join(folder.path, 'revoked.jsonl')
      const all: string[] = []
      for (const after of moments) {
        all.push(...(await writeAndKill('revocations', after)).map((line) => line.split(' ')[1] ?? ''))
        const revocations = createRevocations({ path, log: NO_LOG, now: Date.now })
        const claims = { iss: 'i', sub: 's', exp: 1e10 }
        expect(all.filter((jti) => !revocations.isRevoked({ ...claims, jti }))).toEqual([])
        // Once what a kill left is put right.
        await revocations.add([])
        expect(readdirSync(folder.path).filter((name) => name.endsWith('.aside'))).toEqual([])
      }
      expect(all.length).toBeGreaterThan(KILLS)
    },
    TIMEOUT_MS,
  )

  it(
    'while it decides loses no record that an answer promised',
    async () => {
      const given: string[] = []
      const audit = ['--audit', 'required', '--decision-log', 'file', '--decision-log-file', 'decisions.log']
      for (const after of moments.slice(0, Math.ceil(KILLS / 3))) {
        const service = await serveApart(folder, ...audit)
        const clients = Array.from({ length: 8 }, () => askUntilGone(service.port, given))
        const before = given.length
        await until('answers', () => given.length > before + 8)
        await pause(after)
        service.signal('SIGKILL')
        await Promise.all([...clients, service.exited])
        // The next one starts on what is there, and puts its lines on lines of their own.
        const next = await serveHere(folder, ...audit)
        await fetch(`${next.url}/decide`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(READ),
        })
        expect(await next.stop()).toBe(0)
        const ids = new Set(readWholeLines())
        expect(given.filter((id) => !ids.has(id))).toEqual([])
      }
      expect(given.length).toBeGreaterThan(8)
    },
    TIMEOUT_MS,
  )
})

/** Ids of lines; a line that a kill tore is none, and tears no other. */
function readWholeLines(): readonly string[] {
  return folder
    .read('decisions.log')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line).id]
      } catch {
        return []
      }
    })
}

/** Asks over one connection until it ends; an id counts once its answer is here in full. */
async function askUntilGone(port: number, given: string[]): Promise<void> {
  const { connect } = await import('node:net')
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let text = ''
  socket.write(toPost('/decide', READ))
  socket.on('data', (chunk) => {
    text += String(chunk)
    const [, id] = /^edict-decision-id: (\S+)/im.exec(text) ?? []
    if (id === undefined || !text.endsWith('}')) return
    given.push(id)
    text = ''
    socket.write(toPost('/decide', READ))
  })
  await closed
}
