// Signing and checking: a JWS with detached, unencoded payload (RFC 7515, RFC 7797) by Ed25519 (RFC 8032, RFC 9864)
// over the bytes as they are. The header has one form for each key, and any other is refused: a bundle can choose
// neither an algorithm nor where a key comes from.
import { sign, verify } from 'node:crypto'
import { parseJsonBytes } from '../wire/parse-json.ts'
import { isJsonObject } from '../wire/read-body.ts'
import { refuseBundle } from './bundle-error.ts'
import { type BundleKeys, type BundleSigner, KEY_ID_PATTERN } from './bundle-key.ts'

/** Stands where the seal would, in a bundle that nobody signed. */
export const UNSIGNED = 'unsigned'

const SIGNATURE_PATTERN = /^[A-Za-z0-9_-]{86}$/
const HEADER_DEPTH = 3

export function sealPayload(payload: Uint8Array, { id, key }: BundleSigner): string {
  const header = toHeader(id)
  const signature = sign(null, toSigned(header, payload), key)
  return `${header}..${signature.toString('base64url')}`
}

/** The id of the key that signed. Throws `PdpServerError` `bad-bundle` unless it is one of these. */
export function verifySeal(seal: string, payload: Uint8Array, keys: BundleKeys): string {
  const { keyId, header, signature } = readSeal(seal)
  const key = keys.get(keyId)
  if (key === undefined)
    throw refuseBundle(`is signed with the key ${keyId}, which is none of those that count`)
  if (!verify(null, toSigned(header, payload), key, signature)) {
    throw refuseBundle(`has no signature of the key ${keyId}: it was changed, or never signed with it`)
  }
  return keyId
}

/** Whose signature a bundle claims to have; undefined where it claims none. Throws `PdpServerError` `bad-bundle`. */
export function readSealKeyId(seal: string): string | undefined {
  return seal === UNSIGNED ? undefined : readSeal(seal).keyId
}

interface Seal {
  readonly keyId: string
  readonly header: string
  readonly signature: Uint8Array
}

function readSeal(seal: string): Seal {
  if (seal === UNSIGNED) throw refuseBundle('is not signed')
  const [header = '', payload, text = '', ...more] = seal.split('.')
  if (payload !== '' || more.length > 0) throw refuseBundle('has a second line that is no detached JWS')
  const keyId = readKeyId(header)
  const signature = Buffer.from(text, 'base64url')
  // One text for each signature, so that a bundle has one form.
  if (!SIGNATURE_PATTERN.test(text) || signature.toString('base64url') !== text) {
    throw refuseBundle('has a signature that is no Ed25519 signature in base64url')
  }
  return { keyId, header, signature }
}

/** Only what names the key is taken from the header; that the rest is as it must be follows from comparing it whole. */
function readKeyId(header: string): string {
  const parsed = parseJsonBytes(Buffer.from(header, 'base64url'), HEADER_DEPTH)
  const fields = 'value' in parsed && isJsonObject(parsed.value) ? parsed.value : {}
  const { kid, alg } = fields
  if (alg !== 'Ed25519') {
    throw refuseBundle(
      `is not signed with Ed25519${typeof alg === 'string' ? `, but says ${show(alg)}` : ''}`,
    )
  }
  if (typeof kid !== 'string' || !KEY_ID_PATTERN.test(kid))
    throw refuseBundle('does not say whose key signed it')
  if (toHeader(kid) !== header)
    throw refuseBundle('has a header that says more, or less, than that of a bundle')
  return kid
}

function toHeader(keyId: string): string {
  const header = { alg: 'Ed25519', b64: false, crit: ['b64'], kid: keyId, typ: 'edict-bundle' }
  return Buffer.from(JSON.stringify(header)).toString('base64url')
}

function toSigned(header: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${header}.`, 'latin1'), payload])
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 20))
}
