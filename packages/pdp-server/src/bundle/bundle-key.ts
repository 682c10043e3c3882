// The keys with which bundles are signed: Ed25519 alone, told apart by their thumbprints (RFC 7638), so that the id of
// a key is nothing that anyone could choose.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type webcrypto,
} from 'node:crypto'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { parseSecretJson } from '../wire/parse-json.ts'
import { isJsonObject } from '../wire/read-body.ts'

/** A key that may sign. */
export interface BundleSigner {
  readonly id: string
  readonly key: KeyObject
}

/** A key whose signatures count. */
export type BundleKey = readonly [id: string, key: KeyObject]

/** Keys whose signatures count, by id. */
export type BundleKeys = ReadonlyMap<string, KeyObject>

export const KEY_ID_PATTERN = /^[A-Za-z0-9_-]{43}$/

const MAX_JWK_DEPTH = 4
const BEGIN_PUBLIC = '-----BEGIN PUBLIC KEY-----'
const PRIVATE_MEMBERS = ['d', 'k', 'p', 'q']

export interface NewBundleKey {
  readonly id: string
  /** PKCS #8, PEM. */
  readonly privatePem: string
  /** SPKI, PEM. */
  readonly publicPem: string
}

export function generateBundleKey(): NewBundleKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    id: idOfKey(publicKey),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/** The private key of a PEM file. Throws `PdpServerError` `bad-bundle-key`, or `unreadable-files`. */
export function readBundleSigner(path: string, shownAs: string = path): BundleSigner {
  const pem = readTextFile(path, shownAs)
  if (!pem.includes('PRIVATE KEY-----')) {
    throw refuseKey(shownAs, 'is no private key in PEM; make one with: edict bundle keygen')
  }
  const key = parseKey(() => createPrivateKey(pem), shownAs, 'is no private key that can be read')
  return { id: idOfKey(createPublicKey(key)), key }
}

/** Public keys of files. Throws as `readBundleKeyFile` does. */
export function readBundleKeys(
  paths: readonly string[],
  show: (path: string) => string = String,
): BundleKeys {
  return new Map(paths.flatMap((path) => readBundleKeyFile(path, show(path))))
}

/** The public keys of a file: one or more in PEM, or one as JWK. Throws `PdpServerError` `bad-bundle-key`, or `unreadable-files`. */
export function readBundleKeyFile(path: string, shownAs: string = path): readonly BundleKey[] {
  return parseBundleKeys(readTextFile(path, shownAs), shownAs)
}

/** The same for what such a file holds. */
export function parseBundleKeys(text: string, shownAs: string): readonly BundleKey[] {
  return readPublicKeys(text, shownAs).map((key) => [idOfKey(key), key])
}

/** Whether a text holds not even a part of a key: whoever left it so took all keys out. */
export function holdsNoKey(text: string): boolean {
  return !text.includes('-----') && !text.trimStart().startsWith('{')
}

/** RFC 7638 over the members that RFC 8037 names for an OKP key. */
function idOfKey(key: KeyObject): string {
  const { x } = toJwk(key)
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
}

/** The public half as JWK, with its id. */
export function toPublicJwk(key: KeyObject): Readonly<Record<string, string>> {
  return { kty: 'OKP', crv: 'Ed25519', x: toJwk(key).x, kid: idOfKey(key), use: 'sig', alg: 'Ed25519' }
}

function toJwk(key: KeyObject): { readonly x: string } {
  const { x } = key.export({ format: 'jwk' })
  if (typeof x !== 'string') throw new Error('an Ed25519 key has x')
  return { x }
}

function readPublicKeys(text: string, shownAs: string): readonly KeyObject[] {
  // A service that holds the private key could sign what it serves: whoever breaks in could, too.
  if (text.includes('PRIVATE KEY-----')) throw refuseKey(shownAs, 'is a private key: name its public half')
  if (!text.trimStart().startsWith('{')) {
    const blocks = text.split(/(?=-----BEGIN )/).filter((block) => block.startsWith('-----BEGIN '))
    if (!blocks.some((block) => block.startsWith(BEGIN_PUBLIC))) {
      throw refuseKey(shownAs, 'is no public key, neither in PEM (BEGIN PUBLIC KEY) nor as JWK')
    }
    return blocks.map((block) =>
      parseKey(() => createPublicKey(block), shownAs, 'is no public key that can be read'),
    )
  }
  // A private key does not belong here; where there is one all the same, none of it is shown.
  const parsed = parseSecretJson(text, MAX_JWK_DEPTH)
  if ('fault' in parsed) throw refuseKey(shownAs, `${parsed.fault.path} ${parsed.fault.detail}`)
  const jwk = parsed.value
  if (!isJsonObject(jwk)) throw refuseKey(shownAs, 'is no JWK')
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw refuseKey(shownAs, 'is a private key: name its public half')
  }
  const { kty, crv, x } = jwk
  const key = { kty, crv, x } as webcrypto.JsonWebKey
  return [parseKey(() => createPublicKey({ key, format: 'jwk' }), shownAs, 'is no JWK of a public key')]
}

function parseKey(parse: () => KeyObject, shownAs: string, detail: string): KeyObject {
  let key: KeyObject
  try {
    key = parse()
  } catch (cause) {
    throw refuseKey(shownAs, detail, cause)
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw refuseKey(
      shownAs,
      `is a key for ${key.asymmetricKeyType ?? 'something else'}: bundles take Ed25519`,
    )
  }
  return key
}

function refuseKey(shownAs: string, detail: string, cause?: unknown): PdpServerError {
  return new PdpServerError('bad-bundle-key', `${shownAs} ${detail}`, { cause })
}
