// Changes to a question that a nearest miss leads to: another value in the one place, or the role that is missing.
import type { Explanation } from '@edict/policy-lang'
import type { PolicyFile, Who } from '../../packages/policy-lang/src/ast/nodes.ts'
import type { JsonObject, JsonValue } from '../../packages/policy-lang/src/model/request.ts'
import { Choices } from './arbitraries/choices.ts'
import { jsonOf } from './arbitraries/json-values.ts'
import type { Type as MadeType } from './arbitraries/model.ts'
import type { PolicyQuestion } from './arbitraries/policy-case.ts'
import { type Field, type Fields, readSchema, type Schema, type Type } from './naive/schema.ts'

type Request = PolicyQuestion['request']

/** Where the request may say something. */
interface Place {
  readonly root: 'context' | 'action' | 'subject' | 'resource'
  readonly name: string
}

const PLACE = /^(context|action|subject|resource)(?:\.(\w+)|\[("(?:[^"\\]|\\.)*")\])/

function toPlace(expression: string): Place | undefined {
  const [, root, name, quoted] = PLACE.exec(expression) ?? []
  if (root === undefined) return undefined
  return { root: root as Place['root'], name: name ?? (JSON.parse(quoted ?? '""') as string) }
}

function fieldsAt(root: Place['root'], { subject, action, resource }: Request, schema: Schema): Fields {
  if (root === 'context') return schema.context
  const type = schema.types.get(root === 'subject' ? subject.type : resource.type)
  return (root === 'action' ? type?.actions.get(action.name) : type?.attributes) ?? new Map()
}

function toMadeType(type: Type): MadeType {
  if (type.kind === 'set') return { kind: 'set', element: toMadeType(type.element) }
  if (type.kind === 'map') return { kind: 'map', value: toMadeType(type.value) }
  if (type.kind !== 'record') return type
  const fields = [...type.fields].map(([name, field]) => ({
    name,
    type: toMadeType(field.type),
    isOptional: field.isOptional,
  }))
  return { kind: 'record', fields }
}

const VALUES_TRIED = 12

/** Values of the type, the same ones each time, and for an optional member none. */
function valuesFor({ type, isOptional }: Field): readonly (JsonValue | undefined)[] {
  let state = 7
  const choices = new Choices(() => {
    state = (state * 75 + 74) % 65_537
    return state % 65_536
  }, true)
  const values = Array.from({ length: VALUES_TRIED }, () => jsonOf(toMadeType(type), choices))
  return isOptional ? [...values, undefined] : values
}

/** Members one by one: `__proto__` is a name like any other. */
const withMember = (object: unknown, name: string, value: JsonValue | undefined): JsonObject =>
  Object.fromEntries([
    ...Object.entries((object ?? {}) as JsonObject).filter(([other]) => other !== name),
    ...(value === undefined ? [] : [[name, value] as const]),
  ])

function change(request: Request, { root, name }: Place, value: JsonValue | undefined): Request {
  if (root === 'context') return { ...request, context: withMember(request.context, name, value) }
  const part = request[root]
  return { ...request, [root]: { ...part, properties: withMember(part.properties, name, value) } }
}

/** The question with other values for one of the members that the condition saw. */
export function repairsOf(
  { first }: Explanation['nearestMisses'][number],
  files: readonly PolicyFile[],
  question: PolicyQuestion,
): readonly PolicyQuestion[] {
  const { request } = question
  const schema = readSchema(files)
  const isSame = request.subject.type === request.resource.type && request.subject.id === request.resource.id
  return first.values.flatMap(({ expression }) => {
    const place = toPlace(expression)
    const field = place && fieldsAt(place.root, request, schema).get(place.name)
    // What both say of one entity would have to be changed twice.
    if (place === undefined || field === undefined || field.isStored || isSame) return []
    return valuesFor(field).map((value) => ({ ...question, request: change(request, place, value) }))
  })
}

/** The question of a subject that has the one role it lacks; nothing where a request cannot say so. */
export function giveRole(
  who: readonly Who[],
  files: readonly PolicyFile[],
  question: PolicyQuestion,
): PolicyQuestion | undefined {
  const schema = readSchema(files)
  const { subject } = question.request
  const [only] = who
  if (who.length !== 1 || only?.kind !== 'whoName' || only.qualifier === 'type') return undefined
  const role = schema.roles.get(only.name.name)
  if (role === undefined || role.parameters.size > 0 || role.when.length > 0) return undefined
  if (schema.types.get(subject.type)?.hasStoredRoles !== false) return undefined
  const roles = [...(Array.isArray(subject.roles) ? subject.roles : []), only.name.name]
  return { ...question, request: { ...question.request, subject: { ...subject, roles } } }
}
