// The strict compact form of a JWS (RFC 7515 §7.1), read before anything is trusted or decoded at length.
import { decodeUtf8, parseJson } from '../../wire/parse-json.ts'
import { isJsonObject, type JsonBody } from '../../wire/read-body.ts'

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const HEADER_DEPTH = 4

export type JwsHead =
  | {
      /** `alg`, `typ` and `kid` are all that is read of it: `jwk`, `jku`, `x5c` and `x5u` name keys of the sender. */
      readonly algorithm: string
      readonly type: string | undefined
      /** Not verified yet. */
      readonly payload: Uint8Array
    }
  | { readonly fault: string }

/** Whether a text has the outline of a JWS, so that it cannot be an opaque token. */
export function isMeantAsJws(token: string): boolean {
  return token.startsWith('eyJ') && token.includes('.')
}

/** The head of a token whose three parts are base64url in their one form: no padding, no blanks, no spare bits. */
export function readJws(token: string): JwsHead {
  if (!COMPACT.test(token)) return { fault: 'the token is no JWT in compact form' }
  const parts = token.split('.').map(decodePart)
  const [header, payload, signature] = parts
  if (header === undefined || payload === undefined || signature === undefined) {
    return { fault: 'the token is not base64url throughout' }
  }
  const members = parseObject(header, HEADER_DEPTH)
  if (members === undefined) return { fault: 'the header of the token is no JSON object' }
  const { alg, typ, kid } = members
  if (typeof alg !== 'string') return { fault: 'the header of the token names no algorithm' }
  if (typ !== undefined && typeof typ !== 'string') return { fault: 'the `typ` of the token is no text' }
  if (kid !== undefined && typeof kid !== 'string') return { fault: 'the `kid` of the token is no text' }
  // None of the extensions that a header may ask for is understood here (RFC 7515 §4.1.11).
  if ('crit' in members || 'b64' in members) return { fault: 'the token asks for extensions (`crit`)' }
  return { algorithm: alg, type: typ, payload }
}

/** The members of a JSON object with each name once; `undefined` where the bytes hold none. */
export function parseObject(bytes: Uint8Array, maxDepth: number): JsonBody | undefined {
  const text = decodeUtf8(bytes)
  if (text === undefined) return undefined
  const parsed = parseJson(text, maxDepth)
  return 'value' in parsed && isJsonObject(parsed.value) ? parsed.value : undefined
}

function decodePart(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  // Node takes many texts for the same bytes; a token must have one text, or a deny-list by text would have holes.
  return bytes.toString('base64url') === text ? bytes : undefined
}
