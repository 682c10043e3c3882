import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createStoreFolder, createStoreService, type StoreService } from '../test-support/entity-store.ts'
import { connectBackend, type StoreBackend } from './store-backend.ts'

const KILLS = 12
const WRITERS = 4
const CHILD = join(import.meta.dirname, '..', 'test-support', 'store-process.ts')

/** The file is owned by a process of its own. What it has said when it is killed still comes through. */
function openInProcess(path: string, told: (child: ChildProcess) => void): Promise<StoreBackend> {
  const child = fork(CHILD, [path], { serialization: 'advanced', execArgv: [] })
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
