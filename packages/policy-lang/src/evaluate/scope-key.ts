import type { ScopeRecord } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'

/** A key that two scopes share exactly when they are the same. */
export function scopeKey(scope: ScopeRecord): string {
  if (scope === '*') return '*'
  return 'id' in scope ? `entity ${entityKey(scope.type, scope.id)}` : `type ${scope.type}`
}
