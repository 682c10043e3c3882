// What a deployment says of an issuer of tokens: where its keys are, and what a token of it must say.
import { isIP } from 'node:net'
import { z } from 'zod'
import { text, whole } from '../../config-values.ts'

/** Asymmetric alone: with a shared secret, whoever can check a token can make one. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

const names = (what: string) => z.array(text(what), { error: `must be a list, each ${what}` })

/** https, or http on this machine: keys and answers of an issuer must not be made up on the way. */
const address = text('an https address').refine(isSafeAddress, {
  error: 'must be an https address without credentials or fragment (http only on this machine)',
})

const introspectionSchema = z.strictObject({
  url: address,
  clientId: text('a text'),
  /** A file, so that the secret stands in no configuration that is shown around. */
  clientSecretFile: text('a file'),
  /** Answers count for so long, and never longer than the token. 0: ask each time. */
  cacheSeconds: whole(0, 300).default(10),
})

/** Members that callers' and subjects' issuers have alike. */
export const issuerMembers = {
  issuer: text('the `iss` of its tokens'),
  /** A token must name one of these in its `aud`. */
  audience: z.union([text('a text'), names('a text').min(1)], { error: 'must be a text or a list of texts' }),
  jwksUri: address.optional(),
  jwksFile: text('a file').optional(),
  introspection: introspectionSchema.optional(),
  algorithms: z
    .array(
      z.enum(TOKEN_ALGORITHMS, {
        error: `must be of ${TOKEN_ALGORITHMS.join(', ')}: only who makes tokens may be able to`,
      }),
    )
    .min(1, { error: 'must name an algorithm' })
    .default(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']),
  /** The `typ` that a token must have; `any` accepts all, so that one kind of token may pass for another. */
  type: text('a `typ`').default('at+jwt'),
  /** Claims that must be there besides `iss`, `aud`, `sub` and `exp`. */
  requiredClaims: names('a claim').default([]),
  clockToleranceSeconds: whole(0, 300).default(10),
}

const issuerSchema = z.strictObject(issuerMembers)
export type TokenIssuer = Readonly<z.infer<typeof issuerSchema>>

/** What is wrong with issuers as a whole. */
export function findIssuersFault(issuers: readonly TokenIssuer[]): string | undefined {
  for (const { issuer, jwksUri, jwksFile, introspection } of issuers) {
    if (issuers.filter((other) => other.issuer === issuer).length > 1) return `names ${issuer} twice`
    if (jwksUri !== undefined && jwksFile !== undefined) {
      return `must give ${issuer} \`jwksUri\` or \`jwksFile\`, not both`
    }
    if ((jwksUri ?? jwksFile ?? introspection) === undefined) {
      return `must give ${issuer} \`jwksUri\`, \`jwksFile\` or \`introspection\``
    }
  }
  // An opaque token does not say whose it is, and one issuer must not see the tokens of another.
  const asked = issuers.filter(({ introspection }) => introspection !== undefined)
  return asked.length > 1 ? 'must have `introspection` for one issuer alone' : undefined
}

function isSafeAddress(value: string): boolean {
  const url = URL.parse(value)
  if (url === null || url.username !== '' || url.password !== '' || value.includes('#')) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(url.hostname))
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
}
