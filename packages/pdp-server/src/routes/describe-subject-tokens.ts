// What `subjectIssuers` change about requests, told in the OpenAPI document: a question brings the raw token of its end
// user, and nobody says the subject beside it.
import { isJsonObject, type JsonBody } from '../wire/read-body.ts'

/** `required`: the token alone says who the subject is. `optional`: callers may say it themselves instead. */
export type SubjectTokens = 'required' | 'optional'

const PATHS = [
  '/decide',
  '/access/v1/evaluation',
  '/access/v1/evaluations',
  '/access/v1/search/resource',
  '/access/v1/search/action',
]
const REFERENCE = '#/components/schemas/'
const LISTS = ['requests', 'evaluations']
const TOKEN = {
  type: 'string',
  description:
    'The raw token of the end user. Once verified, it fills `subject` and `context.token`; sending either is 400',
}

/** The document with the requests that the service takes. */
export function describeSubjectTokens<T extends object>(document: T, mode: SubjectTokens | undefined): T {
  if (mode === undefined) return document
  const { paths, components } = document as JsonBody
  const schemas = objectOf(objectOf(components).schemas)
  const changed = PATHS.flatMap((path) => {
    const methods = objectOf(objectOf(paths)[path])
    const { post } = methods
    const { requestBody } = objectOf(post)
    const { schema } = objectOf(objectOf(objectOf(requestBody).content)['application/json'])
    if (schema === undefined) return []
    const forms = toTokenForms(schema, schemas)
    const described = { anyOf: mode === 'required' ? forms : [...forms, schema] }
    const content = { 'application/json': { schema: described } }
    return [[path, { ...methods, post: { ...objectOf(post), requestBody: { required: true, content } } }]]
  })
  return { ...document, paths: { ...objectOf(paths), ...Object.fromEntries(changed) } }
}

function toTokenForms(schema: unknown, schemas: JsonBody): readonly JsonBody[] {
  const { anyOf } = objectOf(schema)
  if (Array.isArray(anyOf)) return anyOf.flatMap((one) => toTokenForms(one, schemas))
  const bare = withoutSubject(schema, schemas)
  const { properties, required } = bare
  const members = Object.entries(objectOf(properties)).map(([name, member]) => {
    const isList = LISTS.includes(name) && isJsonObject(member)
    return [name, isList ? { ...member, items: withoutSubject(member.items, schemas) } : member]
  })
  const needed = Array.isArray(required) ? required : []
  return [
    { ...bare, properties: { token: TOKEN, ...Object.fromEntries(members) }, required: ['token', ...needed] },
  ]
}

/** The schema itself, in place of its name. */
function withoutSubject(schema: unknown, schemas: JsonBody): JsonBody {
  const { $ref, allOf } = objectOf(schema)
  if (typeof $ref === 'string') return withoutSubject(schemas[$ref.slice(REFERENCE.length)], schemas)
  if (Array.isArray(allOf)) return merge(allOf.map((part) => withoutSubject(part, schemas)))
  const { subject: _, ...properties } = objectOf(objectOf(schema).properties)
  const { required } = objectOf(schema)
  const needed = Array.isArray(required) ? required.filter((name) => name !== 'subject') : []
  return { type: 'object', properties, ...(needed.length > 0 && { required: needed }) }
}

function merge(parts: readonly JsonBody[]): JsonBody {
  const properties = Object.assign({}, ...parts.map((part) => objectOf(part.properties)))
  const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required : []))
  return { type: 'object', properties, ...(required.length > 0 && { required: [...new Set(required)] }) }
}

function objectOf(value: unknown): JsonBody {
  return isJsonObject(value) ? value : {}
}
