// Kills the service (SIGKILL) at random moments while entity data is written over HTTP, again and again, and looks after
// each start whether all that was acknowledged is there, nothing is there in part, and each write was done once.
// `node test/faults/kill-while-writing.ts --kills 100`
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '1000' } } })
const kills = Number(values.kills)
const WRITERS = 6
const MAX_LIFE_MS = 300
const MAIN = join(import.meta.dirname, '../../packages/pdp-server/src/main.ts')
const POLICY = `
subject User { count: Number }
resource Doc { actions read }
role viewer { can read on Doc }
`

const folder = mkdtempSync(join(tmpdir(), 'edict-kill-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'policies'))
writeFileSync(join(folder, 'policies', 'policy.edict'), POLICY)
// Each start parses the same files: this keeps what was made of them.
const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') }
const key = spawnSync(
  process.execPath,
  [MAIN, 'keys', 'create', 'writer', '--file', 'keys.json', '--scopes', 'admin,decide'],
  { cwd: folder, env, encoding: 'utf8' },
).stdout.trim()

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

async function start(): Promise<Running> {
  const args = [
    MAIN,
    'serve',
    'policies',
    '--port',
    '0',
    '--key-file',
    'keys.json',
    '--entity-store',
    'store.db',
  ]
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, problems] = ['', '']
  child.stderr.on('data', (chunk) => {
    problems = `${problems}${chunk}`.slice(-4000)
  })
  for await (const chunk of child.stdout) {
    output += chunk
    const [, url] = /^listening (\S+)/m.exec(output) ?? []
    if (url === undefined) continue
    child.stdout.resume()
    return { child, url }
  }
  throw new Error(`the service does not start:\n${output}\n${problems}`)
}

interface Reply {
  readonly status: number
  readonly json: unknown
}

async function ask(url: string, path: string, body?: unknown, idempotencyKey?: string): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': `"${idempotencyKey}"` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  try {
    return { status: response.status, json: JSON.parse(text) }
  } catch (cause) {
    throw new Error(
      `${path}: status ${response.status} with ${text.length} characters: ${text.slice(0, 200)}`,
      { cause },
    )
  }
}

/** One who writes, and what he knows: the count that was acknowledged, and the one he asked for last. */
interface Writer {
  readonly name: string
  acknowledged: number
  asked: number
}

/** The same count in two entities and an assignment, and one entity more each time, so that repeats would show. */
const toBatch = ({ name, asked }: Writer) => ({
  operations: [
    { op: 'putEntity', type: 'User', id: `${name}-a`, properties: { count: asked } },
    { op: 'assign', assignment: { role: 'viewer', to: { type: 'User', id: name }, on: '*', expires: asked } },
    {
      op: 'putEntity',
      type: 'User',
      id: `${name}-n${asked}`,
      properties: { count: asked },
      ifNoneMatch: '*',
    },
    { op: 'putEntity', type: 'User', id: `${name}-b`, properties: { count: asked } },
  ],
})

async function write(url: string, writer: Writer): Promise<void> {
  for (;;) {
    writer.asked += 1
    try {
      const { status, json } = await ask(
        url,
        '/admin/batch',
        toBatch(writer),
        `${writer.name}-${writer.asked}`,
      )
      if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(json)}`)
    } catch (error) {
      // The connection broke: nobody knows whether it is done.
      if (error instanceof TypeError) return
      throw error
    }
    writer.acknowledged = writer.asked
  }
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

async function checkWriter(url: string, writer: Writer): Promise<void> {
  const { name } = writer
  const countOf = async (id: string): Promise<number> => {
    const { status, json } = await ask(url, `/entities/User/${id}`)
    return status === 404 ? 0 : (json as { readonly properties: { readonly count: number } }).properties.count
  }
  const [a, b, latest] = [
    await countOf(`${name}-a`),
    await countOf(`${name}-b`),
    await countOf(`${name}-n${writer.asked}`),
  ]
  const to = encodeURIComponent(JSON.stringify({ type: 'User', id: name }))
  const { assignments } = (await ask(url, `/assignments?to=${to}`)).json as {
    readonly assignments: readonly { readonly expires: number }[]
  }
  const said = `${name}: acknowledged ${writer.acknowledged}, asked for ${writer.asked}, found ${a}`
  check(
    a === b && a === (assignments[0]?.expires ?? 0),
    `torn: ${said}, ${b}, ${JSON.stringify(assignments)}`,
  )
  check(a === writer.acknowledged || a === writer.asked, `lost: ${said}`)
  check((latest === writer.asked) === (a === writer.asked), `in part: ${said}, ${latest}`)
  if (writer.asked === writer.acknowledged) return
  // Who heard nothing asks again by the same key: done once, whether it was done before or not.
  const { status } = await ask(url, '/admin/batch', toBatch(writer), `${name}-${writer.asked}`)
  check(status === 200, `repeated: ${said}, status ${status}`)
  check((await countOf(`${name}-a`)) === writer.asked, `repeated, and not there: ${said}`)
  writer.acknowledged = writer.asked
}

const writers = Array.from({ length: WRITERS }, (_, index) => ({
  name: `w${index}`,
  acknowledged: 0,
  asked: 0,
}))
const startedAt = performance.now()
for (let kill = 0; kill <= kills; kill++) {
  const { child, url } = await start()
  for (const writer of writers) await checkWriter(url, writer)
  const under = kill < kills ? writers.map((writer) => write(url, writer)) : []
  if (kill < kills) await setTimeout(Math.random() * MAX_LIFE_MS)
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await Promise.all([exit, ...under])
  if (kill % 100 === 99) console.log(`${kill + 1} kills`)
}
const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
const seconds = Math.round((performance.now() - startedAt) / 1000)
console.log(
  `${kills} kills in ${seconds} s: ${acknowledged} acknowledged batches, none lost, none torn, each done once`,
)
