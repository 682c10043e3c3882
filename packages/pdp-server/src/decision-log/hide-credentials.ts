// Tokens and keys are never logged, wherever a caller put them. What looks like one is replaced before it becomes text.
import type { JsonValue } from '@edict/policy-lang/program'
import { SHORTEST_CREDENTIAL } from './plain-text.ts'

const HIDDEN = '[hidden]'

/**
 * A JWT (RFC 7519) with or without scheme, and the keys that `edict keys` makes. INVARIANT: `isHarmless` relies on each
 * having a dot, an underscore or a blank within. INVARIANT: texts are strangers' and as long as a body, so no letter may
 * be looked at more than a few times: of the places in a row of letters where a token could begin, only the first is
 * followed, and to look back for one before ends at the nearest.
 */
const CREDENTIAL =
  /\beyJ(?<!\beyJ[\w-]*?eyJ)[\w-]+\.[\w-]*\.|\bedict_[a-z][a-z0-9]*_[0-9A-Za-z]{40,}|^\s*(?:bearer|basic|dpop)\s+\S/i

/** Names whose text is a secret whatever it looks like; objects below them are looked into. */
const SECRET_NAME =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|password|passwd|secret|client_?secret|api_?key|x-api-key|private_?key|access_?token|refresh_?token|id_?token|token|jwt|bearer)$/i

/** Text that holds no credential, or a mark that stands for it whole. */
export function hideCredential(text: string): string {
  return text.length >= SHORTEST_CREDENTIAL && CREDENTIAL.test(text) ? HIDDEN : text
}

/** The same value with a mark for every text that is, or is named as, a credential. Gives the value itself where none is. */
export function hideCredentials(value: JsonValue | undefined, name = ''): JsonValue | undefined {
  if (typeof value === 'string') return SECRET_NAME.test(name) ? HIDDEN : hideCredential(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => hideCredentials(item, name) ?? null)
  // Entries, not assignment: `__proto__` is a name like any other.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, hideCredentials(member, key) as JsonValue]),
  )
}
