import type { ScopeRecord, TargetRecord } from './entity-data.ts'
import { entityKey } from './entity-key.ts'

/** A key that two scopes share exactly when they are the same. */
export function scopeKey(scope: ScopeRecord): string {
  if (scope === '*') return '*'
  return 'id' in scope ? `entity ${entityKey(scope.type, scope.id)}` : `type ${scope.type}`
}

/** A key that two targets share exactly when they are the same. */
export function targetKey(target: TargetRecord): string {
  if (target === '*' || !('role' in target)) return scopeKey(target)
  const { role, on } = target
  return `holders ${role.length}:${role}${entityKey(on.type, on.id)}`
}
