// One text for each JSON value, and one order for all texts.
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'

/** By code point, not by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  const left = [...a].map((character) => character.codePointAt(0) ?? 0)
  const right = [...b].map((character) => character.codePointAt(0) ?? 0)
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** JSON without blanks, members sorted by name. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value as { [key: string]: JsonValue })
    members.sort(([a], [b]) => compareText(a, b))
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
