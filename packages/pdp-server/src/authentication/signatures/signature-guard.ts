// Signed requests, put together from the configuration.
import { z } from 'zod'
import { text, whole } from '../../config-values.ts'
import type { Exchange } from '../../middleware/gate.ts'
import type { Log } from '../../telemetry/log.ts'
import type { ReadinessCheck } from '../../telemetry/readiness.ts'
import { followFile } from '../follow-file.ts'
import { createNonces, type Nonces } from './nonces.ts'
import { readSignatureKeyFile } from './signature-key-file.ts'
import { createSignedCallers, isSigned, type SignatureOutcome, signatureWindowMs } from './signed-callers.ts'
import { createSignedMessageReader } from './signed-message.ts'

export const signatureShape = {
  signatureKeys: text('a file')
    .optional()
    .describe('File of the keys with which callers sign requests (RFC 9421). Turns signed requests on.'),
  signatureMaxAgeSeconds: whole(1, 3600)
    .default(60)
    .describe('How old a signature may be; so long its nonce is remembered.'),
}

/** Keys whose values are paths. */
export const SIGNATURE_PATHS = ['signatureKeys'] as const

const schema = z.object(signatureShape)
export type SignatureConfig = Readonly<z.infer<typeof schema>> & { readonly publicUrl?: string | undefined }

export interface SignatureGuard {
  /** Whether a request means to be signed. */
  readonly isSigned: (exchange: Exchange) => boolean
  readonly authenticate: (
    exchange: Exchange,
    mayCheck: () => boolean,
  ) => SignatureOutcome | Promise<SignatureOutcome>
  /** Whether keys can be had, for readiness. */
  readonly check: () => ReadinessCheck
}

/**
 * @param nonces default: those of this process
 * Throws `PdpServerError` `unreadable-files` where the file of keys cannot be used.
 */
export function createSignatureGuard(
  path: string,
  { publicUrl, signatureMaxAgeSeconds }: SignatureConfig,
  log: Log,
  nonces: Nonces = createNonces(signatureWindowMs(signatureMaxAgeSeconds)),
): SignatureGuard {
  const file = followFile({
    path,
    read: () => readSignatureKeyFile(path),
    what: 'file of signature keys',
    log,
  })
  const readMessage = createSignedMessageReader(publicUrl)
  const authenticate = createSignedCallers({
    keys: file.entries,
    nonces,
    maxAgeSeconds: signatureMaxAgeSeconds,
    startedAt: Date.now(),
    now: Date.now,
    ticks: () => performance.now(),
  })
  return {
    isSigned: ({ header }) => isSigned(header),
    authenticate: (exchange, mayCheck) => {
      const read = readMessage(exchange)
      return 'fault' in read ? read : authenticate(read.message, mayCheck)
    },
    check: () => ({ name: 'signature-keys', ...file.check() }),
  }
}
