// A JSON schema → the notation that types have in TypeScript, as HTML. It knows the parts of JSON Schema that our
// own schemas are made of; what else there may be shows as `any JSON`.
import { isJsonObject } from '../../wire/read-body.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const REFERENCE = '#/components/schemas/'
/** Deeper types are cut: names are there for that. */
const MAX_DEPTH = 12

/** Text that stays text within HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

/** The type as HTML; other types that it names are links within the page. */
export function writeType(schema: unknown, indent = 0, depth = 0): string {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return 'any JSON'
  const { $ref, anyOf, allOf, enum: values, type, items, description } = schema
  if (typeof $ref === 'string') return writeReference($ref)
  if (Array.isArray(anyOf)) return anyOf.map((one) => writeType(one, indent, depth + 1)).join(' | ')
  if (Array.isArray(allOf)) return allOf.map((one) => writeType(one, indent, depth + 1)).join(' &amp; ')
  if (Array.isArray(values)) return values.map((value) => escapeHtml(JSON.stringify(value))).join(' | ')
  if (Array.isArray(type))
    return type.map((one) => writeType({ ...schema, type: one }, indent, depth + 1)).join(' | ')
  if (type === 'array') return `list of ${writeType(items, indent, depth + 1)}`
  if (type === 'object') return writeObject(schema, indent, depth)
  if (typeof type === 'string') return escapeHtml(type)
  return typeof description === 'string' ? `any JSON (${escapeHtml(description)})` : 'any JSON'
}

function writeReference(reference: string): string {
  const name = escapeHtml(reference.slice(REFERENCE.length))
  return `<a href="#${name}">${name}</a>`
}

function writeObject(
  { properties, required, additionalProperties }: JsonSchema,
  column: number,
  depth: number,
): string {
  const needed: readonly unknown[] = Array.isArray(required) ? required : []
  const members = isJsonObject(properties) ? Object.entries(properties) : []
  const indent = '  '.repeat(column + 1)
  const lines = members.map(([name, member]) => {
    const { description } = isJsonObject(member) ? member : {}
    const note =
      typeof description === 'string' && !isUntyped(member)
        ? `${indent}<i>// ${escapeHtml(description)}</i>\n`
        : ''
    const mark = needed.includes(name) ? '' : '?'
    return `${note}${indent}<b>${escapeHtml(name)}</b>${mark}: ${writeType(member, column + 1, depth + 1)}`
  })
  if (isJsonObject(additionalProperties)) {
    lines.push(`${indent}[name]: ${writeType(additionalProperties, column + 1, depth + 1)}`)
  }
  return lines.length === 0 ? 'object' : `{\n${lines.join('\n')}\n${'  '.repeat(column)}}`
}

/** Its description stands in the place of its type. */
function isUntyped(schema: unknown): boolean {
  return isJsonObject(schema) && !('type' in schema || '$ref' in schema || 'anyOf' in schema)
}
