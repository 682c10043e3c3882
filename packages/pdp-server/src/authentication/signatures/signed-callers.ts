// Who signed a request (RFC 9421). It must never know how requests are routed, or what they ask.
import { type InnerList, isInnerList, parseDictionary } from 'structured-headers'
import type { Caller } from '../../middleware/gate.ts'
import { isSignatureOf } from './algorithms.ts'
import { findDigestFault } from './content-digest.ts'
import type { Nonces, NonceUse } from './nonces.ts'
import { createSignatureBase, type SignedMessage } from './signature-base.ts'
import type { SignatureKey } from './signature-key-file.ts'

/** How far the clock of a caller may be ahead. */
const MAX_AHEAD_SECONDS = 10
const MAX_HEADER_LENGTH = 8192
/** Each may cost a look at the file of keys, before anybody is known. */
const MAX_SIGNATURES = 8
const NONCE_PATTERN = /^[\x20-\x7e]{16,128}$/
/** Headers that change what a request does: whoever passes it on must not be able to add, change or drop one unseen. */
export const SIGNED_HEADERS = [
  'if-match',
  'if-none-match',
  'idempotency-key',
  'edict-min-policy-number',
  'edict-min-data-number',
] as const
const KNOWN_PARAMETERS: ReadonlySet<string> = new Set(['created', 'expires', 'keyid', 'nonce', 'alg', 'tag'])

const UNREAD = {
  fault: 'too many signatures from this address were bad: no more are checked in this second',
  isUnread: true,
}

export type SignatureOutcome =
  | { readonly caller: Caller; readonly findBodyFault: (bytes: Uint8Array) => string | undefined }
  | {
      readonly fault: string
      readonly keyId?: string
      readonly isOutage?: boolean
      readonly isUnread?: boolean
    }

export interface SignedCallersOptions {
  /** Undefined where the keys cannot be had. @param id that is looked for */
  readonly keys: (id: string) => ReadonlyMap<string, SignatureKey> | undefined
  readonly nonces: Nonces
  readonly maxAgeSeconds: number
  /** When the service began to remember nonces: what was signed before may have been used before. Epoch milliseconds. */
  readonly startedAt: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that only grow. */
  readonly ticks: () => number
}

/** @param mayCheck asked before a public key is used: a signature that it says no to is refused unread */
export type AuthenticateSigned = (
  message: SignedMessage,
  mayCheck: () => boolean,
) => SignatureOutcome | Promise<SignatureOutcome>

/** A header that nobody could have sent who does not mean to sign. */
export function isSigned(header: (name: string) => string | undefined): boolean {
  return header('signature-input') !== undefined || header('signature') !== undefined
}

export function createSignedCallers(given: SignedCallersOptions): AuthenticateSigned {
  const firstTick = given.ticks()
  // Where the clock goes back, signatures whose nonces are forgotten stay as old as they are.
  const latest = () => Math.max(given.now(), given.startedAt + given.ticks() - firstTick)
  const options = { ...given, latest }
  return (message, mayCheck) => {
    const candidate = findCandidate(message, options.keys)
    if ('fault' in candidate) return candidate
    const { key, nonce } = candidate
    const wrong = judge(candidate, message, mayCheck, options)
    if (wrong !== undefined) return { ...wrong, keyId: key.id }
    // INVARIANT: `judge` has seen that it is a whole number.
    const created = candidate.input[1].get('created') as number
    const use = options.nonces.use(key.id, nonce, options.ticks(), created)
    return use instanceof Promise
      ? use.then((known) => conclude(candidate, message, known))
      : conclude(candidate, message, use)
  }
}

interface JudgeOptions extends SignedCallersOptions {
  /** The clock, and at least as far as it went since the start. */
  readonly latest: () => number
}

/** A signature by a key that is known; whether it is one, is still to be seen. */
interface Candidate {
  readonly key: SignatureKey
  readonly input: InnerList
  readonly signature: Buffer
  readonly nonce: string
}

function findCandidate(
  { header }: SignedMessage,
  findKeys: SignedCallersOptions['keys'],
): Candidate | { readonly fault: string; readonly isOutage?: boolean } {
  const [inputs, signatures] = [readHeader(header('signature-input')), readHeader(header('signature'))]
  if (inputs === undefined || signatures === undefined) {
    return { fault: 'the headers `Signature-Input` and `Signature` cannot be read' }
  }
  if (inputs.size > MAX_SIGNATURES)
    return { fault: `the request bears more than ${MAX_SIGNATURES} signatures` }
  const found: Candidate[] = []
  // Others may have signed it too, a proxy on its way say.
  for (const [label, input] of inputs) {
    if (!isInnerList(input)) return { fault: 'the header `Signature-Input` cannot be read' }
    const keyId = input[1].get('keyid')
    const keys = typeof keyId === 'string' ? findKeys(keyId) : new Map<string, SignatureKey>()
    if (keys === undefined) return { fault: 'signatures cannot be checked now', isOutage: true }
    const key = typeof keyId === 'string' ? keys.get(keyId) : undefined
    if (key === undefined) continue
    const [signature] = signatures.get(label) ?? []
    const nonce = input[1].get('nonce')
    if (!(signature instanceof ArrayBuffer)) return { fault: 'the header `Signature` lacks the signature' }
    if (typeof nonce !== 'string' || !NONCE_PATTERN.test(nonce)) {
      return { fault: 'the signature needs a `nonce` of 16 to 128 characters, another one in each request' }
    }
    found.push({ key, input, signature: Buffer.from(signature), nonce })
  }
  const [first, second] = found
  if (first === undefined) return { fault: 'no signature is by a key that is known here' }
  return second === undefined ? first : { fault: 'two signatures are by keys that are known here' }
}

function readHeader(header: string | undefined) {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined
  try {
    return parseDictionary(header)
  } catch {
    return undefined
  }
}

/** Why a signature does not count. INVARIANT: undefined only for one that is right and covers enough. */
function judge(
  { key, input, signature }: Candidate,
  message: SignedMessage,
  mayCheck: () => boolean,
  options: JudgeOptions,
): { readonly fault: string; readonly isUnread?: boolean } | undefined {
  const early =
    findParameterFault(input, key, options) ??
    findCoverageFault(coveredBy(input), message.query !== undefined) ??
    findHeaderFault(coveredBy(input), message)
  if (early !== undefined) return { fault: early }
  const made = createSignatureBase(input, message)
  if ('fault' in made) return made
  if (key.algorithm !== 'hmac-sha256' && !mayCheck()) return UNREAD
  if (isSignatureOf(key.algorithm, key.key, made.base, signature)) return undefined
  return { fault: 'the signature is wrong' }
}

function findParameterFault(
  [, parameters]: InnerList,
  key: SignatureKey,
  { now, latest, maxAgeSeconds, startedAt }: JudgeOptions,
): string | undefined {
  for (const name of parameters.keys()) {
    if (!KNOWN_PARAMETERS.has(name)) return 'the signature has a parameter that means nothing here'
  }
  const at = now()
  if (key.expiresAt <= at) return 'the key of the signature has expired'
  const alg = parameters.get('alg')
  // INVARIANT: the key says by which algorithm it is used, and never the message.
  if (alg !== undefined && alg !== key.algorithm)
    return 'the signature names another algorithm than its key has'
  const [created, expires] = [parameters.get('created'), parameters.get('expires')]
  if (!Number.isSafeInteger(created)) return 'the signature needs `created`, in epoch seconds'
  const seconds = at / 1000
  const since = created as number
  if (since > seconds + MAX_AHEAD_SECONDS) return 'the signature is of a time that is still to come'
  if (since < latest() / 1000 - maxAgeSeconds) return `the signature is older than ${maxAgeSeconds} seconds`
  // That of the second in which the service began may have been used before, too.
  if (since < Math.ceil(startedAt / 1000)) return 'the signature is older than this service: sign anew'
  if (expires === undefined) return undefined
  if (!Number.isSafeInteger(expires)) return 'the `expires` of the signature must be epoch seconds'
  return (expires as number) <= seconds ? 'the signature has expired' : undefined
}

function coveredBy([components]: InnerList): ReadonlySet<unknown> {
  return new Set(components.map(([name]) => name))
}

/** A right signature over too little says too little. Of the body, `conclude` sees to it. */
function findCoverageFault(covered: ReadonlySet<unknown>, hasQuery: boolean): string | undefined {
  if (!covered.has('@method')) return 'the signature must cover `@method`'
  if (covered.has('@target-uri')) return undefined
  if (!covered.has('@authority') || !(covered.has('@path') || covered.has('@request-target'))) {
    return 'the signature must cover `@target-uri`, or `@authority` and `@path`'
  }
  const coversQuery = covered.has('@query') || covered.has('@request-target')
  return hasQuery && !coversQuery ? 'the signature must cover `@query`, or `@target-uri`' : undefined
}

/** One that is covered and was taken away is found when the text is made that was signed. */
function findHeaderFault(covered: ReadonlySet<unknown>, { header }: SignedMessage): string | undefined {
  const bare = SIGNED_HEADERS.find((name) => header(name) !== undefined && !covered.has(name))
  return bare && `the signature must cover \`${bare}\`, which the request brings`
}

function conclude({ key, input }: Candidate, { header }: SignedMessage, use: NonceUse): SignatureOutcome {
  const { id, name, scopes } = key
  if (use === 'used') return { fault: 'the `nonce` of the signature was used before', keyId: id }
  if (use === 'forgotten') {
    return { fault: 'the signature is older than those whose nonces are remembered: sign anew', keyId: id }
  }
  if (use === 'too-many') return { fault: 'too many requests are signed by this key', keyId: id }
  const digest = coveredBy(input).has('content-digest') ? header('content-digest') : undefined
  return {
    caller: { id: `signature:${name}`, keyId: id, scopes: new Set(scopes) },
    findBodyFault: (bytes) => {
      if (digest !== undefined) return findDigestFault(digest, bytes)
      return bytes.length === 0 ? undefined : 'the signature must cover `content-digest`, as there is a body'
    },
  }
}

/** How long a signature can be accepted. */
export function signatureWindowMs(maxAgeSeconds: number): number {
  return (maxAgeSeconds + MAX_AHEAD_SECONDS + 1) * 1000
}
