import type { Caller } from '../middleware/gate.ts'

/** What a caller may do. Explanations reveal policy, so `decide` alone does not bring them. */
export const SCOPES = ['decide', 'search', 'explain', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * Who asks: the application or enforcement point, not the subject of a question. The id names it in logs, metrics and
 * limits: `key:billing`, `token:https://issuer.example|client-7`.
 */
export interface AuthenticatedCaller extends Caller {
  /** Which of the caller's keys, where it came with one. No secret. */
  readonly keyId?: string
}

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}
