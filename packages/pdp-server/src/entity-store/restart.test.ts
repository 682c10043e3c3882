import { fc } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { createStoreService, type StoreService } from '../test-support/entity-store.ts'

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
    { numRuns: Number(process.env.FC_NUM_RUNS ?? 5) },
  )
})
