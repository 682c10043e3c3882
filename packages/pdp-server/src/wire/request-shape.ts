// The schemas of questions once more, as plain functions: they cost nanoseconds where zod takes microseconds, and
// say no more than yes or no. INVARIANT: what they accept, the schemas accept; for all else the schemas are asked,
// which know what to say. A property test holds the two together.
import type { DecisionRequest } from '@edict/policy-lang/program'
import { isJsonObject } from './read-body.ts'

/** Whether `decideRequestSchema` accepts it, and no list is longer than this. */
export function isDecideRequest(value: unknown, maxListLength: number): value is DecisionRequest {
  if (!isEvaluationRequest(value)) return false
  const { subject, resource, entities, explain } = value as unknown as LooseRequest
  const { roles, parents } = subject
  return (
    isShort(parents, maxListLength) &&
    (isAbsent(roles) || Array.isArray(roles)) &&
    isShort(roles, maxListLength) &&
    isShort(resource.parents, maxListLength) &&
    isEntities(entities, maxListLength) &&
    isExplain(explain)
  )
}

/** Whether `evaluationRequestSchema` accepts it. */
export function isEvaluationRequest(value: unknown): value is DecisionRequest {
  if (!isJsonObject(value)) return false
  const { subject, action, resource, context } = value
  return (
    isEntity(subject) &&
    isJsonObject(action) &&
    typeof action.name === 'string' &&
    isProperties(action.properties) &&
    isEntity(resource) &&
    isProperties(context)
  )
}

interface LooseRequest {
  readonly subject: { readonly roles?: unknown; readonly parents?: unknown }
  readonly resource: { readonly parents?: unknown }
  readonly entities?: unknown
  readonly explain?: unknown
}

function isEntity(value: unknown): value is { readonly parents?: unknown } {
  return (
    isJsonObject(value) &&
    typeof value.type === 'string' &&
    typeof value.id === 'string' &&
    isProperties(value.properties)
  )
}

function isProperties(value: unknown): boolean {
  return isAbsent(value) || isJsonObject(value)
}

function isEntities(value: unknown, maxLength: number): boolean {
  if (isAbsent(value)) return true
  return (
    Array.isArray(value) &&
    value.length <= maxLength &&
    value.every((item) => isEntity(item) && isShort(item.parents, maxLength))
  )
}

function isExplain(value: unknown): boolean {
  if (isAbsent(value) || typeof value === 'boolean') return true
  return isJsonObject(value) && (value.trace === undefined || typeof value.trace === 'boolean')
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** Lists alone have a length that counts; whether it must be a list is asked elsewhere. */
function isShort(value: unknown, maxLength: number): boolean {
  return !Array.isArray(value) || value.length <= maxLength
}
