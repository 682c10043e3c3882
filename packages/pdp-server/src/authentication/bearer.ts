// `Authorization: Bearer` and `WWW-Authenticate` (RFC 6750).
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
const REALM = 'Bearer realm="edict"'

export type Bearer =
  | { readonly kind: 'none' }
  /** There is a header, and no credential of ours in it. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'credential'; readonly text: string }

/** What a request brings. @param maxBytes a longer header is not even looked at */
export function readBearer(header: string | undefined, maxBytes: number): Bearer {
  if (header === undefined || header === '') return { kind: 'none' }
  if (header.length > maxBytes) return { kind: 'malformed' }
  const text = BEARER.exec(header)?.[1]
  if (text !== undefined) return { kind: 'credential', text }
  return /^bearer\b/i.test(header) ? { kind: 'malformed' } : { kind: 'none' }
}

/** Without credentials there is no error code (RFC 6750 §3.1). */
export const CHALLENGE = REALM

export function challengeInvalidToken(description: string): string {
  return `${REALM}, error="invalid_token", error_description="${quotable(description)}"`
}

export function challengeScope(scope: string): string {
  return `${REALM}, error="insufficient_scope", scope="${scope}"`
}

export function challengeInvalidRequest(description: string): string {
  return `${REALM}, error="invalid_request", error_description="${quotable(description)}"`
}

/** What may stand in `error_description` (RFC 6750 §3). */
function quotable(text: string): string {
  return text.replaceAll('`', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '')
}

/** Query parameters in which credentials are sent by mistake; as written in an address, in lower case. */
const SECRET_PARAMETERS = ['access_token', 'api_key', 'apikey', 'id_token', 'authorization']

/** The parameter of a request's target that carries a credential: logs of every hop keep addresses. */
export function findSecretParameter(target: string): string | undefined {
  const query = target.indexOf('?')
  if (query === -1) return undefined
  for (const name of new URLSearchParams(target.slice(query + 1)).keys()) {
    if (SECRET_PARAMETERS.includes(name.toLowerCase())) return name.toLowerCase()
  }
  return undefined
}
