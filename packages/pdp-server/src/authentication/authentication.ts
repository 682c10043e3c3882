// Who may ask and who is asked about, put together from the configuration.

import { PdpServerError } from '../errors.ts'
import { type AuthenticationFailure, createAuthenticationGate } from '../middleware/authenticate-caller.ts'
import type { BodyGate } from '../middleware/body-gate.ts'
import type { Gate } from '../middleware/gate.ts'
import { requireExplainScope } from '../middleware/require-explain-scope.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessProbe } from '../telemetry/readiness.ts'
import type { AuthenticationConfig } from './auth-config.ts'
import { type AuthenticatorParts, createAuthenticator, createKeyAuthenticator } from './authenticator.ts'
import { createCertificateCallers } from './certificate-callers.ts'
import { createKeyRing } from './key-ring.ts'
import { createKeyUseRecorder, defaultKeyUseFile, type KeyUseRecorder } from './key-use.ts'
import { createFailureLimits, createRequestLimit, type SharedLimits } from './limits.ts'
import { createRequirements } from './required-scope.ts'
import type { Nonces } from './signatures/nonces.ts'
import { createSignatureGuard, type SignatureGuard } from './signatures/signature-guard.ts'
import { createTls, type Tls } from './tls.ts'
import { findTlsContradiction } from './tls-config.ts'
import { createTokenAuthenticator } from './tokens/callers.ts'
import { createIntrospect } from './tokens/introspection.ts'
import type { TokenIssuer } from './tokens/issuer-config.ts'
import { createRevocations, type Revocations, watchRevocations } from './tokens/revocations.ts'
import { createSubjectTokenGate } from './tokens/subjects.ts'
import { createTokenVerifier, type VerifyToken } from './tokens/token-verifier.ts'

export interface Authentication {
  readonly gates: readonly Gate[]
  readonly bodyGates: readonly BodyGate[]
  /** Whether questions bring tokens of end users. Undefined: they do not. */
  readonly subjectTokens: 'required' | 'optional' | undefined
  /** How callers say who they are, for people. Undefined: they need not. */
  readonly callers: string | undefined
  readonly tls: Tls | undefined
  /** Whether callers can be told apart, for readiness. */
  readonly probes: readonly ReadinessProbe[]
  /** What an administrator may add to. Undefined where there are no tokens, or no administrators. */
  readonly revocations: Revocations | undefined
  /** Writes what is not written yet. */
  readonly stop: () => void
}

/** What several processes of one service have in common. What is left out, this one has for itself. */
export interface SharedGuards {
  readonly limits?: SharedLimits
  readonly nonces?: Nonces
  readonly keyUse?: KeyUseRecorder
  readonly revocations?: Revocations
}

/**
 * @param onFailure told of each caller that is not let in. Default: nobody
 * @param shared default: nothing
 * Throws `PdpServerError` `unreadable-files` or `bad-configuration` where what the configuration names cannot be used.
 */
export function createAuthentication(
  config: AuthenticationConfig,
  log: Log,
  onFailure: OnFailure = () => {},
  shared: SharedGuards = {},
): Authentication {
  const { keyFile, callerIssuers, subjectIssuers } = config
  const contradiction = findTlsContradiction(config)
  if (contradiction !== undefined) throw new PdpServerError('bad-configuration', contradiction)
  const hasCallers =
    (keyFile ?? callerIssuers ?? config.certificateCallers ?? config.signatureKeys) !== undefined
  const hasTokens = callerIssuers !== undefined || subjectIssuers !== undefined
  const path = hasTokens ? config.revocationFile : undefined
  const revocations = chooseRevocations(path, log, shared.revocations)
  const createVerifier = <I extends TokenIssuer>(issuers: readonly I[]): VerifyToken<I> =>
    createTokenVerifier({
      issuers,
      maxBytes: config.maxCredentialBytes,
      isRevoked: revocations.isRevoked,
      createIntrospect: (issuer) => createIntrospect(issuer, Date.now),
      now: Date.now,
    })
  const keys = keyFile === undefined ? undefined : createKeys(keyFile, config, log, shared.keyUse)
  const tokens = callerIssuers && createTokenAuthenticator(createVerifier(callerIssuers))
  const { signatureKeys } = config
  const signatures =
    signatureKeys === undefined ? undefined : createSignatureGuard(signatureKeys, config, log, shared.nonces)
  const parts = { ...(keys && { keys: keys.authenticate }), ...(tokens && { tokens }) }
  const subjectGate = subjectIssuers && createSubjectGate(createVerifier(subjectIssuers), config)
  return {
    gates: hasCallers ? [createGate(parts, config, signatures, onFailure, shared.limits)] : [],
    bodyGates: [...(hasCallers ? [requireExplainScope] : []), ...(subjectGate ? [subjectGate] : [])],
    subjectTokens: subjectIssuers && (config.trustCallerClaims ? 'optional' : 'required'),
    callers: hasCallers ? describeCallers(config) : undefined,
    tls: createTls(config, { log }),
    probes: [
      ...(keys === undefined ? [] : [() => ({ name: 'keys', ...keys.check() })]),
      ...(signatures === undefined ? [] : [signatures.check]),
      ...(revocations.check === undefined ? [] : [revocations.check]),
    ],
    revocations: hasTokens && hasCallers ? revocations : undefined,
    stop: () => keys?.stop(),
  }
}

function chooseRevocations(path: string | undefined, log: Log, shared: Revocations | undefined): Revocations {
  if (shared === undefined) return createRevocations({ path, log, now: Date.now })
  return path === undefined ? shared : watchRevocations(shared, { path, log })
}

type OnFailure = (failure: AuthenticationFailure) => void

function createGate(
  parts: AuthenticatorParts,
  config: AuthenticationConfig,
  signatures: SignatureGuard | undefined,
  onFailure: OnFailure,
  limits: SharedLimits | undefined,
): Gate {
  const { authFailuresPerMinute, callerRequestsPerSecond, certificateCallers } = config
  return createAuthenticationGate({
    authenticate: createAuthenticator(parts),
    takesBearer: (parts.keys ?? parts.tokens) !== undefined,
    signatures,
    onFailure,
    ...(certificateCallers !== undefined && {
      findCertificateCaller: createCertificateCallers(certificateCallers),
    }),
    requirementOf: createRequirements(config.openEndpoints),
    maxCredentialBytes: config.maxCredentialBytes,
    ...(authFailuresPerMinute > 0 && { failureLimits: createFailureLimits(authFailuresPerMinute, limits) }),
    ...(callerRequestsPerSecond > 0 && { countRequest: createRequestLimit(callerRequestsPerSecond, limits) }),
  })
}

function createKeys(
  path: string,
  { keyEnvironment, keyUseFile }: AuthenticationConfig,
  log: Log,
  sharedUse: KeyUseRecorder | undefined,
) {
  const ring = createKeyRing({ path, environment: keyEnvironment, log })
  const use = sharedUse ?? createKeyUseRecorder(keyUseFile ?? defaultKeyUseFile(path), log)
  return { authenticate: createKeyAuthenticator(ring, use), check: ring.check, stop: use.stop }
}

type SubjectVerifier = Parameters<typeof createSubjectTokenGate>[0]['verify']

function createSubjectGate(verify: SubjectVerifier, { trustCallerClaims }: AuthenticationConfig): BodyGate {
  return createSubjectTokenGate({ verify, trustCallerClaims })
}

function describeCallers(config: AuthenticationConfig): string {
  const { keyFile, keyEnvironment, callerIssuers = [], certificateCallers, signatureKeys } = config
  const kinds = [
    ...(signatureKeys === undefined ? [] : ['signed requests']),
    ...(certificateCallers === undefined ? [] : ['certificates']),
    ...(keyFile === undefined ? [] : [`API keys of ${keyEnvironment}`]),
    ...callerIssuers.map(({ issuer }) => `tokens of ${issuer}`),
  ]
  return kinds.join(', ')
}
