import type { LinkedProgram } from '../evaluate/link.ts'
import type { ReadRequest } from '../evaluate/read-request.ts'
import type { EntityStore } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { EntityRef } from '../model/values.ts'

/**
 * Whether anybody knows the entity: the store, the request, or its type, where that has nothing to know. Of one of
 * whom nothing is known, a search finds nothing.
 */
export function isKnownEntity(
  side: 'subject' | 'resource',
  request: ReadRequest,
  store: EntityStore,
  { types }: LinkedProgram,
): boolean {
  const { ref } = request[side]
  const schema = types.get(ref.type)?.schema
  if (schema === undefined) return false
  if (isDescribed(request, ref) || (schema.attributes.length === 0 && schema.parents.length === 0))
    return true
  const stored = store.entity({ type: ref.type, id: ref.id })
  return (
    typeof stored === 'object' || (stored === 'absent' && request.entities.has(entityKey(ref.type, ref.id)))
  )
}

/** Where subject and resource are one entity, each speaks for both. */
function isDescribed({ subject, resource }: ReadRequest, { type, id }: EntityRef): boolean {
  return [subject, resource].some(
    ({ ref, properties }) => properties !== undefined && ref.type === type && ref.id === id,
  )
}
