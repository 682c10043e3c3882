import type { Scope } from './caller.ts'

/** What a path asks of its caller: nothing, to be known, or a scope. */
export type Requirement = 'open' | 'known' | Scope

/** Groups of paths that answer whoever asks, unless told otherwise. */
export const OPEN_ENDPOINTS = ['index', 'health', 'metadata', 'openapi', 'metrics'] as const
export type OpenEndpoint = (typeof OPEN_ENDPOINTS)[number]

interface PathRule {
  readonly pattern: RegExp
  readonly scope?: Scope
  readonly group?: OpenEndpoint
}

/** The first that fits counts. INVARIANT: a path that none fits asks for a known caller. */
const RULES: readonly PathRule[] = [
  { pattern: /^\/$/, group: 'index' },
  { pattern: /^\/(healthz|readyz)$/, group: 'health' },
  { pattern: /^\/\.well-known\/authzen-configuration(\/|$)/, group: 'metadata' },
  { pattern: /^\/(openapi\.json$|docs(\/|$))/, group: 'openapi' },
  { pattern: /^\/metrics$/, group: 'metrics', scope: 'admin' },
  { pattern: /^\/decide$/, scope: 'decide' },
  { pattern: /^\/access\/v1\/evaluations?$/, scope: 'decide' },
  { pattern: /^\/access\/v1\/search\//, scope: 'search' },
  { pattern: /^\/(entities|assignments|revocations|admin)(\/|$)/, scope: 'admin' },
]

export function createRequirements(open: readonly OpenEndpoint[]): (path: string) => Requirement {
  return (path) => {
    const rule = RULES.find(({ pattern }) => pattern.test(path))
    if (rule?.group !== undefined && open.includes(rule.group)) return 'open'
    return rule?.scope ?? 'known'
  }
}
