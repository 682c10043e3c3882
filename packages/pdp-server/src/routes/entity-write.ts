// What all writes of entity data have in common: conditions, keys by which they can be repeated, and what their answers
// tell in headers.
import { createHash } from 'node:crypto'
import type { DataProblem } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'
import type { Operation, Plan } from '../entity-store/plan-write.ts'
import type { WritableStore } from '../entity-store/writable-store.ts'
import type { Idempotency, WriteReply } from '../entity-store/write.ts'
import { PdpServerError } from '../errors.ts'
import type { Exchange } from '../middleware/gate.ts'
import type { ResourceReply, ResourceRequest } from './resource.ts'

/** A string of RFC 9651: in quotes, with `\"` and `\\`. */
const KEY = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/

export const writeHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .openapi({
      description:
        'In quotes (draft-ietf-httpapi-idempotency-key-header). The same key with the same request is answered the ' +
        'same for 24 hours, and done once',
      example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
    }),
})

export const conditionalHeaders = writeHeaders.extend({
  'If-Match': z.string().optional().openapi({ description: 'Entity tags; else 412', example: '"17"' }),
  'If-None-Match': z.string().optional().openapi({ description: '`*`: only where there is none, else 412' }),
})

/** What an answer says of one operation. */
type ToReply = (plan: Plan) => Omit<WriteReply, 'number'>

/** Carries out the operations of one request, and answers once they are done and seen. */
export async function carryOut(
  store: WritableStore,
  request: ResourceRequest,
  operations: readonly Operation[],
  toReply: ToReply,
): Promise<ResourceReply> {
  const { exchange } = request
  const reply = await store.write({
    caller: exchange.caller?.id,
    operations,
    idempotency: readIdempotency(request),
    toReply: (plan) => ({ ...toReply(plan), number: plan.number }),
  })
  return {
    status: reply.status,
    body: reply.body,
    headers: {
      ...(reply.number !== undefined && { 'Edict-Data-Number': String(reply.number) }),
      ...(reply.etag !== undefined && { ETag: reply.etag }),
      ...(reply.isRepeated === true && { 'Edict-Repeated': 'true' }),
    },
  }
}

export function readConditions({ header }: Exchange): Pick<Operation, 'ifMatch' | 'ifNoneMatch'> {
  return { ifMatch: header('if-match'), ifNoneMatch: header('if-none-match') }
}

function readIdempotency({ method, exchange, address, bytes }: ResourceRequest): Idempotency | undefined {
  const value = exchange.header('idempotency-key')
  if (value === undefined) return undefined
  const [, key] = KEY.exec(value) ?? []
  if (key === undefined) {
    throw new PdpServerError(
      'malformed-request',
      'Idempotency-Key must be one string in quotes, of at most 255 visible characters: "8e03978e-…"',
    )
  }
  const { ifMatch = '', ifNoneMatch = '' } = readConditions(exchange)
  const hash = createHash('sha256')
  for (const part of [method, address, ifMatch, ifNoneMatch]) hash.update(`${part.length}:${part}`)
  return { key, fingerprint: hash.update(bytes).digest('base64url') }
}

/** What does no harm until a rule reads it, for whoever wrote it. */
export function toWarnings(warnings: readonly DataProblem[]): object {
  if (warnings.length === 0) return {}
  return { warnings: warnings.map(({ path, message }) => ({ path, detail: message })) }
}
