import type { JsonObject, JsonValue } from '@edict/policy-lang'
import type { Adapt, CaseRequest } from '../adapter.ts'
import { toProperties } from './shared/values.ts'

/**
 * Everything comes with the request, and the decision point holds nothing.
 *
 * - The field that a question is about is the action's parameter `field`, where the translation declares one.
 * - Where the translation declares a set, a single value is a set of one: the source compares both alike.
 * - Questions about a kind of thing rather than one of them have no id: they ask for one of which nothing is known
 *   but what the question says.
 */
export const adapt: Adapt = (_, { schema }) => ({
  data: {},
  toQuestion: (request) => {
    const type = schema.entityTypes.find(({ name }) => name === request.resource.type)
    const sets = new Set(
      type?.attributes.filter((field) => field.type.kind === 'set').map(({ name }) => name),
    )
    const action = type?.actions.find(({ name }) => name === request.action)
    const takesField = action?.parameters.some(({ name }) => name === 'field') ?? false
    return {
      request: {
        subject: { type: request.subject.type, id: request.subject.id },
        action: { name: request.action, properties: takesField ? toField(request) : {} },
        resource: {
          type: request.resource.type,
          id: request.resource.id === '' ? 'any' : request.resource.id,
          properties: toSets(toProperties(request.resource.properties), sets),
        },
      },
    }
  },
})

function toField({ context = {} }: CaseRequest): JsonObject {
  return context.field === undefined ? {} : { field: context.field }
}

function toSets(properties: JsonObject, sets: ReadonlySet<string>): JsonObject {
  const toSet = (name: string, value: JsonValue): JsonValue =>
    sets.has(name) && !Array.isArray(value) ? [value] : value
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, toSet(name, value)]))
}
