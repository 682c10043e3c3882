/** What a caller may do. Explanations reveal policy, so `decide` alone does not bring them. */
export const SCOPES = ['decide', 'search', 'explain', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}
