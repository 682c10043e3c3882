// Bytes or text → a JSON value, or where it is not what RFC 8259 and RFC 7493 (I-JSON) ask for.
import { parsePlainJson } from './parse-plain-json.ts'
import { exceedsDepth, findFault, type JsonFault } from './scan-json.ts'

export type ParsedJson = { readonly value: unknown } | { readonly fault: JsonFault }

const MAX_DETAIL_LENGTH = 200

/** Strict: one value, no member twice, no lone surrogates, no deeper than `maxDepth`. */
export function parseJson(text: string, maxDepth: number): ParsedJson {
  return parseStrictly(text, maxDepth, describe)
}

/** The same for a text that may hold secrets: what is wrong with it is said without any of it. */
export function parseSecretJson(text: string, maxDepth: number): ParsedJson {
  return parseStrictly(text, maxDepth, describePlace)
}

function parseStrictly(text: string, maxDepth: number, tell: (error: unknown) => string): ParsedJson {
  // Before anything that could recurse along the text.
  if (exceedsDepth(text, maxDepth)) return refuse(`is nested deeper than ${maxDepth}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse(text.trim() === '' ? 'is empty, not JSON' : `is not JSON${tell(error)}`)
  }
  const fault = findFault(text)
  return fault === undefined ? { value } : { fault }
}

/** The same for the bytes of a text in UTF-8. A byte order mark is no JSON. */
export function parseJsonBytes(bytes: Uint8Array, maxDepth: number): ParsedJson {
  const plain = parsePlainJson(bytes, maxDepth)
  if (plain !== undefined) return { value: plain }
  const text = decodeUtf8(bytes)
  return text === undefined ? refuse('is not UTF-8') : parseJson(text, maxDepth)
}

/** The text, or `undefined` where the bytes are no UTF-8. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function refuse(detail: string): ParsedJson {
  return { fault: { path: '$', detail } }
}

/** V8 quotes the text, which is the sender's own; control characters have no place in an answer. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `: ${message.replace(/\p{C}/gu, ' ').slice(0, MAX_DETAIL_LENGTH)}`
}

/** Where V8 says it; it does not where it quotes. */
function describePlace(error: unknown): string {
  const place =
    error instanceof Error
      ? / at position (\d+)( \(line \d+ column \d+\))?$/.exec(error.message)?.[1]
      : undefined
  return place === undefined ? '' : `, from character ${Number(place) + 1} on`
}
