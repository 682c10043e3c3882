// The other end of requests that workers forward: an app of its own, whose one gate takes the caller as it was found
// out there.
import { createApp } from '../app.ts'
import type { Config } from '../config.ts'
import type { Pdp } from '../decide/pdp.ts'
import type { WritableStore } from '../entity-store/writable-store.ts'
import { PdpServerError } from '../errors.ts'
import type { ForwardedReply, ForwardedRequest } from '../middleware/forward.ts'
import type { Caller } from '../middleware/gate.ts'
import type { Log } from '../telemetry/log.ts'

/** Where entity data is written and read. */
const FORWARDED = /^\/(entities|assignments|admin)(\/|$)/

export function isForwarded(path: string): boolean {
  return FORWARDED.test(path)
}

/** Names the caller of a request that is under way. Only this file sets it. */
const CALLER_HEADER = 'edict-forwarded-caller'

export function createForwardedApp(
  pdp: Pdp,
  entityStore: WritableStore,
  config: Config,
  log: Log,
): (request: ForwardedRequest) => Promise<ForwardedReply> {
  const callers = new Map<string, Caller>()
  let nextId = 0
  const app = createApp({
    pdp,
    limits: config,
    log,
    entityStore,
    gates: [
      (exchange) => {
        const caller = callers.get(exchange.header(CALLER_HEADER) ?? '')
        if (caller !== undefined) exchange.caller = caller
        return undefined
      },
    ],
  })
  return async ({ method, address, headers, body, caller }) => {
    const id = String(nextId++)
    if (caller !== undefined) callers.set(id, caller)
    try {
      const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD'
      const request = new Request(`http://localhost${address}`, {
        method,
        // Last, so that nothing that was sent can stand in its place.
        headers: [...headers.map(([name, value]): [string, string] => [name, value]), [CALLER_HEADER, id]],
        ...(hasBody && { body: body as Uint8Array<ArrayBuffer> }),
      })
      const response = await app.fetch(request)
      return { status: response.status, headers: [...response.headers], body: await response.text() }
    } finally {
      callers.delete(id)
    }
  }
}

/** What stands in a worker in place of the store: its routes tell what there is, and are never asked. */
export function createForwardedStore(): WritableStore {
  const refuse = (): never => {
    throw new PdpServerError('not-ready', 'entity data is written elsewhere')
  }
  return {
    entitiesFor: refuse,
    mark: refuse,
    write: async () => refuse(),
    entity: refuse,
    entitiesOf: refuse,
    assignment: refuse,
    assignments: refuse,
    number: refuse,
    probe: () => ({ name: 'entityStore', status: 'ok', detail: 'the entity store takes writes' }),
    close: async () => {},
  }
}
