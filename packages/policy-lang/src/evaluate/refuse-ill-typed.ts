import { decodeReference, decodeValue, isIllTyped, memberOf } from '../model/decode-value.ts'
import { equalValues } from '../model/equal-values.ts'
import { type InputProblem, PolicyLangError } from '../model/errors.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import type { FieldType } from '../model/types.ts'
import { memberInside, SENT_TWICE, sentParents, uniteParents, uniteSent } from './facts.ts'
import type { LinkedProgram } from './link.ts'
import type { EntityInput, ReadRequest } from './read-request.ts'
import { readRequestRoles } from './request-roles.ts'

/** There in every policy set; a request that holds it and may not has been refused before. */
const CLOCK: FieldType = { name: 'now', type: { kind: 'datetime' }, isOptional: true }

/**
 * Strict mode: every value of the request must fit its declared type, whether a rule reads it or not.
 * @throws PolicyLangError `invalid-request` with every problem
 */
export function refuseIllTyped(request: ReadRequest, linked: LinkedProgram): void {
  const { subject, resource, action, context, entities } = request
  const parameters = linked.types.get(resource.ref.type)?.actions.get(action.name)?.parameters
  const problems = [
    ...[subject, resource, ...[...entities.values()].flat()].flatMap((input) => checkEntity(input, linked)),
    ...[[subject, resource], ...entities.values()].flatMap((inputs) => checkSaidTwice(inputs, linked)),
    ...checkRoles(subject, linked),
    ...checkFields(action.properties, [...(parameters?.values() ?? [])], '$.action.properties'),
    ...checkFields(context, [...linked.context.values(), CLOCK], '$.context'),
  ]
  if (problems.length === 0) return
  throw new PolicyLangError('invalid-request', 'the request holds ill-typed values', { problems })
}

function checkEntity(input: EntityInput, linked: LinkedProgram): readonly InputProblem[] {
  const type = linked.types.get(input.ref.type)
  if (type === undefined) return []
  const attributes = type.schema.attributes.filter(({ isStored }) => !isStored)
  const problems = checkFields(input.properties ?? {}, attributes, `${input.path}.properties`)
  if (type.schema.hasStoredParents) return problems
  const inside = input.parents === undefined
  const parents = input.parents ?? memberInside(input, 'parents', type)
  const path = `${input.path}${inside ? '.properties' : ''}.parents`
  return parents === undefined ? problems : [...problems, ...checkParents(parents, type.schema.parents, path)]
}

/** One entity said twice: as subject and resource, or twice in `entities`. Rules that read what differs fail. */
function checkSaidTwice(inputs: readonly EntityInput[], linked: LinkedProgram): readonly InputProblem[] {
  const [first, ...others] = inputs
  const type = first && linked.types.get(first.ref.type)
  if (type === undefined || !others.every(({ ref }) => equalValues(ref, first?.ref ?? ref))) return []
  const problems = type.schema.attributes.flatMap((attribute): readonly InputProblem[] => {
    const united = attribute.isStored ? undefined : uniteSent(inputs, attribute)
    return isIllTyped(united) && united.message === SENT_TWICE
      ? [{ path: united.path, message: SENT_TWICE }]
      : []
  })
  if (type.schema.hasStoredParents) return problems
  const sent = sentParents(inputs, type)
  if (sent.length === 0 || sent.includes(undefined) || uniteParents(sent) !== undefined) return problems
  const path = `${others.at(-1)?.path ?? ''}.parents`
  return [...problems, { path, message: 'sent twice with different parents' }]
}

function checkParents(json: JsonValue, types: readonly string[], path: string): readonly InputProblem[] {
  if (!Array.isArray(json)) return [{ path, message: 'must be an array' }]
  return (json as readonly JsonValue[]).flatMap((item, index) => {
    const parent = decodeReference(item)
    if (parent !== undefined && types.includes(parent.type)) return []
    return [{ path: `${path}${pathStep(index)}`, message: `must refer to one of: ${types.join(', ')}` }]
  })
}

function checkRoles(subject: EntityInput, linked: LinkedProgram): readonly InputProblem[] {
  const type = linked.types.get(subject.ref.type)
  if (type === undefined || type.schema.hasStoredRoles) return []
  return readRequestRoles(subject, type, linked).ignored
}

function checkFields(json: JsonObject, fields: readonly FieldType[], path: string): readonly InputProblem[] {
  return fields.flatMap(({ name, type }) => {
    const decoded = decodeValue(memberOf(json, name), type, `${path}${pathStep(name)}`)
    if (!isIllTyped(decoded)) return []
    return [{ path: decoded.path, message: decoded.isMissing ? 'is missing' : decoded.message }]
  })
}
