// Where the public keys of an issuer come from: a file, or an address that is asked now and then.
import {
  type CompactVerifyGetKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
} from 'jose'
import { PdpServerError } from '../../errors.ts'
import { readTextFile } from '../../files/read-text-file.ts'
import { parseSecretJson } from '../../wire/parse-json.ts'
import { fetchLimited } from './fetch-limited.ts'

const JWKS_DEPTH = 6
const TIMEOUT_MS = 5000
/** Keys are asked for again after so long, or when a token names one that is not known. */
const CACHE_MS = 600_000
/** The least time between two questions, however many tokens name keys that do not exist. */
const COOLDOWN_MS = 30_000
/** An issuer that fails is asked no sooner than this. */
const RETRY_MS = 5000
/** While an issuer cannot be reached, its last keys count for so long. */
const MAX_STALE_MS = 3_600_000

/** Keys of a file of public keys. Throws `PdpServerError` `bad-configuration`. */
export function createFileKeySource(path: string): CompactVerifyGetKey {
  // Secret keys do not belong here; where there are some all the same, none of them is shown.
  const parsed = parseSecretJson(readTextFile(path), JWKS_DEPTH)
  if ('fault' in parsed) throw refuse(path, `${parsed.fault.path} ${parsed.fault.detail}`)
  const set = parsed.value as JSONWebKeySet
  let keys: CompactVerifyGetKey
  try {
    keys = createLocalJWKSet(set)
  } catch (cause) {
    throw refuse(path, 'is no JSON Web Key Set', cause)
  }
  for (const [index, key] of set.keys.entries()) {
    const isSecret = ['d', 'k', 'p', 'q', 'priv'].some((member) => member in key)
    if (isSecret) throw refuse(path, `$.keys[${index}] is a secret key: only public keys belong here`)
  }
  return keys
}

/** Keys of an address, kept and renewed. An issuer that is down for a while does not turn its tokens away. */
export function createRemoteKeySource(uri: string): CompactVerifyGetKey {
  const clock = () => performance.now()
  let failedAt: number | undefined
  let fetchedAt: number | undefined
  const remote = createRemoteJWKSet(new URL(uri), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: CACHE_MS,
    [customFetch]: async (url, init) => {
      if (failedAt !== undefined && clock() - failedAt < RETRY_MS) throw new Error('failed a moment ago')
      try {
        const response = await fetchLimited(url, init)
        if (!response.ok) throw new Error(`status ${response.status}`)
        // Looked at here, so that an issuer that answers with anything else is left alone for a while, too.
        createLocalJWKSet((await response.clone().json()) as JSONWebKeySet)
        failedAt = undefined
        fetchedAt = clock()
        return response
      } catch (error) {
        failedAt = clock()
        throw error
      }
    },
  })
  let stale: { readonly fetchedAt: number; readonly keys: CompactVerifyGetKey } | undefined
  return async (header, token) => {
    try {
      return await remote(header, token)
    } catch (error) {
      const known = remote.jwks()
      if (!isOutage(error) || known === undefined || fetchedAt === undefined) throw error
      if (clock() - fetchedAt > MAX_STALE_MS) throw error
      if (stale?.fetchedAt !== fetchedAt) stale = { fetchedAt, keys: createLocalJWKSet(known) }
      return stale.keys(header, token)
    }
  }
}

/** Whether keys could not be had, rather than that a token names none of them. */
export function isOutage(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true
  // What the fetch of an issuer's keys throws is either no error of jose, or its plain one.
  return !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC'
}

function refuse(path: string, detail: string, cause?: unknown): PdpServerError {
  return new PdpServerError('bad-configuration', `${path}: ${detail}`, { cause })
}
