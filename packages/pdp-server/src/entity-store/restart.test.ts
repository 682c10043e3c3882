// What a store says after its owner was gone: stopped, or killed at any moment.
import { type ChildProcess, fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fc } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { createStoreFolder, createStoreService, type StoreService } from '../test-support/entity-store.ts'
import { connectBackend, type StoreBackend } from './store-backend.ts'

const id = fc.constantFrom('a', 'b', '', '__proto__', '\u0000', 'é😀', '"\\')
const user = fc.record({ type: fc.constant('User'), id })
const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('-0'))
const properties = fc.dictionary(fc.constantFrom('email', '__proto__', 'constructor', 'x'), json, {
  noNullPrototype: false,
})
const parents = fc.array(fc.record({ type: fc.constant('Team'), id }), { maxLength: 2 })
const assignment = fc.record(
  {
    role: fc.constantFrom('viewer', 'editor'),
    to: fc.oneof(
      user,
      fc.constantFrom('*', { type: 'User' }, { role: 'viewer', on: { type: 'Doc', id: 'd' } }),
    ),
    on: fc.oneof(fc.record({ type: fc.constant('Doc'), id }), fc.constantFrom('*', { type: 'Doc' })),
    with: fc.constant({}),
    expires: fc.constantFrom(1, 1e9, '2030-01-01', '2030-01-01T00:00:00.5+01:00'),
  },
  { requiredKeys: ['role', 'to', 'on'] },
)
const operation = fc.oneof(
  fc.record({ op: fc.constant('putEntity'), type: fc.constantFrom('User', 'Unknown'), id, properties }),
  fc.record({ op: fc.constant('putEntity'), type: fc.constant('User'), id, parents }),
  fc.record({
    op: fc.constant('patchEntity'),
    type: fc.constant('User'),
    id,
    patch: fc.record({ properties }),
  }),
  fc.record({ op: fc.constant('deleteEntity'), type: fc.constant('User'), id, cascade: fc.boolean() }),
  fc.record({ op: fc.constantFrom('assign', 'revoke'), assignment }),
)

/** All that readers and decisions see of the data. */
async function readAll({ ask, pdp }: StoreService): Promise<unknown> {
  const pages = ['/entities/User?limit=1000', '/entities/Unknown', '/assignments?limit=1000']
  const texts = await Promise.all(pages.map(async (path) => (await ask(path)).text))
  return [...texts, pdp.current()?.entities?.version]
}

it('reads after a restart exactly what was there before it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(operation, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
      async (batches) => {
        const before = await createStoreService()
        for (const operations of batches) {
          const { status } = await before.ask('/admin/batch', { body: { operations } })
          expect([200, 400, 404, 409]).toContain(status)
        }
        const said = await readAll(before)
        const number = before.store.number()
        await before.close()
        const after = await createStoreService({ path: before.path })
        expect(await readAll(after)).toEqual(said)
        expect(after.store.number()).toBeGreaterThan(number)
        await after.close()
      },
    ),
    { numRuns: Number(process.env.FC_NUM_RUNS ?? 4) },
  )
})

const KILLS = 12
const WRITERS = 4
const CHILD = join(import.meta.dirname, '..', 'test-support', 'store-process.ts')

/** The file is owned by a process of its own. What it has said when it is killed still comes through. */
function openInProcess(path: string, told: (child: ChildProcess) => void): Promise<StoreBackend> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(path), 'cache') }
  const child = fork(CHILD, [path], { serialization: 'advanced', execArgv: [], env })
  told(child)
  return connectBackend(path, {
    post: (request) => child.send(request, () => undefined),
    listen: (hear, end) => {
      child.on('message', hear)
      child.on('close', () => end())
    },
    end: async () => {
      child.kill()
    },
  })
}

/** What one writer knows to be stored, and what it asked for last. */
interface Written {
  acknowledged: number
  asked: number
}

/** Writes the same count in two entities and an assignment, again and again, until the store is gone. */
async function write({ ask }: StoreService, name: string, written: Written): Promise<void> {
  for (;;) {
    written.asked += 1
    const properties = { email: String(written.asked) }
    const operations = [
      { op: 'putEntity', type: 'User', id: `${name}-a`, properties },
      {
        op: 'assign',
        assignment: { role: 'viewer', to: { type: 'User', id: name }, on: '*', expires: written.asked },
      },
      { op: 'putEntity', type: 'User', id: `${name}-b`, properties },
    ]
    const { status } = await ask('/admin/batch', { body: { operations } })
    if (status !== 200) return
    written.acknowledged = written.asked
  }
}

/** All that was acknowledged is there, and no write in part. */
async function check({ ask }: StoreService, name: string, written: Written): Promise<void> {
  const countOf = async (id: string): Promise<number> => {
    const { json } = await ask(`/entities/User/${id}`)
    return Number((json as { readonly properties?: { readonly email?: string } }).properties?.email ?? 0)
  }
  const [a, b] = [await countOf(`${name}-a`), await countOf(`${name}-b`)]
  const to = encodeURIComponent(JSON.stringify({ type: 'User', id: name }))
  const { assignments } = (await ask(`/assignments?to=${to}`)).json as {
    readonly assignments: readonly { readonly expires: number }[]
  }
  expect([a, a]).toEqual([b, assignments[0]?.expires ?? 0])
  expect([written.acknowledged, written.asked]).toContain(a)
  // The write that was under way has come to an end, one way or the other.
  written.acknowledged = a
  written.asked = a
}

it(`has all that was acknowledged after it is killed ${KILLS} times while it writes`, async () => {
  const path = join(createStoreFolder(), 'store.db')
  const writers = Array.from({ length: WRITERS }, (_, index) => ({
    name: `w${index}`,
    written: { acknowledged: 0, asked: 0 },
  }))
  for (let kill = 0; kill <= KILLS; kill++) {
    let child: ChildProcess | undefined
    const open = (at: string) =>
      openInProcess(at, (one) => {
        child = one
      })
    // Opening it checks the whole file.
    const service = await createStoreService({ path, openBackend: open })
    for (const { name, written } of writers) await check(service, name, written)
    if (kill < KILLS) {
      const under = writers.map(({ name, written }) => write(service, name, written))
      await setTimeout(Math.random() * 30)
      child?.kill('SIGKILL')
      await Promise.all(under)
    }
    await service.close()
  }
  for (const { written } of writers) expect(written.acknowledged).toBeGreaterThan(0)
}, 60_000)
