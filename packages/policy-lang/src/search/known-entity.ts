import type { LinkedProgram } from '../evaluate/link.ts'
import type { EntityInput, ReadRequest } from '../evaluate/read-request.ts'
import type { EntityStore } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'

/**
 * Whether anybody knows the entity: the store, the request, or its type, where that has nothing to know. Of one of
 * whom nothing is known, a search finds nothing.
 */
export function isKnownEntity(
  { ref, properties }: EntityInput,
  { entities }: ReadRequest,
  store: EntityStore,
  { types }: LinkedProgram,
): boolean {
  const schema = types.get(ref.type)?.schema
  if (schema === undefined) return false
  if (properties !== undefined || (schema.attributes.length === 0 && schema.parents.length === 0)) return true
  const stored = store.entity({ type: ref.type, id: ref.id })
  return typeof stored === 'object' || (stored === 'absent' && entities.has(entityKey(ref.type, ref.id)))
}
