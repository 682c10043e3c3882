// The keys of the configuration that say how connections are protected.
import { z } from 'zod'
import { jsonList, text } from '../config-values.ts'
import { SCOPES } from './caller.ts'
import { KEY_NAME_PATTERN } from './key-file.ts'

const certificateCallerSchema = z.strictObject({
  name: text('a name').regex(KEY_NAME_PATTERN, { error: 'must be a name of at most 64 letters and digits' }),
  /** What its certificate must hold, whole. */
  certificate: text('such as DNS:billing.internal').regex(/^(DNS|URI|CN|SHA256):[\x21-\x7e]+$/, {
    error: 'must be DNS:…, URI:… (alternative names), CN:… (the common name) or SHA256:… (the fingerprint)',
  }),
  scopes: z.array(z.enum(SCOPES, { error: `must be of ${SCOPES.join(', ')}` })),
})
export type CertificateCaller = Readonly<z.infer<typeof certificateCallerSchema>>

export const tlsShape = {
  tlsCertFile: text('a file')
    .optional()
    .describe('Certificate (PEM, with those between it and its authority). Turns TLS on, with `tlsKeyFile`.'),
  tlsKeyFile: text('a file').optional().describe('Private key of the certificate (PEM).'),
  tlsClientCaFile: text('a file')
    .optional()
    .describe('Authorities (PEM) whose certificates clients must show. Turns mutual TLS on.'),
  tlsClientCertificate: z
    .enum(['required', 'optional'], { error: 'must be required or optional' })
    .default('required')
    .describe('With `optional`, clients without a certificate may connect, and show a key or token instead.'),
  certificateCallers: jsonList(certificateCallerSchema)
    .optional()
    .describe('Callers that are known by their certificate, with their scopes.'),
}

const schema = z.object(tlsShape)
export type TlsConfig = Readonly<z.infer<typeof schema>>

export const TLS_PATHS = ['tlsCertFile', 'tlsKeyFile', 'tlsClientCaFile'] as const

/** What contradicts itself. */
export function findTlsContradiction(config: TlsConfig): string | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile, certificateCallers } = config
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    return '`tlsCertFile` and `tlsKeyFile` go together: set both, or neither'
  }
  if (tlsClientCaFile !== undefined && tlsCertFile === undefined) {
    return '`tlsClientCaFile` needs TLS: set `tlsCertFile` and `tlsKeyFile`'
  }
  if (certificateCallers !== undefined && tlsClientCaFile === undefined) {
    return '`certificateCallers` needs `tlsClientCaFile`, which says whose certificates count'
  }
  return undefined
}
