// A bundle at an address: asked with what is known of it, so that an unchanged one does not travel again. Whoever
// answers may be anyone by now: redirects, long answers and slow ones end the look.
import { readTextFile } from '../files/read-text-file.ts'
import { VERSION } from '../version.ts'
import type { BundleLook, BundleOrigin, MissedBundle } from './bundle-origin.ts'

export interface HttpOriginOptions {
  readonly url: string
  /** A file with the token to send as `Authorization: Bearer`, read for each look so that it can change. Default: none. */
  readonly tokenFile?: string | undefined
  /** From the first byte sent to the last received. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

const MAX_RETRY_AFTER_MS = 300_000
const TAG_PATTERN = /^(W\/)?"[\x21\x23-\x7e]{0,256}"$/
const TOKEN_PATTERN = /^[\x21-\x7e]{1,8192}$/
const IS_UNCHANGED = 304

export function createHttpOrigin(options: HttpOriginOptions): BundleOrigin {
  return {
    look: async (tag, signal) => {
      const token = options.tokenFile === undefined ? undefined : readToken(options.tokenFile)
      if (typeof token === 'object') return token
      const timeout = AbortSignal.timeout(options.timeoutMs)
      try {
        const response = await fetch(options.url, {
          headers: toHeaders(tag, token),
          redirect: 'manual',
          signal: AbortSignal.any([signal, timeout]),
        })
        return await readAnswer(response, tag, options.maxBytes)
      } catch (cause) {
        return missed(
          timeout.aborted ? `did not answer within ${options.timeoutMs} ms` : describe(cause),
          cause,
        )
      }
    },
  }
}

function toHeaders(tag: string | undefined, token: string | undefined): Record<string, string> {
  return {
    accept: 'application/octet-stream',
    'accept-encoding': 'identity',
    'user-agent': `edict/${VERSION}`,
    ...(tag !== undefined && { 'if-none-match': tag }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
}

async function readAnswer(
  response: Response,
  tag: string | undefined,
  maxBytes: number,
): Promise<BundleLook> {
  const { status, headers } = response
  if (status === 200) return readBundle(response, maxBytes)
  await response.body?.cancel()
  // Without a question about what is known, that it is unchanged answers nothing.
  if (status === IS_UNCHANGED && tag !== undefined) return { kind: 'unchanged' }
  const isRedirect = status >= 300 && status < 400 && status !== IS_UNCHANGED
  const retryAfterMs = readRetryAfter(headers.get('retry-after'))
  return {
    ...missed(`answered ${status}${isRedirect ? ', and is not followed elsewhere' : ''}`),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

async function readBundle(response: Response, maxBytes: number): Promise<BundleLook> {
  const tooLarge = missed(`sends more than ${maxBytes} bytes`)
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel()
    return tooLarge
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (size > maxBytes) return tooLarge
    chunks.push(chunk)
  }
  const tag = response.headers.get('etag') ?? ''
  return { kind: 'found', bytes: Buffer.concat(chunks), tag: TAG_PATTERN.test(tag) ? tag : undefined }
}

function readToken(path: string): string | MissedBundle {
  try {
    const token = readTextFile(path).trim()
    if (TOKEN_PATTERN.test(token)) return token
    return missed('is not asked: `bundleTokenFile` holds no token')
  } catch (cause) {
    return missed('is not asked: `bundleTokenFile` cannot be read', cause)
  }
}

function readRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined
}

/** The code alone: messages may hold the address, and that what nobody should read. */
function describe(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const { code } = cause as { readonly code?: unknown }
  return `cannot be reached${typeof code === 'string' ? ` (${code})` : ''}`
}

function missed(detail: string, cause?: unknown): MissedBundle {
  return {
    kind: 'missed',
    summary: `the server of the bundle ${detail}`,
    ...(cause !== undefined && { cause }),
  }
}
