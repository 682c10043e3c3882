import { decodeValue, describeIllTyped, isIllTyped, memberOf } from '../model/decode-value.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonObject } from '../model/request.ts'
import type { FieldType } from '../model/types.ts'
import type { LinkedProgram } from './link.ts'
import type { ReadRequest } from './read-request.ts'
import type { Reads } from './reads.ts'
import type { Result } from './result.ts'
import { failure } from './result.ts'
import type { Inputs } from './session.ts'

/** @param parameters of the action asked for, by name */
export function createInputs(
  linked: LinkedProgram,
  request: ReadRequest,
  parameters: ReadonlyMap<string, FieldType>,
  reads: Reads,
): Inputs {
  return {
    context: createReader(linked.context, request.context, '$.context', reads),
    parameter: createReader(parameters, request.action.properties, '$.action.properties', reads),
    declaresContext: (name) => linked.context.has(name),
    declaresParameter: (name) => parameters.has(name),
  }
}

function createReader(
  declared: ReadonlyMap<string, FieldType>,
  json: JsonObject,
  path: string,
  reads: Reads,
): (name: string) => Result {
  const known = new Map<string, Result>()
  return (name) => {
    reads.request(`${path}${pathStep(name)}`)
    if (known.has(name)) return known.get(name)
    const result = readField(declared.get(name), json, name, path)
    known.set(name, result)
    return result
  }
}

function readField(field: FieldType | undefined, json: JsonObject, name: string, path: string): Result {
  const place = `${path}${pathStep(name)}`
  if (field === undefined) return failure(`${place} is not declared`)
  const decoded = decodeValue(memberOf(json, name), field.type, place)
  if (isIllTyped(decoded)) return failure(describeIllTyped(decoded), decoded)
  if (decoded === undefined && !field.isOptional) return failure(`${place} is missing`, { path: place })
  return decoded
}
