import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { createRequirements } from '../authentication/required-scope.ts'
import { type RunningServer, startServer } from '../server.ts'
import { createStoreService, type StoreService } from '../test-support/entity-store.ts'
import { toProblem } from '../wire/problem.ts'

let service: StoreService
let server: RunningServer
let isAdmin = false

beforeAll(async () => {
  service = await createStoreService()
  const requirementOf = createRequirements([])
  const app = createApp({
    pdp: service.pdp,
    entityStore: service.store,
    gates: [
      (exchange) => {
        const requirement = requirementOf(exchange.path)
        exchange.caller = { id: 'key:one', scopes: new Set(isAdmin ? ['admin'] : ['decide']) }
        return requirement === 'admin' && !isAdmin ? toProblem(403, 'not an administrator') : undefined
      },
    ],
  })
  server = await startServer({ app, port: 0 })
})
afterAll(async () => {
  await server.stop()
  await service.close()
})

/** The status of a request whose first line is written by hand. */
async function send(target: string, method = 'PUT', ...headers: readonly string[]): Promise<number> {
  const socket = connect(server.port, '127.0.0.1')
  const head = ['Host: localhost', 'Connection: close', 'Content-Type: application/json', 'Content-Length: 2']
  socket.end(`${[`${method} ${target} HTTP/1.1`, ...head, ...headers].join('\r\n')}\r\n\r\n{}`, 'latin1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  await once(socket, 'close')
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
}

const TARGETS = [
  '/entities/User/a',
  '/entities/User/%2e%2e',
  '/entities/User/..%2fb',
  '/entities/User/%00',
  '/%65ntities/User/a',
  '/entities%2fUser%2fa',
  '//entities/User/a',
  '/./entities/User/a',
  '/decide/../entities/User/a',
  '/decide/%2e%2e/entities/User/a',
  '/decide/..;/entities/User/a',
  '/decide/..%2fentities/User/a',
  '/healthz/../entities/User/a',
  '/openapi.json/../entities/User/a',
  '/entities/User/a;x=1',
  '/entities/User/a?x=1',
  '/entities/User/a#x',
  '/entities\\User\\a',
  '/ENTITIES/User/a',
  '/entities/User/a/',
  '/entities?type=User&id=a',
  '/entities/?type=User&id=a',
  'http://localhost/entities/User/a',
  'http://other/entities/User/a',
  '/assignments',
  '/admin/batch',
  '*',
]

describe('addresses of entity data on a socket', () => {
  it('change nothing for who is no administrator, however they are written', async () => {
    const before = service.store.number()
    for (const target of TARGETS) {
      for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
        expect(`${method} ${target} ${await send(target, method)}`).toMatch(/ (400|403|404|405|421)$/)
      }
      const overridden = await send(
        target,
        'GET',
        'X-HTTP-Method-Override: PUT',
        'X-Original-URL: /entities/User/a',
      )
      expect(`${target} ${overridden}`).toMatch(/ (400|403|404|405|421)$/)
    }
    expect(service.store.number()).toBe(before)
  })

  it('name one entity each, and nothing beside them', async () => {
    isAdmin = true
    const named = async (target: string): Promise<string | number> => {
      const known = new Set(service.store.entitiesOf('User', undefined, 100).map(({ ref }) => ref.id))
      const status = await send(target)
      const added = service.store
        .entitiesOf('User', undefined, 100)
        .flatMap(({ ref }) => (known.has(ref.id) ? [] : [ref.id]))
      return added[0] ?? status
    }
    expect(await named('/entities/User/a')).toBe('a')
    expect(await named('/entities/User/..%2fb')).toBe('../b')
    expect(await named('/entities/User/%252e')).toBe('%2e')
    expect(await named('/entities/User/b;x=1')).toBe('b;x=1')
    expect(await named('/entities/User/%00')).toBe('\u0000')
    expect(await named('/entities/User/%2e%2e')).toBe(404)
    expect(await named('/entities/User/c?x=1')).toBe(400)
    expect(await named('/entities/User/c/')).toBe(404)
    expect(await named('/entities/User/%c0%af')).toBe(400)
    expect(await named('/entities?type=User&id=..')).toBe('..')
    expect(await named('/entities?type=User&id=%2B+')).toBe('+ ')
  })
})
