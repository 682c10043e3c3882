import { expect, it, suite } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { createStoreService, START } from '../test-support/entity-store.ts'
import { loadPolicy } from '../test-support/service.ts'
import { openStore, openStoreHere } from './store-backend.ts'
import { createWritableStore } from './writable-store.ts'

suite('createWritableStore', () => {
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
