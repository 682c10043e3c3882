// The text of an API key: made, recognised, hashed. `edict_live_` + 12 characters that find the record + 43 that are
// secret (256 bits) + 6 of a checksum. The fixed start and the checksum let secret scanners find keys that leaked,
// and tell them from look-alikes without asking anyone.
import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** What names an environment, such as `live` or `test`. */
export const ENVIRONMENT_PATTERN = /^[a-z][a-z0-9]{0,15}$/
export const KEY_ID_PATTERN = new RegExp(`^[0-9A-Za-z]{${ID_LENGTH}}$`)
const KEY_PATTERN = new RegExp(
  `^(edict_([a-z][a-z0-9]{0,15})_([0-9A-Za-z]{${ID_LENGTH}})[0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
)

export interface ApiKey {
  /** Finds the record; no secret. */
  readonly id: string
  readonly environment: string
}

/** A new key, with its text. The text is nowhere else: keep its hash. */
export function createApiKey(environment: string): ApiKey & { readonly text: string } {
  const id = randomDigits(ID_LENGTH)
  const body = `edict_${environment}_${id}${randomDigits(SECRET_LENGTH)}`
  return { id, environment, text: body + checksum(body) }
}

/** What a text says of itself, where it is a key at all; whether it is a key of ours, its hash tells. */
export function readApiKey(text: string): ApiKey | undefined {
  const [, body, environment, id, sum] = KEY_PATTERN.exec(text) ?? []
  if (body === undefined || environment === undefined || id === undefined) return undefined
  return checksum(body) === sum ? { id, environment } : undefined
}

/** Whether a text means to be an API key rather than a token. */
export function isMeantAsApiKey(text: string): boolean {
  return text.startsWith('edict_')
}

/**
 * The hash that is kept. One round of SHA-256, no slow hash: a slow one makes guessing people's passwords dear, and
 * 256 random bits cannot be guessed at any price; it would only make each request dear.
 */
export function hashApiKey(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function checksum(body: string): string {
  let rest = crc32(body)
  let digits = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = DIGITS.charAt(rest % DIGITS.length) + digits
    rest = Math.floor(rest / DIGITS.length)
  }
  return digits
}

function randomDigits(length: number): string {
  // Bytes past the last whole multiple are dropped, so that every digit is equally likely.
  const bound = 256 - (256 % DIGITS.length)
  let digits = ''
  while (digits.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < bound && digits.length < length) digits += DIGITS.charAt(byte % DIGITS.length)
    }
  }
  return digits
}
