// What the claims of a verified token must say (RFC 7519, RFC 9068, RFC 8725).
import type { JsonBody } from '../../wire/read-body.ts'
import type { TokenIssuer } from './issuer-config.ts'

/** Claims whose kind is checked; all others are as they came. */
export interface TokenClaims extends JsonBody {
  readonly iss: string
  readonly sub: string
  /** Epoch seconds. */
  readonly exp: number
  readonly iat?: number
  readonly jti?: string
}

export type ClaimCheck = { readonly claims: TokenClaims } | { readonly fault: string }

const MAX_SUBJECT_LENGTH = 1024

/** @param now epoch milliseconds */
export function checkClaims(claims: JsonBody, issuer: TokenIssuer, now: number): ClaimCheck {
  const fault = findClaimFault(claims, issuer, now / 1000)
  return fault === undefined ? { claims: claims as TokenClaims } : { fault }
}

function findClaimFault(claims: JsonBody, issuer: TokenIssuer, now: number): string | undefined {
  const { iss, sub, jti } = claims
  if (iss !== issuer.issuer) return 'the token is of another issuer'
  if (!namesAudience(claims.aud, issuer.audience)) return 'the token is for another audience'
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH) {
    return 'the token names no subject'
  }
  if (jti !== undefined && typeof jti !== 'string') return 'the `jti` of the token is no text'
  const missing = issuer.requiredClaims.find((name) => !Object.hasOwn(claims, name) || claims[name] === null)
  if (missing !== undefined) return `the token lacks the claim \`${missing}\``
  return findTimeFault(claims, issuer.clockToleranceSeconds, now)
}

function findTimeFault({ exp, nbf, iat }: JsonBody, tolerance: number, now: number): string | undefined {
  if (!isInstant(exp)) return 'the token never expires'
  if (exp + tolerance <= now) return 'the token has expired'
  if (nbf !== undefined && !isInstant(nbf)) return 'the `nbf` of the token is no time'
  if (nbf !== undefined && nbf - tolerance > now) return 'the token does not count yet'
  if (iat !== undefined && !isInstant(iat)) return 'the `iat` of the token is no time'
  if (iat !== undefined && iat - tolerance > now) return 'the token is of the future'
  return undefined
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function namesAudience(claim: unknown, wanted: string | readonly string[]): boolean {
  const names = Array.isArray(claim) ? claim : [claim]
  const accepted = typeof wanted === 'string' ? [wanted] : wanted
  return names.some((name) => typeof name === 'string' && accepted.includes(name))
}
