// The keys of the configuration that say who may ask.
import { z } from 'zod'
import { jsonList, listOf, text, whole, yesOrNo } from '../config-values.ts'
import { ENVIRONMENT_PATTERN } from './api-key.ts'
import { OPEN_ENDPOINTS } from './required-scope.ts'
import { SIGNATURE_PATHS, signatureShape } from './signatures/signature-guard.ts'
import { TLS_PATHS, tlsShape } from './tls-config.ts'
import { callerIssuerSchema } from './tokens/callers.ts'
import { findIssuersFault, type TokenIssuer } from './tokens/issuer-config.ts'
import { prefixOf, type SubjectIssuer, subjectIssuerSchema } from './tokens/subjects.ts'

/** Issuers, each by itself and all together. */
function checkedIssuers<T extends z.ZodType<TokenIssuer>>(issuer: T) {
  return jsonList(issuer).superRefine((issuers, context) => {
    const fault = findIssuersFault(issuers) ?? findPrefixFault(issuers)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })
}

/** Two subjects must never share an id: no prefix may begin with another of the same type. */
function findPrefixFault(issuers: readonly (TokenIssuer & Partial<SubjectIssuer>)[]): string | undefined {
  const subjects = issuers.flatMap((issuer) =>
    issuer.subjectType === undefined ? [] : [{ type: issuer.subjectType, prefix: prefixOf(issuer) }],
  )
  const clash = subjects.find((one) =>
    subjects.some((other) => other !== one && other.type === one.type && one.prefix.startsWith(other.prefix)),
  )
  if (clash === undefined) return undefined
  return `must tell subjects apart: the \`subjectIdPrefix\` \`${clash.prefix}\` begins with another`
}

export const authenticationShape = {
  ...tlsShape,
  keyFile: text('a file')
    .optional()
    .describe('File of API keys, made by `edict keys create`. Turns API keys on.'),
  keyUseFile: text('a file')
    .optional()
    .describe('Where the last use of each key is kept. Default: beside `keyFile`, as `NAME.last-used.json`.'),
  keyEnvironment: text('a name')
    .regex(ENVIRONMENT_PATTERN, {
      error: 'must be a name of lower-case letters and digits, at most 16',
    })
    .default('live')
    .describe('Keys made for another environment are refused.'),
  callerIssuers: checkedIssuers(callerIssuerSchema)
    .optional()
    .describe('Issuers of JWTs with which callers say who they are. Turns such tokens on.'),
  subjectIssuers: checkedIssuers(subjectIssuerSchema)
    .optional()
    .describe('Issuers of tokens of end users: `subject` and `context.token` come from `token` alone then.'),
  trustCallerClaims: yesOrNo
    .default(false)
    .describe('With `subjectIssuers`: callers that send no `token` may say themselves who the subject is.'),
  revocationFile: text('a file')
    .optional()
    .describe('Where revoked tokens are kept. Default: in memory, so that a restart forgets them.'),
  ...signatureShape,
  openEndpoints: listOf(OPEN_ENDPOINTS)
    .default(['index', 'health', 'metadata', 'openapi'])
    .describe(
      'What answers callers that do not say who they are; `metrics` asks for the scope `admin` else.',
    ),
  authFailuresPerMinute: whole(0, 1_000_000)
    .default(30)
    .describe('Bad credentials that an address, or a key, may send before it hears 429; `0`: any number.'),
  callerRequestsPerSecond: whole(0, 10_000_000)
    .default(0)
    .describe('Requests that a caller may send before it hears 429; `0`: any number.'),
  maxCredentialBytes: whole(256, 65_536)
    .default(8192)
    .describe('A longer `Authorization` header or token is refused unread.'),
}

/** Keys whose values are paths. */
export const AUTHENTICATION_PATHS = [
  'keyFile',
  'keyUseFile',
  'revocationFile',
  ...SIGNATURE_PATHS,
  ...TLS_PATHS,
] as const

const schema = z.object(authenticationShape)
export type AuthenticationConfig = Readonly<z.infer<typeof schema>> & {
  readonly publicUrl?: string | undefined
}

/** Starts the paths that stand inside a value where the value stands. */
export function resolveIssuerPaths(value: unknown, toPath: (path: string) => string): unknown {
  if (!Array.isArray(value)) return value
  return (value as readonly TokenIssuer[]).map((issuer) => ({
    ...issuer,
    ...(issuer.jwksFile !== undefined && { jwksFile: toPath(issuer.jwksFile) }),
    ...(issuer.introspection !== undefined && {
      introspection: {
        ...issuer.introspection,
        clientSecretFile: toPath(issuer.introspection.clientSecretFile),
      },
    }),
  }))
}

/**
 * What does nothing, although somebody said it.
 * @param isReachable whether others than this machine can reach the service
 */
export function findAuthenticationContradictions(
  config: AuthenticationConfig,
  isReachable: boolean,
): readonly string[] {
  const { callerIssuers, subjectIssuers, revocationFile, trustCallerClaims, signatureKeys, publicUrl } =
    config
  const found: (string | false)[] = [
    revocationFile !== undefined &&
      callerIssuers === undefined &&
      subjectIssuers === undefined &&
      '`revocationFile` is given, but there are no tokens to revoke: set `callerIssuers` or `subjectIssuers`, or leave it out',
    trustCallerClaims &&
      subjectIssuers === undefined &&
      '`trustCallerClaims` is on, but without `subjectIssuers` callers say who the subject is in any case: set these, or leave it out',
    signatureKeys !== undefined &&
      isReachable &&
      publicUrl === undefined &&
      '`signatureKeys` lets nobody in from elsewhere without the address that requests are signed for: set `publicUrl`, or listen on 127.0.0.1',
  ]
  return found.filter((complaint) => complaint !== false)
}
