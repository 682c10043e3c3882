import { isJsonObject, type JsonBody } from '../../wire/read-body.ts'

const REFERENCE = '#/components/schemas/'

/** A value that a schema accepts: its `example`, or the members that are required, each with an example. */
export function exampleOf(schema: unknown, components: JsonBody, depth = 0): unknown {
  if (!isJsonObject(schema) || depth > 8) return undefined
  const { $ref, example, anyOf, allOf, enum: values, type, properties, required, items } = schema
  if (example !== undefined) return example
  if (typeof $ref === 'string')
    return exampleOf(components[$ref.slice(REFERENCE.length)], components, depth + 1)
  if (Array.isArray(anyOf)) return exampleOf(anyOf[0], components, depth + 1)
  if (Array.isArray(allOf)) {
    const parts = allOf.map((one) => exampleOf(one, components, depth + 1))
    return Object.assign({}, ...parts.filter(isJsonObject))
  }
  if (Array.isArray(values)) return values[0]
  if (type === 'array') return [exampleOf(items, components, depth + 1)]
  if (type !== 'object') return EXAMPLES[String(type)]
  const known = isJsonObject(properties) ? properties : {}
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
  return Object.fromEntries(names.map((name) => [name, exampleOf(known[name], components, depth + 1)]))
}

const EXAMPLES: Readonly<Record<string, unknown>> = { string: '…', integer: 1, number: 1, boolean: true }
