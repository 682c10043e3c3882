import type { Authentication, Authenticator } from '../authentication/authenticator.ts'
import {
  CHALLENGE,
  challengeInvalidRequest,
  challengeInvalidToken,
  challengeScope,
  findSecretParameter,
  readBearer,
} from '../authentication/bearer.ts'
import type { Scope } from '../authentication/caller.ts'
import type { Requirement } from '../authentication/required-scope.ts'
import { PdpServerError } from '../errors.ts'
import { type Problem, toProblem } from '../wire/problem.ts'
import type { Exchange, Gate, Refusal } from './gate.ts'

export interface AuthenticationGateOptions {
  readonly authenticate: Authenticator
  readonly requirementOf: (path: string) => Requirement
  /** A longer `Authorization` header is refused unread. */
  readonly maxCredentialBytes: number
  /** Told of each failure, for metrics. Default: nobody. */
  readonly onFailure?: (failure: AuthenticationFailure) => void
}

export interface AuthenticationFailure {
  readonly reason: 'missing' | 'invalid' | 'outage' | 'scope'
  readonly keyId?: string
}

/**
 * Lets through whoever may ask for this path, and notes who it is: 401 without or with bad credentials, 403 without
 * the scope (RFC 6750), 400 for credentials in the address.
 */
export function createAuthenticationGate(options: AuthenticationGateOptions): Gate {
  return (exchange) => {
    const secret = findSecretParameter(exchange.incoming?.url ?? '')
    if (secret !== undefined) return refuseSecretInAddress(exchange, secret)
    const requirement = options.requirementOf(exchange.path)
    if (requirement === 'open') return undefined
    const bearer = readBearer(exchange.header('authorization'), options.maxCredentialBytes)
    if (bearer.kind === 'none') return refuseUnknown(exchange, options)
    if (bearer.kind === 'malformed') return refuseInvalid(exchange, options, { fault: MALFORMED })
    const outcome = options.authenticate(bearer.text)
    const settle = (known: Authentication): Refusal =>
      'caller' in known
        ? admit(exchange, options, known, requirement)
        : refuseInvalid(exchange, options, known)
    return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
  }
}

const MALFORMED = 'the header `Authorization` holds no bearer token, or one that is too long'

/** Refuses a caller without a scope (403). Where callers are not authenticated, nobody is refused. */
export function requireScope(exchange: Exchange, scope: Scope): void {
  if (exchange.caller === undefined || exchange.caller.scopes.has(scope)) return
  exchange.setHeader('WWW-Authenticate', challengeScope(scope))
  throw new PdpServerError('insufficient-scope', lacksScope(scope))
}

function admit(
  exchange: Exchange,
  { onFailure }: AuthenticationGateOptions,
  { caller }: Extract<Authentication, { readonly caller: unknown }>,
  requirement: Exclude<Requirement, 'open'>,
): Refusal {
  exchange.caller = caller
  if (requirement === 'known' || caller.scopes.has(requirement)) return undefined
  onFailure?.({ reason: 'scope', ...(caller.keyId !== undefined && { keyId: caller.keyId }) })
  exchange.setHeader('WWW-Authenticate', challengeScope(requirement))
  return toProblem(403, lacksScope(requirement))
}

function lacksScope(scope: Scope): string {
  return `the caller lacks the scope \`${scope}\``
}

function refuseUnknown(exchange: Exchange, { onFailure }: AuthenticationGateOptions): Problem {
  onFailure?.({ reason: 'missing' })
  exchange.setHeader('WWW-Authenticate', CHALLENGE)
  return toProblem(
    401,
    'callers must say who they are: send `Authorization: Bearer` with an API key or a token',
  )
}

function refuseInvalid(
  exchange: Exchange,
  { onFailure }: AuthenticationGateOptions,
  { fault, keyId, isOutage = false }: Extract<Authentication, { readonly fault: string }>,
): Problem {
  onFailure?.({ reason: isOutage ? 'outage' : 'invalid', ...(keyId !== undefined && { keyId }) })
  if (isOutage) return toProblem(503, fault)
  exchange.setHeader('WWW-Authenticate', challengeInvalidToken(fault))
  return toProblem(401, fault)
}

function refuseSecretInAddress(exchange: Exchange, name: string): Problem {
  const detail =
    `credentials never travel in an address, where logs keep them: send \`Authorization: Bearer\` instead of ` +
    `\`${name}\`, and take this credential for leaked`
  exchange.setHeader('WWW-Authenticate', challengeInvalidRequest(detail))
  return toProblem(400, detail)
}
