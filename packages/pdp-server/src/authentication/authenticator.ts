// Whose a credential is. It must never know of HTTP.

import type { Caller } from '../middleware/gate.ts'
import { isMeantAsApiKey } from './api-key.ts'
import type { KeyFault, KeyRing } from './key-ring.ts'
import type { KeyUseRecorder } from './key-use.ts'

export type Authentication =
  | { readonly caller: Caller }
  | {
      /** For whoever sent the credential: says what is wrong with it, and nothing that it does not know. */
      readonly fault: string
      /** The key that was tried, where there is one. */
      readonly keyId?: string
      /** Whose key that is. */
      readonly callerId?: string
      /** Nobody could tell: the sender may try again. */
      readonly isOutage?: boolean
      /** It was not looked at: whether it is right is not known. */
      readonly isUnread?: boolean
    }

/**
 * Says whose a credential is. Waits only where a signature is checked or somebody is asked.
 * @param mayCheck asked before either; where it may not be done, the credential is refused unread
 */
export type Authenticator = (
  credential: string,
  mayCheck: () => boolean,
) => Authentication | Promise<Authentication>

export interface AuthenticatorParts {
  readonly keys?: AuthenticateKey
  readonly tokens?: Authenticator
}

type AuthenticateKey = (credential: string) => Authentication

/** API keys say themselves that they are some; all else is taken for a token. */
export function createAuthenticator({ keys, tokens }: AuthenticatorParts): Authenticator {
  return (credential, mayCheck) => {
    if (isMeantAsApiKey(credential)) return keys?.(credential) ?? { fault: 'API keys are not accepted here' }
    return tokens?.(credential, mayCheck) ?? { fault: 'this is no API key, and tokens are not accepted here' }
  }
}

const KEY_FAULTS: Readonly<Record<KeyFault, string>> = {
  unknown: 'there is no such API key',
  revoked: 'the API key is revoked',
  expired: 'the API key has expired',
  foreign: 'the API key is for another environment',
  unavailable: 'API keys cannot be checked now',
}

export function createKeyAuthenticator(ring: KeyRing, use: KeyUseRecorder, now = Date.now): AuthenticateKey {
  return (credential) => {
    const found = ring.find(credential)
    if ('fault' in found) {
      return {
        fault: KEY_FAULTS[found.fault],
        ...(found.tried !== undefined && { keyId: found.tried.id, callerId: `key:${found.tried.name}` }),
        ...(found.fault === 'unavailable' && { isOutage: true }),
      }
    }
    const { id, name, scopes } = found.record
    use.record(id, now())
    return { caller: { id: `key:${name}`, keyId: id, scopes: new Set(scopes) } }
  }
}
