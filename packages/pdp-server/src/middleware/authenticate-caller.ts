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
import type { FindCertificateCaller } from '../authentication/certificate-callers.ts'
import { type Checks, FREE_CHECKS } from '../authentication/check-budget.ts'
import { CHECKS_USED_UP, type FailureLimits, type Quota, toQuotaHeaders } from '../authentication/limits.ts'
import type { Requirement } from '../authentication/required-scope.ts'
import type { SignatureGuard } from '../authentication/signatures/signature-guard.ts'
import { SIGNED_HEADERS, type SignatureOutcome } from '../authentication/signatures/signed-callers.ts'
import { PdpServerError } from '../errors.ts'
import { type Problem, toProblem } from '../wire/problem.ts'
import type { Caller, Exchange, Gate, Refusal } from './gate.ts'

export interface AuthenticationGateOptions {
  readonly authenticate: Authenticator
  readonly requirementOf: (path: string) => Requirement
  /** A longer `Authorization` header is refused unread. */
  readonly maxCredentialBytes: number
  /** Whether API keys or tokens are taken. Default true. */
  readonly takesBearer?: boolean
  /** Whose certificate a connection shows. Default: nobody's. */
  readonly findCertificateCaller?: FindCertificateCaller | undefined
  /** Who signs requests. Default: nobody, and signatures are not looked at. */
  readonly signatures?: SignatureGuard | undefined
  /** Default: as many failures as one likes. */
  readonly failureLimits?: FailureLimits | undefined
  /** Counts a request of a caller. Default: as many as one likes. */
  readonly countRequest?: ((callerId: string) => Promise<Quota>) | undefined
  /** Told of each failure, for metrics. Default: nobody. */
  readonly onFailure?: (failure: AuthenticationFailure) => void
}

export interface AuthenticationFailure {
  /** `unread`: refused without being looked at. */
  readonly reason: 'missing' | 'invalid' | 'outage' | 'unread' | 'scope'
  /** Who is meant by the credential, though it does not prove it. */
  readonly callerId?: string
  readonly keyId?: string
}

/**
 * Lets through whoever may ask for this path, and notes who it is: 401 without or with bad credentials, 403 without
 * the scope (RFC 6750), 400 for credentials in the address, 429 after too many failures or requests.
 */
export function createAuthenticationGate(options: AuthenticationGateOptions): Gate {
  return (exchange) => {
    const secret = findSecretParameter(exchange.incoming?.url ?? '')
    if (secret !== undefined) return refuseSecretInAddress(exchange, secret)
    const requirement = options.requirementOf(exchange.path)
    if (requirement === 'open') return undefined
    const bearer = readBearer(exchange.header('authorization'), options.maxCredentialBytes)
    const { signatures } = options
    if (signatures?.isSigned(exchange) === true) {
      return bearer.kind === 'none'
        ? passSigned(exchange, options, signatures, requirement)
        : refuseTwoWays(exchange)
    }
    if (bearer.kind === 'none') {
      const caller = options.findCertificateCaller?.(exchange.incoming)
      return caller === undefined
        ? refuseUnknown(exchange, options)
        : admit(exchange, options, caller, requirement)
    }
    if (bearer.kind === 'malformed') return refuseInvalid(exchange, options, { fault: MALFORMED })
    const checks = openChecks(exchange, options)
    const outcome = options.authenticate(bearer.text, checks.mayCheck)
    const settle = (known: Authentication): Refusal | Promise<Refusal> => {
      if ('fault' in known) return refuseInvalid(exchange, options, known)
      checks.giveBack()
      return admit(exchange, options, known.caller, requirement)
    }
    return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
  }
}

/**
 * Who failed too often makes nobody check any number of signatures. A right key, or a token that is known, still counts,
 * and some of the others are looked at: many may share the address.
 */
function openChecks(exchange: Exchange, { failureLimits }: AuthenticationGateOptions): Checks {
  return failureLimits?.openChecks(addressOf(exchange)) ?? FREE_CHECKS
}

/** Lets through who signed the head; what it signed of the body is seen to once that is there. */
function passSigned(
  exchange: Exchange,
  options: AuthenticationGateOptions,
  signatures: SignatureGuard,
  requirement: Exclude<Requirement, 'open'>,
): Refusal | Promise<Refusal> {
  const checks = openChecks(exchange, options)
  const outcome = signatures.authenticate(exchange, checks.mayCheck)
  const settle = (known: SignatureOutcome): Refusal | Promise<Refusal> => {
    if ('fault' in known) {
      exchange.setHeader('Accept-Signature', acceptSignature(exchange))
      return refuseInvalid(exchange, options, known)
    }
    checks.giveBack()
    exchange.checkBytes = (bytes) => {
      const fault = known.findBodyFault(bytes)
      if (fault !== undefined) throw refuseBody(exchange, options, known.caller, fault)
    }
    return admit(exchange, options, known.caller, requirement)
  }
  return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
}

function refuseBody(
  exchange: Exchange,
  { onFailure, failureLimits }: AuthenticationGateOptions,
  { keyId }: Caller,
  fault: string,
): PdpServerError {
  onFailure?.({ reason: 'invalid', ...(keyId !== undefined && { keyId }) })
  void failureLimits?.count(addressOf(exchange), keyId)
  exchange.setHeader('WWW-Authenticate', challengeInvalidToken(fault))
  exchange.setHeader('Accept-Signature', acceptSignature(exchange))
  return new PdpServerError('bad-signature', fault)
}

/** What a signature of this request must cover (RFC 9421 §5.1). */
function acceptSignature({ header }: Exchange): string {
  const brought = SIGNED_HEADERS.filter((name) => header(name) !== undefined)
  const components = ['@method', '@target-uri', 'content-digest', ...brought]
  return `edict=(${components.map((name) => `"${name}"`).join(' ')});created;keyid;nonce`
}

function refuseTwoWays(exchange: Exchange): Problem {
  const detail = 'a request that is signed brings no `Authorization`: callers say in one way who they are'
  exchange.setHeader('WWW-Authenticate', challengeInvalidRequest(detail))
  return toProblem(400, detail)
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
  { onFailure, countRequest }: AuthenticationGateOptions,
  caller: Caller,
  requirement: Exclude<Requirement, 'open'>,
): Refusal | Promise<Refusal> {
  exchange.caller = caller
  if (requirement === 'known' || caller.scopes.has(requirement)) {
    return countRequest?.(caller.id).then((quota) => refuseExceeded(exchange, quota, TOO_MANY_REQUESTS))
  }
  onFailure?.({
    reason: 'scope',
    callerId: caller.id,
    ...(caller.keyId !== undefined && { keyId: caller.keyId }),
  })
  exchange.setHeader('WWW-Authenticate', challengeScope(requirement))
  return toProblem(403, lacksScope(requirement))
}

function lacksScope(scope: Scope): string {
  return `the caller lacks the scope \`${scope}\``
}

const TOO_MANY_REQUESTS = 'the caller asks more often than it may'
const TOO_MANY_FAILURES = 'too many requests with bad credentials came from this address, or with this key'

/** Tells of the quota, and refuses where it is used up. */
function refuseExceeded(exchange: Exchange, quota: Quota, detail: string): Refusal {
  for (const [name, value] of toQuotaHeaders(quota)) exchange.setHeader(name, value)
  return quota.isExceeded ? toProblem(429, detail) : undefined
}

function refuseUnknown(
  exchange: Exchange,
  { onFailure, takesBearer = true, findCertificateCaller, signatures }: AuthenticationGateOptions,
): Problem {
  onFailure?.({ reason: 'missing' })
  exchange.setHeader('WWW-Authenticate', CHALLENGE)
  if (signatures !== undefined) exchange.setHeader('Accept-Signature', acceptSignature(exchange))
  const ways = [
    takesBearer && 'send `Authorization: Bearer` with an API key or a token',
    signatures !== undefined && 'sign the request (RFC 9421)',
    findCertificateCaller !== undefined && 'connect with a certificate that is known here',
  ]
  return toProblem(401, `callers must say who they are: ${ways.filter((way) => way !== false).join(', or ')}`)
}

function refuseInvalid(
  exchange: Exchange,
  { onFailure, failureLimits }: AuthenticationGateOptions,
  {
    fault,
    keyId,
    callerId,
    isOutage = false,
    isUnread = false,
  }: Extract<Authentication, { readonly fault: string }>,
): Problem | Promise<Problem> {
  onFailure?.({
    reason: isOutage ? 'outage' : isUnread ? 'unread' : 'invalid',
    ...(callerId !== undefined && { callerId }),
    ...(keyId !== undefined && { keyId }),
  })
  if (isOutage) return toProblem(503, fault)
  if (isUnread) return refuseUnread(exchange, fault)
  const refuse = (): Problem => {
    exchange.setHeader('WWW-Authenticate', challengeInvalidToken(fault))
    return toProblem(401, fault)
  }
  if (failureLimits === undefined) return refuse()
  return failureLimits
    .count(addressOf(exchange), keyId)
    .then((quota) => refuseExceeded(exchange, quota, TOO_MANY_FAILURES) ?? refuse())
}

/** Not counted: who was not looked at did not fail. */
function refuseUnread(exchange: Exchange, fault: string): Problem {
  for (const [name, value] of toQuotaHeaders(CHECKS_USED_UP)) exchange.setHeader(name, value)
  return toProblem(429, fault)
}

function refuseSecretInAddress(exchange: Exchange, name: string): Problem {
  const detail =
    `credentials never travel in an address, where logs keep them: send \`Authorization: Bearer\` instead of ` +
    `\`${name}\`, and take this credential for leaked`
  exchange.setHeader('WWW-Authenticate', challengeInvalidRequest(detail))
  return toProblem(400, detail)
}

function addressOf({ incoming }: Exchange): string | undefined {
  return incoming?.socket.remoteAddress
}
