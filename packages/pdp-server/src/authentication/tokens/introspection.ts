// Asks an issuer about tokens that only it can read (RFC 7662).
import { readTextFile } from '../../files/read-text-file.ts'
import { checkClaims } from './check-claims.ts'
import { fetchLimited } from './fetch-limited.ts'
import type { TokenIssuer } from './issuer-config.ts'
import { parseObject } from './read-jws.ts'
import type { Introspect, TokenFault } from './token-verifier.ts'

const TIMEOUT_MS = 5000
const ANSWER_DEPTH = 16

const OUTAGE: TokenFault = { fault: 'the issuer cannot be asked about tokens now', isOutage: true }

/** Undefined where the issuer answers no such questions. Throws `PdpServerError` where its secret cannot be read. */
export function createIntrospect(issuer: TokenIssuer, now: () => number): Introspect | undefined {
  const { introspection } = issuer
  if (introspection === undefined) return undefined
  const { url, clientId, clientSecretFile } = introspection
  const secret = readTextFile(clientSecretFile).trim()
  const authorization = `Basic ${btoa(`${encode(clientId)}:${encode(secret)}`)}`
  return async (token) => {
    const answer = await ask(url, authorization, token)
    if (answer === undefined) return OUTAGE
    // Anything but `true` is a no; why, the issuer does not say (RFC 7662 §2.2).
    if (answer.active !== true) return { fault: 'the token is not active' }
    // The issuer may leave out what it knows by itself: the question went to it alone.
    return checkClaims({ iss: issuer.issuer, ...answer }, issuer, now())
  }
}

async function ask(url: string, authorization: string, token: string) {
  try {
    const response = await fetchLimited(url, {
      method: 'POST',
      headers: {
        authorization,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status !== 200) return undefined
    return parseObject(new Uint8Array(await response.arrayBuffer()), ANSWER_DEPTH)
  } catch {
    return undefined
  }
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function encode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
