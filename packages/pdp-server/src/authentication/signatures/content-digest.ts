// Whether bytes are those that a `Content-Digest` names (RFC 9530).
import { createHash } from 'node:crypto'
import { type Dictionary, parseDictionary } from 'structured-headers'

const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
])

/** What is wrong with them. Digests that nobody should rely on any more count for nothing; of the others, all must fit. */
export function findDigestFault(header: string, bytes: Uint8Array): string | undefined {
  const digests = readDigests(header)
  if (digests === undefined) return 'the header `Content-Digest` cannot be read'
  let isSafe = false
  for (const [name, [value]] of digests) {
    const hash = HASHES.get(name)
    if (hash === undefined) continue
    if (!(value instanceof ArrayBuffer)) return 'the header `Content-Digest` cannot be read'
    if (!createHash(hash).update(bytes).digest().equals(Buffer.from(value))) {
      return 'the body is not the one that `Content-Digest` names'
    }
    isSafe = true
  }
  return isSafe ? undefined : 'the header `Content-Digest` has neither `sha-256` nor `sha-512`'
}

function readDigests(header: string): Dictionary | undefined {
  try {
    return parseDictionary(header)
  } catch {
    return undefined
  }
}
