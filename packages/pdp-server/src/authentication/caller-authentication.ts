// Who may ask, put together from the configuration: what stands before every request, and what it keeps open.
import { createAuthenticationGate } from '../middleware/authenticate-caller.ts'
import type { BodyGate } from '../middleware/body-gate.ts'
import type { Gate } from '../middleware/gate.ts'
import { requireExplainScope } from '../middleware/require-explain-scope.ts'
import type { Log } from '../telemetry/log.ts'
import type { AuthenticationConfig } from './auth-config.ts'
import { createAuthenticator, createKeyAuthenticator } from './authenticator.ts'
import { createKeyRing } from './key-ring.ts'
import { createKeyUseRecorder, defaultKeyUseFile } from './key-use.ts'
import { createRequirements } from './required-scope.ts'

export interface CallerAuthentication {
  readonly gates: readonly Gate[]
  readonly bodyGates: readonly BodyGate[]
  /** How callers say who they are, for people. */
  readonly summary: string
  /** Writes what is not written yet. */
  readonly stop: () => void
}

/**
 * Undefined where the configuration names no way to say who one is. Throws `PdpServerError` `unreadable-files` or
 * `bad-configuration` where what it names cannot be used.
 */
export function createCallerAuthentication(
  config: AuthenticationConfig,
  log: Log,
): CallerAuthentication | undefined {
  const { keyFile, keyUseFile, keyEnvironment, openEndpoints, maxCredentialBytes } = config
  if (keyFile === undefined) return undefined
  const ring = createKeyRing({ path: keyFile, environment: keyEnvironment, log })
  const use = createKeyUseRecorder(keyUseFile ?? defaultKeyUseFile(keyFile), log)
  const gate = createAuthenticationGate({
    authenticate: createAuthenticator({ keys: createKeyAuthenticator(ring, use) }),
    requirementOf: createRequirements(openEndpoints),
    maxCredentialBytes,
  })
  return {
    gates: [gate],
    bodyGates: [requireExplainScope],
    summary: `API keys of ${keyEnvironment}`,
    stop: use.stop,
  }
}
