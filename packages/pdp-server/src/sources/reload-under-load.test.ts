// Reloads one after the other while requests come over HTTP: none fails, and each answer is of one version throughout,
// policies and data. One second; EDICT_RELOAD_SECONDS makes it longer.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, suite } from 'vitest'
import { createApp } from '../app.ts'
import { createPdp } from '../decide/pdp.ts'
import { type RunningServer, startServer } from '../server.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createDirectorySource } from './directory-source.ts'
import { createFreshness } from './freshness.ts'
import type { Reloader } from './reloader.ts'
import { startReloading } from './start-reloading.ts'
import { ticks } from './ticks.ts'

const SECONDS = Number(process.env.EDICT_RELOAD_SECONDS ?? 1)
/** However slow the machine is, so many versions are to be seen. */
const LEAST_VERSIONS = 5
const CLIENTS = 4

let root: string
let server: RunningServer
let reloader: Reloader
const agent = new Agent({ keepAlive: true })

/** A version allows what its own data says, and denies what any other says. */
function publish(version: number): void {
  const folder = join(root, `..v${version}`)
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(
    join(folder, 'types.edict'),
    'subject User\nresource Doc { stored n: Number  actions read }\n',
  )
  writeFileSync(
    join(folder, 'rules.edict'),
    `rule own: allow read on Doc if resource.n == ${version} obligate version(number: ${version})\n` +
      `rule others: deny read on Doc if resource.n != ${version}\n`,
  )
  const entities = [{ type: 'Doc', id: 'd', properties: { n: version } }]
  writeFileSync(join(folder, 'data', 'd.json'), JSON.stringify({ entities }))
  symlinkSync(`..v${version}`, join(root, '..new'))
  renameSync(join(root, '..new'), join(root, 'now'))
  rmSync(join(root, `..v${version - 1}`), { recursive: true, force: true })
}

interface Reply {
  readonly status: number | undefined
  readonly number: number
  readonly json: unknown
}

function post(path: string, body: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port } = server
    const options = { port, host: '127.0.0.1', agent, path, method: 'POST' }
    const outgoing = request({ ...options, headers: { 'content-type': 'application/json' } }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      incoming.on('error', reject).on('end', () => {
        const number = Number(incoming.headers['edict-policy-number'])
        resolve({ status: incoming.statusCode, number, json: JSON.parse(text) })
      })
    })
    outgoing.on('error', reject).end(JSON.stringify(body))
  })
}

const question = {
  subject: { type: 'User', id: 'u' },
  action: { name: 'read' },
  resource: { type: 'Doc', id: 'd' },
}
const items = Array.from({ length: 20 }, () => ({}))

/** Each gives the obligations of all answers that came together. */
const ASKS: readonly {
  readonly path: string
  readonly body: object
  readonly read: (json: never) => unknown[]
}[] = [
  { path: '/decide', body: question, read: (json: { obligations: unknown }) => [json.obligations] },
  {
    path: '/decide',
    body: { requests: items.map(() => question) },
    read: (json: { answers: { obligations: unknown }[] }) =>
      json.answers.map(({ obligations }) => obligations),
  },
  {
    path: '/access/v1/evaluations',
    body: { ...question, evaluations: items },
    read: (json: { evaluations: { context?: { obligations?: unknown } }[] }) =>
      json.evaluations.map(({ context }) => context?.obligations),
  },
]

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'edict-under-load-'))
  publish(1)
  const pdp = createPdp()
  const folders = { policies: join(root, 'now'), data: join(root, 'now', 'data') }
  const source = createDirectorySource({ folders, pollMs: 1000, log: NO_LOG })
  const freshness = createFreshness({ ticks })
  reloader = await startReloading({
    pdp,
    source,
    freshness,
    stateDir: undefined,
    log: NO_LOG,
    metrics: undefined,
  })
  server = await startServer({ app: createApp({ pdp, probes: reloader.probes }), port: 0 })
})
afterAll(async () => {
  await reloader.stop()
  agent.destroy()
  await server.stop()
  rmSync(root, { recursive: true })
})

suite('reloads under load', () => {
  it(
    'fail no request, and every answer is of exactly one version',
    async () => {
      const seen = new Set<number>()
      const until = performance.now() + SECONDS * 1000
      const isOver = () => performance.now() > until && seen.size >= LEAST_VERSIONS
      const publishing = (async () => {
        for (let version = 2; !isOver(); version++) {
          publish(version)
          await Promise.all([reloader.reload(), pause(50)])
        }
      })()
      const asking = Array.from({ length: CLIENTS }, async (_, client) => {
        let [latest, latestNumber] = [0, 0]
        for (let count = client; !isOver(); count++) {
          const { path, body, read } = ASKS[count % ASKS.length] ?? { path: '', body: {}, read: () => [] }
          const { status, number, json } = await post(path, body)
          expect(status, JSON.stringify(json)).toBe(200)
          const answers = read(json as never)
          const version = versionOf(answers[0])
          expect(answers.map(versionOf)).toEqual(answers.map(() => version))
          // On one connection after the other, nothing goes back.
          expect([
            version >= latest,
            number >= latestNumber,
            version > latest === number > latestNumber,
          ]).toEqual([true, true, true])
          ;[latest, latestNumber] = [version, number]
          seen.add(version)
        }
      })
      await Promise.all([publishing, ...asking])
      const ready = await fetch(`${server.url}/readyz`)
      expect([ready.status, await ready.json()]).toMatchObject([
        200,
        { checks: [{ status: 'ok' }, { status: 'ok' }] },
      ])
    },
    SECONDS * 1000 + 60_000,
  )
})

/** Of an answer's obligations; a mix of two versions would be a deny, without any. */
function versionOf(obligations: unknown): number {
  const [{ args, id, attributes } = {} as Record<string, never>] = (obligations ?? []) as Record<
    string,
    never
  >[]
  const { number } = (args ?? attributes ?? id ?? {}) as { readonly number?: number }
  if (number === undefined) throw new Error(`no version in ${JSON.stringify(obligations)}`)
  return number
}
