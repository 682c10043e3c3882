// Sources that hold entities with attributes and parents.
import type { EntityData, EntityRecord, RequestEntity } from '@edict/policy-lang'
import type { AdaptedSet, CaseEntity, CaseRef, CaseSet } from '../../adapter.ts'
import { toProperties, toRef } from './values.ts'

/**
 * The set's entities are held; requests name subject and resource, and tell of them what they know only where the
 * set does not hold them.
 */
export function adaptEntities(set: CaseSet): AdaptedSet {
  const entities = [...(set.entities ?? []), ...(set.objects ?? [])].filter(({ type }) => type !== 'Action')
  const held = new Set(entities.map(toKey))
  const data: EntityData = { entities: entities.map(toRecord) }
  const toEntity = (entity: CaseEntity): RequestEntity =>
    held.has(toKey(entity)) ? toRef(entity) : toRequestEntity(entity)
  return {
    data,
    toQuestion: ({ subject, action, resource, context }) => ({
      request: {
        subject: toEntity(subject),
        action: { name: action },
        resource: toEntity(resource),
        context: toProperties(context),
      },
    }),
  }
}

export function toRecord(entity: CaseEntity): EntityRecord {
  return {
    ...toRef(entity),
    properties: toProperties(entity.properties),
    parents: (entity.parents ?? []).map(toRef),
  }
}

/** All that lies above counts as directly above: nothing else tells of what lies between. */
function toRequestEntity(entity: CaseEntity): RequestEntity {
  return {
    ...toRef(entity),
    properties: toProperties(entity.properties),
    parents: (entity.ancestors ?? entity.parents ?? []).map(toRef),
  }
}

function toKey({ type, id }: CaseRef): string {
  return JSON.stringify([type, id])
}
