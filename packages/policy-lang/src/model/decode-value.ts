// JSON in, values out: what fits its declared type becomes a value, all else says where and why not.
import { datetimeFromEpochSeconds, parseDatetime } from './datetime.ts'
import { describeType } from './describe-type.ts'
import { parseDuration } from './duration.ts'
import { valueKey } from './equal-values.ts'
import { parseIp } from './ip.ts'
import { pathStep } from './json-path.ts'
import type { JsonObject, JsonValue } from './request.ts'
import { shortenText } from './short-text.ts'
import type { FieldType, Type } from './types.ts'
import type { EntityRef, Value } from './values.ts'

/** JSON that does not fit its declared type. */
export interface IllTyped {
  readonly kind: 'ill-typed'
  /** JSON path of the innermost part at fault. */
  readonly path: string
  readonly message: string
  /** Set where a required member of a record has no value: nothing there is of the wrong type. */
  readonly isMissing?: true
}

/** A value, `undefined` for absent (`null` or not there), or ill-typed. */
export type Decoded = Value | undefined | IllTyped

/**
 * Reads JSON by its declared type. One part that does not fit makes the whole ill-typed.
 * @param path where the JSON stands, for messages: `$.context.ip`
 */
export function decodeValue(json: JsonValue | undefined, type: Type, path: string): Decoded {
  if (json === null || json === undefined) return undefined
  switch (type.kind) {
    case 'set':
      return Array.isArray(json) ? decodeSet(json, type.element, path) : misfit(json, type, path)
    case 'map':
      return isJsonObject(json) ? decodeMap(json, type.value, path) : misfit(json, type, path)
    case 'record':
      return isJsonObject(json) ? decodeRecord(json, type.fields, path) : misfit(json, type, path)
    default:
      return decodeSingle(json, type) ?? misfit(json, type, path)
  }
}

/** Whether JSON that is there fits its declared type: what `decodeValue` says, without making a value or a path. */
export function isWellTyped(json: JsonValue, type: Type): boolean {
  switch (type.kind) {
    case 'set':
      return Array.isArray(json) && areWellTyped(json, type.element)
    case 'map':
      return (
        isJsonObject(json) &&
        Object.keys(json).every((name) => {
          const value = json[name]
          return !isThere(value) || isWellTyped(value, type.value)
        })
      )
    case 'record':
      return (
        isJsonObject(json) &&
        type.fields.every((field) => {
          const value = memberOf(json, field.name)
          return value === undefined ? field.isOptional : isWellTyped(value, field.type)
        })
      )
    default:
      return decodeSingle(json, type) !== undefined
  }
}

function areWellTyped(elements: readonly JsonValue[], type: Type): boolean {
  // A loop, since `every` would leave out the holes of an array.
  for (const element of elements) if (!isThere(element) || !isWellTyped(element, type)) return false
  return true
}

function isThere(json: JsonValue | undefined): json is Exclude<JsonValue, null> {
  return json !== null && json !== undefined
}

export function isIllTyped(decoded: Decoded): decoded is IllTyped {
  return typeof decoded === 'object' && decoded.kind === 'ill-typed'
}

export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** The member of that name, unless it is inherited or `null`. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined
}

/** `{type, id}` as a reference, whatever its type. */
export function decodeReference(json: unknown): EntityRef | undefined {
  if (!isJsonObject(json)) return undefined
  const [type, id] = [memberOf(json, 'type'), memberOf(json, 'id')]
  return typeof type === 'string' && typeof id === 'string' ? { kind: 'entity', type, id } : undefined
}

/**
 * Whether an object is `{type}` and nothing more, by which an assignment reaches every entity of the type. One whose
 * `id` is misspelt or `null` names one entity, in vain, and must not reach all.
 */
export function isTypeAlone(json: JsonObject): boolean {
  return Object.keys(json).length === 1 && typeof memberOf(json, 'type') === 'string'
}

/** What is wrong, with the place in front. */
export function describeIllTyped({ path, message, isMissing }: IllTyped): string {
  return isMissing ? `${path} is missing` : `${path} is ill-typed: ${message}`
}

function decodeSingle(json: JsonValue, type: Type): Value | undefined {
  switch (type.kind) {
    case 'bool':
      return typeof json === 'boolean' ? json : undefined
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'number':
      return isNumberInRange(json) ? json : undefined
    case 'datetime':
      if (typeof json === 'number') return datetimeFromEpochSeconds(json)
      return typeof json === 'string' ? parseDatetime(json) : undefined
    case 'duration':
      return typeof json === 'string' ? parseDuration(json) : undefined
    case 'ip':
      return typeof json === 'string' ? parseIp(json) : undefined
    case 'enum':
      return typeof json === 'string' && type.values.includes(json) ? json : undefined
    case 'entity':
      return decodeEntity(json, type.types)
    default:
      return undefined
  }
}

function isNumberInRange(json: JsonValue): json is number {
  return typeof json === 'number' && Math.abs(json) <= Number.MAX_SAFE_INTEGER
}

function decodeEntity(json: JsonValue, types: readonly string[]): EntityRef | undefined {
  const [only] = types
  if (typeof json === 'string') {
    return only !== undefined && types.length === 1 ? { kind: 'entity', type: only, id: json } : undefined
  }
  const reference = decodeReference(json)
  return reference !== undefined && types.includes(reference.type) ? reference : undefined
}

function decodeSet(json: readonly JsonValue[], element: Type, path: string): Decoded {
  const elements = new Map<string, Value>()
  for (const [index, item] of json.entries()) {
    const decoded = decodeValue(item, element, `${path}${pathStep(index)}`)
    if (isIllTyped(decoded)) return decoded
    if (decoded === undefined) return misfit(null, element, `${path}${pathStep(index)}`)
    elements.set(valueKey(decoded), decoded)
  }
  return { kind: 'set', elements: [...elements.values()] }
}

function decodeMap(json: JsonObject, type: Type, path: string): Decoded {
  const entries = new Map<string, Value>()
  for (const name of Object.keys(json)) {
    const decoded = decodeValue(json[name], type, `${path}${pathStep(shortenText(name))}`)
    if (isIllTyped(decoded)) return decoded
    if (decoded !== undefined) entries.set(name, decoded)
  }
  return { kind: 'record', entries }
}

function decodeRecord(json: JsonObject, fields: readonly FieldType[], path: string): Decoded {
  const entries = new Map<string, Value>()
  for (const field of fields) {
    const fieldPath = `${path}${pathStep(field.name)}`
    const decoded = decodeValue(memberOf(json, field.name), field.type, fieldPath)
    if (isIllTyped(decoded)) return decoded
    if (decoded !== undefined) entries.set(field.name, decoded)
    else if (!field.isOptional) return { ...misfit(undefined, field.type, fieldPath), isMissing: true }
  }
  return { kind: 'record', entries }
}

function misfit(json: JsonValue | undefined, type: Type, path: string): IllTyped {
  return { kind: 'ill-typed', path, message: `expected ${describeType(type)}, got ${describeJson(json)}` }
}

const SHOWN_CHARACTERS = 40

function describeJson(json: JsonValue | undefined): string {
  if (json === undefined) return 'nothing'
  if (json === null) return 'null'
  if (Array.isArray(json)) return 'an array'
  if (typeof json === 'object') return 'an object'
  if (typeof json !== 'string') return String(json)
  const shown = json.length > SHOWN_CHARACTERS ? `${json.slice(0, SHOWN_CHARACTERS)}…` : json
  return JSON.stringify(shown)
}
