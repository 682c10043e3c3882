// Tokens that lead from one page of a search to the next. They hold where to go on, sealed: nobody can read them, and
// one that was changed, or is sent by another caller, with another question or too late, is refused.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { PdpServerError } from '../errors.ts'
import { malformedRequest } from '../wire/request-schema.ts'

/** What a token is good for. */
export interface TokenBinding {
  /** Who asked; empty where nobody says who it is. */
  readonly caller: string
  /** A hash of the question, the page left out. */
  readonly question: string
}

/** Where a search stands between two pages. */
export interface PagePlace {
  /** Left out: at the beginning. */
  readonly after?: string
  /** As the first request had it. Left out: none. */
  readonly limit?: number
}

export interface PageTokens {
  readonly seal: (place: PagePlace, binding: TokenBinding) => string
  /** Throws `PdpServerError` `malformed-request`. */
  readonly open: (token: string, binding: TokenBinding) => PagePlace
}

export interface PageTokenOptions {
  /** 32 bytes. Services that share it take each other's tokens. Default: drawn anew. */
  readonly key?: Uint8Array
  /** Default 900. */
  readonly lifetimeSeconds?: number
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

const SALT_BYTES = 16
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'
/** INVARIANT: each token has a key of its own, made of its salt, so that a nonce can never come twice for one key. */
const NONCE = Buffer.alloc(12)

const contentSchema = z.strictObject({
  /** Of this form. */
  v: z.literal(1),
  caller: z.string(),
  question: z.string(),
  /** Epoch milliseconds. */
  expires: z.number(),
  after: z.string().optional(),
  limit: z.number().optional(),
})

export function createPageTokens(options: PageTokenOptions = {}): PageTokens {
  const { key = randomBytes(32), lifetimeSeconds = 900, now = Date.now } = options
  return {
    seal: (place, binding) => {
      const content = { v: 1, ...binding, expires: now() + lifetimeSeconds * 1000, ...place }
      const salt = randomBytes(SALT_BYTES)
      const cipher = createCipheriv(CIPHER, tokenKey(key, salt), NONCE)
      const sealed = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()])
      return Buffer.concat([salt, sealed, cipher.getAuthTag()]).toString('base64url')
    },
    open: (token, { caller, question }) => {
      const content = unseal(token, key)
      if (content === undefined) {
        throw refuse(
          'is none of this service, or was changed on the way: begin the search anew, without a token',
        )
      }
      if (content.caller !== caller) throw refuse('was given to another caller')
      if (content.question !== question) {
        throw refuse('belongs to another search: subject, action, resource and context must stay the same')
      }
      if (now() >= content.expires) throw refuse('has expired: begin the search anew, without a token')
      const { after, limit } = content
      return { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }
    },
  }
}

function tokenKey(key: Uint8Array, salt: Uint8Array): Buffer {
  return createHmac('sha256', key).update(salt).digest()
}

/** Undefined for whatever this key did not seal. */
function unseal(token: string, key: Uint8Array): z.infer<typeof contentSchema> | undefined {
  const bytes = Buffer.from(token, 'base64url')
  // One token has one text: what decodes to the same bytes otherwise is none.
  if (bytes.toString('base64url') !== token || bytes.length < SALT_BYTES + TAG_BYTES) return undefined
  const salt = bytes.subarray(0, SALT_BYTES)
  const decipher = createDecipheriv(CIPHER, tokenKey(key, salt), NONCE, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(SALT_BYTES, -TAG_BYTES)), decipher.final()])
    return contentSchema.parse(JSON.parse(text.toString('utf8')))
  } catch {
    return undefined
  }
}

function refuse(detail: string): PdpServerError {
  return malformedRequest([{ path: '$.page.token', detail }])
}
