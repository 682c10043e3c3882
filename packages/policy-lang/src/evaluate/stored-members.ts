import type { IgnoredInput } from '../model/answer.ts'
import { memberOf } from '../model/decode-value.ts'
import { pathStep } from '../model/json-path.ts'
import { memberInside } from './facts.ts'
import type { LinkedProgram, LinkedType } from './link.ts'
import type { EntityInput, ReadRequest } from './read-request.ts'

/** Attributes and parents declared `stored` that the request sends all the same: they have no effect. */
export function findStoredMembers(request: ReadRequest, linked: LinkedProgram): readonly IgnoredInput[] {
  const inputs = [request.subject, request.resource, ...[...request.entities.values()].flat()]
  return inputs.flatMap((input) => {
    const type = linked.types.get(input.ref.type)
    return type === undefined ? [] : [...storedAttributes(input, type), ...storedParents(input, type)]
  })
}

function storedAttributes(
  { properties = {}, path }: EntityInput,
  { schema }: LinkedType,
): readonly IgnoredInput[] {
  return schema.attributes
    .filter(({ name, isStored }) => isStored && memberOf(properties, name) !== undefined)
    .map(({ name }) => toIgnored(`${path}.properties${pathStep(name)}`, name, schema.name))
}

function storedParents(input: EntityInput, type: LinkedType): readonly IgnoredInput[] {
  const { name, hasStoredParents } = type.schema
  if (!hasStoredParents) return []
  if (input.parents !== undefined) return [toIgnored(`${input.path}.parents`, 'parents', name)]
  if (memberInside(input, 'parents', type) === undefined) return []
  return [toIgnored(`${input.path}.properties.parents`, 'parents', name)]
}

function toIgnored(path: string, member: string, type: string): IgnoredInput {
  return { path, message: `\`${member}\` of \`${type}\` comes from the store alone` }
}
