// The part of JSON Schema that our own document is made of: values that fit a schema, and where a value does not.
import { fc } from '@fast-check/vitest'
import { isJsonObject } from '../wire/read-body.ts'

type Schemas = Readonly<Record<string, unknown>>

interface ObjectSchema {
  readonly $ref?: string
  readonly anyOf?: readonly unknown[]
  readonly allOf?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** What the policy of the tests knows, by the members that it stands in. */
const KNOWN: ReadonlyMap<string, readonly string[]> = new Map([
  ['subject.type', ['User']],
  ['subject.id', ['ann', 'eve']],
  ['action.name', ['read', 'write', 'export', 'delete']],
  ['resource.type', ['Doc']],
  ['resource.id', ['open', 'shut']],
])
/** The same, and names that the language of the engine knows. */
const WORDS = [
  ...['User', 'Doc', 'ann', 'eve', 'open', 'shut', 'read', 'write', 'export', 'delete', 'editor', '*', ''],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
]
const words = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, fc.string({ unit: 'binary' }))

/** Values that the schema accepts. */
export function arbitraryOf(
  schema: unknown,
  schemas: Schemas,
  member = '',
  depth = 0,
): fc.Arbitrary<unknown> {
  const known = resolve(schema, schemas)
  if (depth > 6) return fc.constant(null)
  const deeper = (one: unknown, name?: string) =>
    arbitraryOf(one, schemas, name === undefined ? member : `${member}.${name}`, depth + 1)
  const place = KNOWN.get(member.split('.').slice(-2).join('.'))
  if (known.anyOf !== undefined) return fc.oneof(...known.anyOf.map((one) => deeper(one)))
  if (known.enum !== undefined) return fc.constantFrom(...known.enum)
  if (Array.isArray(known.type)) return fc.oneof(...known.type.map((type) => deeper({ ...known, type })))
  switch (known.type) {
    case 'object':
      return known.properties === undefined ? fc.dictionary(words, fc.jsonValue()) : objectOf(known, deeper)
    case 'array':
      return fc.array(deeper(known.items), { maxLength: 3 })
    case 'string':
      if (place !== undefined) return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...place) }, words)
      if (known.minLength !== undefined) return words.filter((word) => word !== '')
      return known.pattern === undefined ? words : fc.stringMatching(new RegExp(known.pattern))
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return fc.integer({ min: known.minimum ?? -1e9, max: known.maximum ?? 1e9 })
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue()
  }
}

function objectOf(
  { properties = {}, required = [] }: ObjectSchema,
  deeper: (schema: unknown, name: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, deeper(one, name)]))
  return fc.record(model, { requiredKeys: required.filter((name) => Object.hasOwn(model, name)) })
}

/** Where the value does not fit; members that the schema does not name do not, either. Undefined where it does. */
export function findMisfit(
  value: unknown,
  schema: unknown,
  schemas: Schemas,
  path = '$',
): string | undefined {
  const known = resolve(schema, schemas)
  if (known.anyOf !== undefined) {
    const misfits = known.anyOf.map((one) => findMisfit(value, one, schemas, path))
    return misfits.includes(undefined) ? undefined : misfits.join(' and ')
  }
  if (known.enum !== undefined) return known.enum.includes(value) ? undefined : `${path} is none of the enum`
  const types = known.type === undefined ? [] : [known.type].flat()
  if (types.length > 0 && !types.some((type) => hasType(value, type))) {
    return `${path} is no ${types.join(' or ')}: ${JSON.stringify(value)?.slice(0, 80)}`
  }
  if (Array.isArray(value)) {
    return firstOf(value.map((item, at) => () => findMisfit(item, known.items, schemas, `${path}[${at}]`)))
  }
  return isJsonObject(value) && known.properties !== undefined
    ? findMemberMisfit(value, known, schemas, path)
    : undefined
}

function findMemberMisfit(
  value: Readonly<Record<string, unknown>>,
  { properties = {}, required = [], additionalProperties = false }: ObjectSchema,
  schemas: Schemas,
  path: string,
): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return `${path}.${missing} is missing`
  return firstOf(
    Object.entries(value).map(([name, member]) => () => {
      const at = `${path}.${name}`
      if (Object.hasOwn(properties, name)) return findMisfit(member, properties[name], schemas, at)
      if (additionalProperties === false) return `${at} is not declared`
      return findMisfit(member, additionalProperties, schemas, at)
    }),
  )
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const misfit = check()
    if (misfit !== undefined) return misfit
  }
  return undefined
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isJsonObject(value)
  return type === 'integer' ? Number.isSafeInteger(value) : typeof value === type
}

/** Names followed, and what is said in parts put together. */
function resolve(schema: unknown, schemas: Schemas): ObjectSchema {
  if (!isJsonObject(schema)) return {}
  const { $ref, allOf } = schema as ObjectSchema
  if ($ref !== undefined) return resolve(schemas[$ref.replace('#/components/schemas/', '')], schemas)
  if (allOf === undefined) return schema
  const parts = allOf.map((part) => resolve(part, schemas))
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  }
}
