// The algorithms of RFC 9421 §3.3 that count here. Which one a signature is checked by, its key says.
import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto'

/** Not `rsa-v1_5-sha256`: nobody needs to begin with it. */
export const ALGORITHMS = [
  'ed25519',
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'rsa-pss-sha512',
  'hmac-sha256',
] as const
export type SignatureAlgorithm = (typeof ALGORITHMS)[number]

const MIN_RSA_BITS = 2048

/** What keeps a key from being used with an algorithm. */
export function findKeyFault(algorithm: SignatureAlgorithm, key: KeyObject): string | undefined {
  if (fits(algorithm, key)) return undefined
  return `must hold a key for \`${algorithm}\`${algorithm === 'rsa-pss-sha512' ? ` of at least ${MIN_RSA_BITS} bits` : ''}`
}

function fits(
  algorithm: SignatureAlgorithm,
  { type, asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
): boolean {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {}
  switch (algorithm) {
    case 'hmac-sha256':
      return type === 'secret'
    case 'ed25519':
      return asymmetricKeyType === 'ed25519'
    case 'ecdsa-p256-sha256':
      return asymmetricKeyType === 'ec' && namedCurve === 'prime256v1'
    case 'ecdsa-p384-sha384':
      return asymmetricKeyType === 'ec' && namedCurve === 'secp384r1'
    case 'rsa-pss-sha512':
      return (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') && modulusLength >= MIN_RSA_BITS
  }
}

/** Whether a signature is that of the key over the text. */
export function isSignatureOf(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  base: string,
  signature: Buffer,
): boolean {
  const bytes = Buffer.from(base, 'latin1')
  try {
    switch (algorithm) {
      case 'hmac-sha256': {
        const expected = createHmac('sha256', key).update(bytes).digest()
        return signature.length === expected.length && timingSafeEqual(signature, expected)
      }
      case 'ed25519':
        return verify(null, bytes, key, signature)
      case 'ecdsa-p256-sha256':
        return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
      case 'ecdsa-p384-sha384':
        return verify('sha384', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
      case 'rsa-pss-sha512':
        return verify(
          'sha512',
          bytes,
          { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
          signature,
        )
    }
  } catch {
    // A key of such parameters as the library refuses to use.
    return false
  }
}
