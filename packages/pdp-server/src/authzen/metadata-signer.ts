// AuthZEN metadata as a signed statement of the decision point (AuthZEN 1.0 §9): a compact JWS that is made anew well
// before it expires.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { statSync } from 'node:fs'
import { calculateJwkThumbprint, SignJWT } from 'jose'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'

/** The same text for the same metadata, as long as it is fresh. */
export type SignMetadata = (metadata: Metadata) => Promise<string>

interface Metadata {
  readonly policy_decision_point: string
}

const LIFETIME_SECONDS = 3600
/** Whoever gets it can count on it for most of its life: answers with it are kept for five minutes by others. */
const RENEW_AFTER_SECONDS = 600

export interface MetadataSignerOptions {
  readonly keyFile: string
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

/** Throws `PdpServerError` `unreadable-files` or `bad-configuration` where the key cannot be used. */
export async function createMetadataSigner(options: MetadataSignerOptions): Promise<SignMetadata> {
  const { keyFile, now = Date.now } = options
  const key = readSigningKey(keyFile)
  const alg = algorithmOf(key, keyFile)
  const kid = await calculateJwkThumbprint(createPublicKey(key))
  let last: { readonly claims: string; readonly issuedAt: number; readonly text: Promise<string> } | undefined
  return (metadata) => {
    const issuedAt = Math.floor(now() / 1000)
    const claims = JSON.stringify(metadata)
    // A clock that was set back must not leave a statement of the future in use.
    const age = last === undefined ? Number.NaN : issuedAt - last.issuedAt
    if (last !== undefined && last.claims === claims && age >= 0 && age < RENEW_AFTER_SECONDS)
      return last.text
    const text = new SignJWT({ ...metadata })
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .setIssuer(metadata.policy_decision_point)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      .sign(key)
    last = { claims, issuedAt, text }
    return text
  }
}

function readSigningKey(path: string): KeyObject {
  const pem = readTextFile(path)
  refuseKnownToOthers(path)
  try {
    return createPrivateKey(pem)
  } catch {
    // What OpenSSL says of it could hold parts of it.
    throw refuse(path, 'is no private key in PEM: openssl genpkey -algorithm ed25519 -out metadata-key.pem')
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, path: string): string {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  throw refuse(path, 'is a key of another kind: metadata is signed with Ed25519 or P-256')
}

/**
 * Whoever reads the key can sign what clients believe. Its group may read it: that is how Kubernetes hands secrets to
 * a process that is not root.
 */
function refuseKnownToOthers(path: string): void {
  if (process.platform === 'win32') return
  if ((statSync(path).mode & 0o027) === 0) return
  throw refuse(path, `can be read by everybody, or written by its group: chmod 600 ${path}`)
}

function refuse(path: string, detail: string): PdpServerError {
  return new PdpServerError('bad-configuration', `\`metadataKeyFile\`: ${path} ${detail}`)
}
