import { compareCodePoints } from './code-points.ts'
import { formatDatetime } from './datetime.ts'
import { formatIp } from './ip.ts'
import type { JsonObject, JsonValue } from './request.ts'
import type { Value } from './values.ts'

/**
 * A value as JSON: Datetime as RFC 3339 UTC, Duration as seconds, Ip as text, Set as a sorted array, a reference
 * as `{type, id}`. Objects have no prototype, so that `__proto__` is an ordinary name.
 */
export function toJson(value: Value): JsonValue {
  if (typeof value === 'number') return value + 0
  if (typeof value !== 'object') return value
  switch (value.kind) {
    case 'datetime':
      return formatDatetime(value.epochMs)
    case 'duration':
      return value.ms / 1000
    case 'ip':
      return formatIp(value)
    case 'entity':
      return toJsonObject([
        ['type', value.type],
        ['id', value.id],
      ])
    case 'set':
      return sortJson(value.elements.map(toJson))
    case 'record':
      return toJsonObject([...value.entries].map(([name, entry]) => [name, toJson(entry)] as const))
  }
}

/** A JSON object of these members, in code-point order of their names. */
export function toJsonObject(members: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object: { [key: string]: JsonValue } = Object.create(null)
  for (const [name, value] of members.toSorted((a, b) => compareCodePoints(a[0], b[0]))) object[name] = value
  return object
}

/** Deeper is written without recursion. */
const MAX_RECURSION = 100

/**
 * JSON text that two values share exactly when they are equal: members in code-point order of their names, no
 * blanks. The data may be of any depth.
 */
export function canonicalJson(json: JsonValue): string {
  return writeJson(json, 0)
}

function writeJson(json: JsonValue, depth: number): string {
  if (typeof json !== 'object' || json === null) return scalarText(json)
  if (depth > MAX_RECURSION) return writeDeepJson(json)
  let text = ''
  if (Array.isArray(json)) {
    for (const element of json as readonly JsonValue[]) {
      text += `${text === '' ? '[' : ','}${writeJson(element, depth + 1)}`
    }
    return text === '' ? '[]' : `${text}]`
  }
  const object = json as JsonObject
  for (const name of Object.keys(object).sort(compareCodePoints)) {
    const value = object[name]
    if (value === undefined) continue
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${writeJson(value, depth + 1)}`
  }
  return text === '' ? '{}' : `${text}}`
}

function writeDeepJson(json: JsonValue): string {
  const text: string[] = []
  const rest: (string | { readonly json: JsonValue })[] = [{ json }]
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (typeof part === 'string') text.push(part)
    else if (typeof part.json !== 'object' || part.json === null) text.push(scalarText(part.json))
    else for (const inner of partsOf(part.json).reverse()) rest.push(inner)
  }
  return text.join('')
}

/** Total: JavaScript can hand over a bigint, of which `JSON.stringify` makes an exception, and what is no JSON. */
function scalarText(json: JsonValue | bigint): string {
  return typeof json === 'bigint' ? `${json}n` : (JSON.stringify(json) ?? '')
}

function partsOf(json: readonly JsonValue[] | JsonObject): (string | { readonly json: JsonValue })[] {
  if (Array.isArray(json)) {
    const elements = (json as readonly JsonValue[]).flatMap((element, index) =>
      index === 0 ? [{ json: element }] : [',', { json: element }],
    )
    return ['[', ...elements, ']']
  }
  const object = json as JsonObject
  const members = Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .sort(compareCodePoints)
    .flatMap((name, index) => [
      `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
      { json: object[name] as JsonValue },
    ])
  return ['{', ...members, '}']
}

function sortJson(elements: readonly JsonValue[]): readonly JsonValue[] {
  if (elements.every((element) => typeof element === 'number')) return elements.toSorted((a, b) => a - b)
  return elements
    .map((element) => ({ element, text: canonicalJson(element) }))
    .sort((a, b) => compareCodePoints(a.text, b.text))
    .map(({ element }) => element)
}
