// Signs requests as a caller would, and wrongly where a test wants that.
import {
  createHash,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'
import { type InnerList, type Parameters, serializeInnerList } from 'structured-headers'
import { createSignatureBase, type SignedMessage } from '../authentication/signatures/signature-base.ts'

export interface Signer {
  readonly keyId: string
  readonly algorithm: 'ed25519' | 'hmac-sha256'
  readonly key: KeyObject
  /** Its entry in the file of keys. */
  readonly record: Readonly<Record<string, unknown>>
}

export interface SignOptions {
  readonly url: string
  readonly method?: string
  readonly body?: string | undefined
  readonly components?: readonly string[]
  /** Instead of the usual ones; undefined leaves one out. */
  readonly parameters?: Readonly<Record<string, string | number | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly label?: string
}

const COMPONENTS = ['@method', '@target-uri', 'content-digest'] as const

export function createSigner(
  name: string,
  scopes: readonly string[],
  algorithm: Signer['algorithm'] = 'ed25519',
): Signer {
  const keyId = `${name}-1`
  const common = { id: keyId, name, scopes, algorithm }
  if (algorithm === 'hmac-sha256') {
    const secret = Buffer.from(randomUUID() + randomUUID())
    return {
      keyId,
      algorithm,
      key: createSecretKey(secret),
      record: { ...common, secret: secret.toString('base64') },
    }
  }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  return { keyId, algorithm, key: privateKey, record: { ...common, publicKey: pem } }
}

export function toKeyFile(signers: readonly Signer[]): string {
  return JSON.stringify({ format: 'edict-signature-keys/1', keys: signers.map(({ record }) => record) })
}

export function digestOf(body: string): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

/** All headers of a signed request. */
export function signRequest(signer: Signer, options: SignOptions): Readonly<Record<string, string>> {
  const { url, method = 'POST', body, components = COMPONENTS, label = 'sig' } = options
  const headers: Record<string, string> = {
    ...(body !== undefined && { 'content-type': 'application/json', 'content-digest': digestOf(body) }),
    ...options.headers,
  }
  const target = new URL(url)
  const message: SignedMessage = {
    method,
    scheme: target.protocol.slice(0, -1),
    authority: target.host,
    path: target.pathname,
    query: target.search === '' ? undefined : target.search,
    header: (name) => headers[name],
  }
  const input: InnerList = [
    components.map((component) => [component, new Map()]),
    toParameters({
      // Not the second that has begun: in it, the service may have begun, too.
      created: Math.ceil(Date.now() / 1000),
      keyid: signer.keyId,
      nonce: randomUUID(),
      ...options.parameters,
    }),
  ]
  const made = createSignatureBase(input, message)
  const base = 'base' in made ? made.base : made.fault
  return {
    ...headers,
    'signature-input': `${label}=${serializeInnerList(input)}`,
    signature: `${label}=:${signText(signer, base)}:`,
  }
}

function toParameters(parameters: Readonly<Record<string, string | number | undefined>>): Parameters {
  return new Map(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  )
}

function signText({ algorithm, key }: Signer, base: string): string {
  if (algorithm === 'ed25519') return sign(null, Buffer.from(base), key).toString('base64')
  return createHmac('sha256', key).update(base).digest('base64')
}
