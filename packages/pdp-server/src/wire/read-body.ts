import { PdpServerError } from '../errors.ts'
import { parseJsonBytes } from './parse-json.ts'

export type JsonBody = Readonly<Record<string, unknown>>

/** Written so that no two neighbours can take the same blanks: time is linear in what a stranger sends. */
const JSON_TYPE = /^application\/json\s*(?:;\s*(?:charset\s*=\s*"?utf-8"?\s*(?:;\s*)?)?)?$/i

export type TypeCode = 'unsupported-media-type' | 'malformed-request'

/** What can be told of a body before it comes: throws `PdpServerError` for another type, or an encoding. */
export function checkHead(header: (name: string) => string | undefined, typeCode: TypeCode): void {
  const type = header('content-type') ?? ''
  // Nearly all send this, which needs no pattern.
  if (type !== 'application/json' && !JSON_TYPE.test(type)) {
    const got = type === '' ? 'there is none' : `it is \`${type.slice(0, 100)}\``
    throw new PdpServerError(typeCode, `the Content-Type must be application/json in UTF-8, and ${got}`)
  }
  const encoding = header('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new PdpServerError(typeCode, 'the body must be sent without Content-Encoding')
  }
}

/** The JSON object that the bytes of a body are. Throws `PdpServerError`. */
export function parseBody(bytes: Uint8Array, maxDepth: number): JsonBody {
  const parsed = parseJsonBytes(bytes, maxDepth)
  if ('fault' in parsed) throw malformed(parsed.fault.path, parsed.fault.detail)
  return requireJsonObject(parsed.value)
}

/** Throws `PdpServerError` where a body, or what stands for one, is no object. */
export function requireJsonObject(value: unknown): JsonBody {
  if (!isJsonObject(value)) throw malformed('$', 'must be an object')
  return value
}

export function isJsonObject(value: unknown): value is JsonBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The body of a web request. Throws `PdpServerError` where it is too large or breaks off. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (length === null || !/^\d+$/.test(length)) return readChunks(request, maxBytes)
  if (Number(length) > maxBytes) throw tooLarge(maxBytes)
  const bytes = await readWhole(request)
  // A server never reads past Content-Length; a request made in memory may hold more.
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

async function readWhole(request: Request): Promise<Uint8Array> {
  try {
    return new Uint8Array(await request.arrayBuffer())
  } catch (cause) {
    throw new PdpServerError('malformed-request', 'the body broke off', { cause })
  }
}

async function readChunks(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof PdpServerError) throw cause
    throw new PdpServerError('malformed-request', 'the body broke off', { cause })
  }
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): PdpServerError {
  return new PdpServerError('payload-too-large', `the body is larger than ${maxBytes} bytes`)
}

function malformed(path: string, detail: string): PdpServerError {
  const where = path === '$' ? 'the body' : path
  return new PdpServerError('malformed-request', `${where} ${detail}`, { problems: [{ path, detail }] })
}
