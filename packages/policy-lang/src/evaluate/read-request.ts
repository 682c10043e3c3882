// Anything → a request whose shape is sound, or a PolicyLangError that names all that is wrong.
// What values mean is not looked at here: an ill-typed attribute matters only to the rule that reads it.
import { isJsonObject, memberOf } from '../model/decode-value.ts'
import { entityKey } from '../model/entity-key.ts'
import type { InputProblem } from '../model/errors.ts'
import { PolicyLangError } from '../model/errors.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import type { EntityRef } from '../model/values.ts'

/** How many problems the message names; `problems` has all. */
const SHOWN_PROBLEMS = 5

/** A request of sound shape. Members that are `null` or not sent are `undefined`. */
export interface ReadRequest {
  readonly subject: EntityInput
  readonly resource: EntityInput
  readonly action: { readonly name: string; readonly properties: JsonObject }
  readonly context: JsonObject
  /** `entities`, by `entityKey`. */
  readonly entities: ReadonlyMap<string, readonly EntityInput[]>
}

/** What a request says of one entity. */
export interface EntityInput {
  readonly ref: EntityRef
  /** Where it says so: `$.subject`, `$.entities[3]`. */
  readonly path: string
  readonly properties: JsonObject | undefined
  /** `parents` and `roles` beside `properties`. */
  readonly parents: JsonValue | undefined
  readonly roles: readonly JsonValue[] | undefined
}

/** @throws PolicyLangError `malformed-request` with every problem */
export function readRequest(json: unknown): ReadRequest {
  const problems: InputProblem[] = []
  if (!isJsonObject(json)) throw malformed([{ path: '$', message: 'must be an object' }])
  const request: JsonObject = json
  const subject = toEntity(memberOf(request, 'subject'), '$.subject', problems)
  const action = toObject(memberOf(request, 'action'), '$.action', problems)
  const name = toText(action, 'name', '$.action', problems)
  const properties = toOptionalObject(action, 'properties', '$.action', problems)
  const resource = toEntity(memberOf(request, 'resource'), '$.resource', problems)
  const context = toOptionalObject(request, 'context', '$', problems)
  const entities = toEntities(memberOf(request, 'entities'), problems)
  if (problems.length > 0) throw malformed(problems)
  return {
    subject,
    resource,
    action: { name, properties: properties ?? {} },
    context: context ?? {},
    entities: Map.groupBy(entities, ({ ref }) => entityKey(ref.type, ref.id)),
  }
}

function malformed(problems: readonly InputProblem[]): PolicyLangError {
  const first = problems.slice(0, SHOWN_PROBLEMS).map(({ path, message }) => `${path} ${message}`)
  return new PolicyLangError('malformed-request', `malformed request: ${first.join('; ')}`, { problems })
}

function toEntities(json: JsonValue | undefined, problems: InputProblem[]): readonly EntityInput[] {
  if (json === undefined) return []
  if (Array.isArray(json)) {
    return (json as readonly JsonValue[]).map((item, index) =>
      toEntity(item, `$.entities${pathStep(index)}`, problems),
    )
  }
  problems.push({ path: '$.entities', message: 'must be an array' })
  return []
}

function toEntity(json: unknown, path: string, problems: InputProblem[]): EntityInput {
  const object = toObject(json, path, problems)
  const isSubject = path === '$.subject'
  if (object === NOTHING)
    return { ref: NO_REF, path, properties: undefined, parents: undefined, roles: undefined }
  const type = toText(object, 'type', path, problems)
  const id = toText(object, 'id', path, problems)
  return {
    ref: { kind: 'entity', type, id },
    path,
    properties: toOptionalObject(object, 'properties', path, problems),
    parents: memberOf(object, 'parents'),
    roles: isSubject ? toOptionalArray(object, 'roles', path, problems) : undefined,
  }
}

const NOTHING: JsonObject = {}
const NO_REF: EntityRef = { kind: 'entity', type: '', id: '' }

function toObject(json: unknown, path: string, problems: InputProblem[]): JsonObject {
  if (isJsonObject(json)) return json
  problems.push({ path, message: json === undefined ? 'is missing' : 'must be an object' })
  return NOTHING
}

function toText(object: JsonObject, name: string, path: string, problems: InputProblem[]): string {
  const json = memberOf(object, name)
  if (typeof json === 'string') return json
  if (object !== NOTHING) {
    problems.push({
      path: `${path}.${name}`,
      message: json === undefined ? 'is missing' : 'must be a string',
    })
  }
  return ''
}

function toOptionalObject(
  object: JsonObject,
  name: string,
  path: string,
  problems: InputProblem[],
): JsonObject | undefined {
  const json = memberOf(object, name)
  if (json === undefined || isJsonObject(json)) return json
  problems.push({ path: `${path}.${name}`, message: 'must be an object' })
  return undefined
}

function toOptionalArray(
  object: JsonObject,
  name: string,
  path: string,
  problems: InputProblem[],
): readonly JsonValue[] | undefined {
  const json = memberOf(object, name)
  if (json === undefined || Array.isArray(json)) return json as readonly JsonValue[] | undefined
  problems.push({ path: `${path}.${name}`, message: 'must be an array' })
  return undefined
}
