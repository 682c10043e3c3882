import { expect, it, suite } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { createStoreService, START } from '../test-support/entity-store.ts'
import { type Ask, loadPolicy } from '../test-support/service.ts'
import { openStore, openStoreHere } from './store-backend.ts'
import { createWritableStore } from './writable-store.ts'

const POLICY = 'subject User\nresource Doc { actions read }\nrole viewer { can read on Doc }\n'
const WITH_EDITOR = `${POLICY}role editor { can read on Doc }\n`
const assign = (role: string) => ({
  op: 'assign',
  assignment: { role, to: { type: 'User', id: 'ann' }, on: { type: 'Doc', id: 'd' } },
})
const createWriter =
  (ask: Ask) =>
  async (...operations: readonly object[]): Promise<void> => {
    const { status, text } = await ask('/admin/batch', { body: { operations } })
    expect(status, text).toBe(200)
  }
const NEVER = new AbortController().signal

suite('createWritableStore', () => {
  it('checks rows ahead for policies that may decide next, and what is written meanwhile', async () => {
    const { ask, store, load, pdp, close } = await createStoreService({ policy: WITH_EDITOR })
    const write = createWriter(ask)
    await write(
      ...Array.from({ length: 200 }, (_, at) => ({
        op: 'putEntity',
        type: 'Doc',
        id: `d${at}`,
        properties: {},
      })),
    )
    const stricter = loadPolicy(POLICY)
    const checking = store.prepare?.(stricter, NEVER)
    await write(assign('editor'))
    await checking
    expect(() => load(stricter)).toThrow(/1 row of the entity store would not fit/)
    await write({ ...assign('editor'), op: 'revoke' }, assign('viewer'))
    load(stricter)
    expect(pdp.current()?.policySet).toBe(stricter)
    await close()
  })

  it('refuses what was found out ahead, until it is no longer so', async () => {
    const { ask, store, load, close } = await createStoreService({ policy: WITH_EDITOR })
    const write = createWriter(ask)
    await write(assign('editor'))
    const stricter = loadPolicy(POLICY)
    await store.prepare?.(stricter, NEVER)
    for (const _ of [1, 2]) expect(() => load(stricter)).toThrow(/1 row of the entity store would not fit/)
    await write({ ...assign('editor'), op: 'revoke' })
    load(stricter)
    await close()
  })

  it('takes nothing for checked that it was stopped in, or that was checked for other policies', async () => {
    const { ask, store, load, close } = await createStoreService({ policy: WITH_EDITOR })
    await createWriter(ask)(assign('editor'))
    const stricter = loadPolicy(POLICY)
    await store.prepare?.(stricter, AbortSignal.abort())
    expect(() => load(stricter)).toThrow(/would not fit/)
    await store.prepare?.(loadPolicy(`${WITH_EDITOR}role other { can read on Doc }`), NEVER)
    expect(() => load(stricter)).toThrow(/would not fit/)
    await close()
  })

  it('opens for policies that its rows fit, though the first ones were others', async () => {
    const before = await createStoreService()
    const operations = [
      { op: 'assign', assignment: { role: 'viewer', to: { type: 'User', id: 'a' }, on: '*' } },
    ]
    expect((await before.ask('/admin/batch', { body: { operations } })).status).toBe(200)
    const fitting = before.pdp.current()?.policySet ?? loadPolicy()
    await before.close()
    const store = createWritableStore({
      backend: await openStore(before.path, { now: START + 1 }, openStoreHere),
      current: () => undefined,
      onChange: () => {},
      audit: () => undefined,
      log: NO_LOG,
    })
    const others = loadPolicy()
    for (const _ of [1, 2]) expect(() => store.entitiesFor(others)).toThrow(/would not fit the policies/)
    const mark = store.mark()
    expect(store.entitiesFor(fitting).counts).toMatchObject({ assignments: 1 })
    expect(store.mark()).not.toEqual(mark)
    // Nothing decides yet, and so no row is known to fit.
    expect(() => store.entitiesFor(others)).toThrow(/would not fit the policies/)
    await store.close()
  })
})
