// Tokens with which callers say who they are: what is configured, and what a verified token lets its holder do.
import { z } from 'zod'
import { text } from '../../config-values.ts'
import type { Authentication, Authenticator } from '../authenticator.ts'
import { isScope, type Scope } from '../caller.ts'
import type { TokenClaims } from './check-claims.ts'
import { issuerMembers } from './issuer-config.ts'
import type { TokenOutcome, VerifyToken } from './token-verifier.ts'

export const callerIssuerSchema = z.strictObject({
  ...issuerMembers,
  /** The claim that lists scopes: a list, or a text with blanks between. */
  scopeClaim: text('a claim').default('scope'),
  /** What stands before `decide`, `search`, `explain` and `admin` there, so that no scope of others is taken for one. */
  scopePrefix: z.string({ error: 'must be a text' }).default('edict:'),
})
export type CallerIssuer = Readonly<z.infer<typeof callerIssuerSchema>>

export function createTokenAuthenticator(verify: VerifyToken<CallerIssuer>): Authenticator {
  return (token, mayCheck) => {
    const outcome = verify(token, mayCheck)
    return outcome instanceof Promise ? outcome.then(toAuthentication) : toAuthentication(outcome)
  }
}

function toAuthentication(outcome: TokenOutcome<CallerIssuer>): Authentication {
  if ('fault' in outcome) return outcome
  const { claims, issuer } = outcome
  // Whoever stole a token that is bound to a key must not be let in with it alone (RFC 9449 §7.1, RFC 8705 §3).
  if (claims.cnf !== undefined && claims.cnf !== null) {
    return { fault: 'the token is bound to a key of its holder (`cnf`), which is not asked for here' }
  }
  return { caller: { id: `token:${claims.iss}|${claims.sub}`, scopes: readScopes(claims, issuer) } }
}

function readScopes(claims: TokenClaims, { scopeClaim, scopePrefix }: CallerIssuer): ReadonlySet<Scope> {
  const names = readNames(Object.hasOwn(claims, scopeClaim) ? claims[scopeClaim] : undefined)
  const own = names.flatMap((name) => (name.startsWith(scopePrefix) ? [name.slice(scopePrefix.length)] : []))
  return new Set(own.filter(isScope))
}

/** The texts of a claim that is a list, or one text with blanks between (RFC 8693 §4.2). */
export function readNames(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((name) => name !== '')
  return Array.isArray(claim) ? claim.filter((name) => typeof name === 'string') : []
}
