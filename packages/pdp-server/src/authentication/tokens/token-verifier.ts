// A token → its claims, once everything about it is checked. What is wrong is said in words for its sender.
import { type CompactVerifyGetKey, compactVerify, errors } from 'jose'
import { checkClaims, type TokenClaims } from './check-claims.ts'
import type { TokenIssuer } from './issuer-config.ts'
import { createFileKeySource, createRemoteKeySource, isOutage } from './key-source.ts'
import { isMeantAsJws, parseObject, readJws } from './read-jws.ts'
import { createTokenCache } from './token-cache.ts'

const PAYLOAD_DEPTH = 16
const UNREAD: TokenFault = {
  fault: 'too many tokens from this address were bad: no more that are new are checked in this second',
  isUnread: true,
}

export interface VerifiedToken<I extends TokenIssuer> {
  readonly claims: TokenClaims
  readonly issuer: I
}

export interface TokenFault {
  readonly fault: string
  /** Nobody could tell: the sender may try again. */
  readonly isOutage?: true
  /** It was not looked at: whether it is right is not known. */
  readonly isUnread?: true
}

export type TokenOutcome<I extends TokenIssuer> = VerifiedToken<I> | TokenFault

/**
 * Waits only where a signature is checked or somebody is asked: tokens that are known need no promise.
 * @param mayCheck asked before either, unless the token was right before: a token that it says no to is refused unread.
 * Default: always
 */
export type VerifyToken<I extends TokenIssuer> = (
  token: string,
  mayCheck?: () => boolean,
) => TokenOutcome<I> | Promise<TokenOutcome<I>>

/** Whether a token is refused although all else about it is right; `unknown` where nobody can tell now. */
export type IsRevoked = (claims: TokenClaims) => boolean | 'unknown'

/** Asks an issuer about a token that only it can read. */
export type Introspect = (token: string) => Promise<{ readonly claims: TokenClaims } | TokenFault>

export interface TokenVerifierOptions<I extends TokenIssuer> {
  readonly issuers: readonly I[]
  /** A longer token is refused unread. */
  readonly maxBytes: number
  readonly isRevoked: IsRevoked
  /** Makes the question for an issuer that has an endpoint for it. */
  readonly createIntrospect: (issuer: I) => Introspect | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
}

interface Source<I extends TokenIssuer> {
  readonly issuer: I
  readonly keys: CompactVerifyGetKey | undefined
  readonly introspect: Introspect | undefined
}

/** Throws `PdpServerError` where a file of keys cannot be used. */
export function createTokenVerifier<I extends TokenIssuer>(options: TokenVerifierOptions<I>): VerifyToken<I> {
  const { maxBytes, isRevoked, now } = options
  const cache = createTokenCache()
  const sources = options.issuers.map(
    (issuer): Source<I> => ({
      issuer,
      keys: createKeySource(issuer),
      introspect: options.createIntrospect(issuer),
    }),
  )
  const judge = (claims: TokenClaims, issuer: I): TokenOutcome<I> => {
    const revoked = isRevoked(claims)
    if (revoked === 'unknown') {
      return { fault: 'whether the token is revoked cannot be checked now', isOutage: true }
    }
    return revoked ? { fault: 'the token is revoked' } : { claims, issuer }
  }
  const issuerOf = ({ iss }: TokenClaims) => sources.find(({ issuer }) => issuer.issuer === iss)?.issuer

  return (token, mayCheck = () => true) => {
    if (token.length > maxBytes) return { fault: `the token is longer than ${maxBytes} characters` }
    const cached = cache.get(token, now())
    const known = cached && issuerOf(cached)
    if (cached !== undefined && known !== undefined) return judge(cached, known)
    // Whoever holds a token that was right shares the address with others, and must not be shut out with them.
    const mayRead = () => cache.wasRight(token) || mayCheck()
    const pending = isMeantAsJws(token)
      ? verifyJws(token, sources, now, mayRead)
      : introspect(token, sources, mayRead)
    if (!(pending instanceof Promise)) return pending
    return pending.then((outcome) => {
      if ('fault' in outcome) {
        if (outcome.isOutage !== true) cache.forget(token)
        return outcome
      }
      cache.set(token, outcome.claims, now(), maxAgeOf(token, outcome.issuer))
      return judge(outcome.claims, outcome.issuer)
    })
  }
}

function createKeySource({ jwksFile, jwksUri }: TokenIssuer): CompactVerifyGetKey | undefined {
  if (jwksFile !== undefined) return createFileKeySource(jwksFile)
  return jwksUri === undefined ? undefined : createRemoteKeySource(jwksUri)
}

/** What an issuer says of a token counts as long as it is configured; a signature, as long as the cache says. */
function maxAgeOf(token: string, { introspection, jwksUri, jwksFile }: TokenIssuer): number | undefined {
  const hasKeys = jwksUri !== undefined || jwksFile !== undefined
  if (introspection === undefined || (hasKeys && isMeantAsJws(token))) return undefined
  return introspection.cacheSeconds * 1000
}

function introspect<I extends TokenIssuer>(
  token: string,
  sources: readonly Source<I>[],
  mayRead: () => boolean,
): TokenFault | Promise<TokenOutcome<I>> {
  const source = sources.find((one) => one.introspect !== undefined)
  if (source === undefined) return { fault: 'the token is no JWT in compact form' }
  return askIssuer(token, source, mayRead)
}

function askIssuer<I extends TokenIssuer>(
  token: string,
  { issuer, introspect }: Source<I>,
  mayRead: () => boolean,
): TokenFault | Promise<TokenOutcome<I>> {
  if (introspect === undefined) return { fault: 'the token is of an issuer that is not known here' }
  if (!mayRead()) return UNREAD
  return introspect(token).then((outcome) =>
    'fault' in outcome ? outcome : { claims: outcome.claims, issuer },
  )
}

function verifyJws<I extends TokenIssuer>(
  token: string,
  sources: readonly Source<I>[],
  now: () => number,
  mayRead: () => boolean,
): TokenFault | Promise<TokenOutcome<I>> {
  const head = readJws(token)
  if ('fault' in head) return head
  const payload = parseObject(head.payload, PAYLOAD_DEPTH)
  if (payload === undefined) return { fault: 'the token holds no JSON object' }
  // What it says of its issuer only chooses whose keys are tried.
  const source = sources.find(({ issuer }) => issuer.issuer === payload.iss)
  if (source === undefined) return { fault: 'the token is of an issuer that is not known here' }
  const { issuer, keys } = source
  if (keys === undefined) return askIssuer(token, source, mayRead)
  if (!fitsType(head.type, issuer.type)) return { fault: `the token is no \`${issuer.type}\` by its \`typ\`` }
  if (!mayRead()) return UNREAD
  return verifySignature(token, head.algorithm, keys, issuer.algorithms).then((fault) => {
    if (fault !== undefined) return fault
    const checked = checkClaims(payload, issuer, now())
    return 'fault' in checked ? checked : { claims: checked.claims, issuer }
  })
}

/** What keeps the signature of a token from counting. INVARIANT: the algorithm is one of those listed, never the token's choice. */
export async function verifySignature(
  token: string,
  algorithm: string,
  keys: CompactVerifyGetKey,
  algorithms: readonly string[],
): Promise<TokenFault | undefined> {
  if (!algorithms.includes(algorithm)) {
    return { fault: 'the token is signed by an algorithm that is not accepted' }
  }
  try {
    await compactVerify(token, keys, { algorithms: [...algorithms] })
    return undefined
  } catch (error) {
    if (isKeyFault(error)) return { fault: 'the token is signed with a key that is not known here' }
    if (isOutage(error)) return { fault: 'the keys of the issuer cannot be had now', isOutage: true }
    return { fault: 'the signature of the token is wrong' }
  }
}

function isKeyFault(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
}

/** RFC 7515 §4.1.9: `application/` may be left out; letters may be of either case. */
function fitsType(type: string | undefined, wanted: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/^application\//, '')
  return wanted === 'any' || (type !== undefined && plain(type) === plain(wanted))
}
