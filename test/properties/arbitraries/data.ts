// Entity data and requests over the types of a model: known and unknown, well and ill-typed, with few ids.
import type {
  AssignmentRecord,
  EntityData,
  EntityRecord,
} from '../../../packages/policy-lang/src/model/entity-data.ts'
import type {
  DecisionRequest,
  JsonEntityRef,
  JsonObject,
  JsonValue,
  RequestEntity,
} from '../../../packages/policy-lang/src/model/request.ts'
import type { Choices } from './choices.ts'
import { holdersFor, targetTypes } from './declarations.ts'
import { allIds, jsonOf, jsonOfFields, NOON, pickDatetime, pickId, wrongJson } from './json-values.ts'
import type { EntityType, Model, Role } from './model.ts'

const propertiesOf = (type: EntityType, choices: Choices): JsonObject =>
  jsonOfFields(type.attributes, choices, { wrong: 4, missing: 6 })

// --- the store ---

/** Parents come from entities before this one, so that no cycle closes. */
function storedParents(
  type: EntityType,
  before: readonly JsonEntityRef[],
  choices: Choices,
): JsonEntityRef[] {
  const possible = before.filter((each) => type.above.includes(each.type))
  return choices.some(possible, 0, 2)
}

function makeEntities(model: Model, choices: Choices): EntityRecord[] {
  const all = allIds(choices).flatMap((id) => model.types.map((type) => ({ type, id })))
  const before: JsonEntityRef[] = []
  const records: EntityRecord[] = []
  for (const { type, id } of all) {
    const ref = { type: type.name, id }
    if (choices.isFaultless || choices.chance(55)) {
      const parents = storedParents(type, before, choices)
      const properties = choices.fault(5) ? {} : { properties: propertiesOf(type, choices) }
      records.push({
        ...ref,
        ...properties,
        ...(parents.length > 0 || choices.chance(50) ? { parents } : {}),
      })
    }
    before.push(ref)
  }
  if (records.length > 0 && choices.chance(5)) records.push(structuredClone(choices.pick(records)))
  if (choices.chance(5)) records.push({ type: 'nowhere', id: 'a', properties: { level: 'team' } })
  return records
}

const placeOf = (model: Model, choices: Choices): AssignmentRecord['on'] => {
  const type = choices.pick(model.types).name
  return choices.weighted<AssignmentRecord['on']>([
    [4, { type, id: pickId(choices) }],
    [1, { type }],
    [1, '*'],
  ])
}

function targetOf(role: Role, model: Model, choices: Choices): AssignmentRecord['to'] {
  const holders = holdersFor(role, model)
  const kind = choices.weighted([
    [6, 'entity'],
    [1, 'type'],
    [1, 'everyone'],
    [2, 'holders'],
  ])
  if (kind === 'everyone') return '*'
  if (kind === 'holders' && holders.length > 0) {
    const on = { type: choices.pick(model.types).name, id: pickId(choices) }
    return { role: choices.pick(holders).name, on }
  }
  const type = choices.pick(targetTypes(model))
  return kind === 'type' ? { type } : { type, id: pickId(choices) }
}

function parametersOf(role: Role, choices: Choices): { with?: JsonObject } {
  if (role.parameters.length === 0) return {}
  const given = role.parameters.filter((field) => !field.isOptional || choices.chance(50))
  return { with: Object.fromEntries(given.map(({ name, type }) => [name, jsonOf(type, choices)])) }
}

const expiryOf = (choices: Choices): { expires?: string | number } =>
  choices.chance(25)
    ? { expires: choices.chance(30) ? NOON / 1000 + choices.pick([-60, 0, 60]) : pickDatetime(choices) }
    : {}

function makeAssignment(model: Model, choices: Choices): AssignmentRecord {
  const role = choices.pick(model.roles)
  return {
    role: role.name,
    to: targetOf(role, model, choices),
    on: placeOf(model, choices),
    ...parametersOf(role, choices),
    ...expiryOf(choices),
  }
}

export const makeReference = (model: Model, choices: Choices): JsonEntityRef => ({
  type: choices.pick(model.types).name,
  id: pickId(choices),
})

export function makeData(model: Model, choices: Choices): EntityData {
  return {
    entities: makeEntities(model, choices),
    assignments: choices.list(0, 5, () => makeAssignment(model, choices)),
  }
}

// --- the request ---

function sentParents(type: EntityType, model: Model, choices: Choices): JsonValue {
  if (choices.fault(8)) return choices.pick<JsonValue>([[null], [{ type: 'nowhere', id: 'a' }], [7], {}])
  if (type.above.length === 0 && choices.isFaultless) return []
  return choices.list(0, 2, () => {
    const parent =
      type.above.length === 0 || choices.fault(5) ? choices.pick(model.types).name : choices.pick(type.above)
    return { type: parent, id: pickId(choices) }
  })
}

/** A member beside `properties` or inside it. */
interface Sent {
  readonly beside: { [name: string]: JsonValue }
  readonly inside: { [name: string]: JsonValue }
}

function send(sent: Sent, name: string, json: JsonValue, type: EntityType, choices: Choices): void {
  const isAttribute = type.attributes.some((attribute) => attribute.name === name)
  if (isAttribute ? choices.fault(15) : choices.chance(15)) sent.inside[name] = json
  else sent.beside[name] = json
  if (choices.chance(5)) sent.beside[name] = null
}

function makeRequestEntity(
  type: EntityType,
  id: string,
  model: Model,
  choices: Choices,
  roles?: JsonValue,
): RequestEntity {
  const sent: Sent = { beside: {}, inside: {} }
  if (choices.chance(40)) send(sent, 'parents', sentParents(type, model, choices), type, choices)
  if (roles !== undefined) send(sent, 'roles', roles, type, choices)
  const own = choices.chance(60) ? propertiesOf(type, choices) : undefined
  const inside = Object.entries(sent.inside)
  const properties =
    own === undefined && inside.length === 0
      ? choices.chance(5)
        ? { properties: null }
        : {}
      : { properties: Object.fromEntries([...inside, ...Object.entries(own ?? {})]) }
  return { type: type.name, id, ...properties, ...sent.beside } as unknown as RequestEntity
}

function makeRole(model: Model, choices: Choices): JsonValue {
  const role = choices.pick(model.roles)
  if (choices.chance(4)) return choices.pick<JsonValue>([null, 7, {}, []])
  if (choices.chance(35)) return choices.chance(8) ? 'unheard of' : role.name
  const entry: { [name: string]: JsonValue } = {
    role: role.name,
    on: placeOf(model, choices) as JsonValue,
    ...parametersOf(role, choices),
    ...expiryOf(choices),
  }
  if (choices.chance(12)) {
    const name = choices.pick(['role', 'on', 'with', 'expires'])
    entry[name] =
      name === 'with'
        ? {
            [choices.words.word('parameter', 'limit')]: wrongJson({ kind: 'number' }, choices),
            [choices.words.word('parameter', 'label')]: 7,
          }
        : choices.pick<JsonValue>([null, 'nowhere', { type: 'nowhere' }, []])
  }
  if (choices.chance(4)) entry[choices.pick(['expire', 'to', 'note'])] = choices.pick<JsonValue>([null, '*'])
  return entry
}

function makeAction(type: EntityType | undefined, choices: Choices): DecisionRequest['action'] {
  const action =
    type === undefined || type.actions.length === 0 || choices.fault(3)
      ? undefined
      : choices.pick(type.actions)
  if (action === undefined)
    return { name: choices.words.word('action', choices.pick(['edit', 'unheard of', 'toString'])) }
  const properties = jsonOfFields(action.parameters, choices, { wrong: 4, missing: 5 })
  return choices.fault(15) ? { name: action.name } : { name: action.name, properties }
}

function pickType(model: Model, choices: Choices, isWanted: (type: EntityType) => boolean): EntityType {
  const wanted = model.types.filter(isWanted)
  return choices.fault(2) ? choices.pick(model.types) : choices.pick(wanted)
}

function makeOthers(model: Model, choices: Choices): { entities?: RequestEntity[] } {
  if (choices.chance(60)) return {}
  const all = model.types.flatMap((type) => allIds(choices, 3).map((id) => ({ type, id })))
  return {
    entities: choices.some(all, 1, 3).flatMap(({ type, id }) =>
      // The same entity twice, alike or not.
      choices.list(1, choices.chance(10) ? 2 : 1, () => makeRequestEntity(type, id, model, choices)),
    ),
  }
}

export function makeRequest(model: Model, choices: Choices): DecisionRequest {
  const subjectType = pickType(model, choices, (type) => type.isSubject)
  const resourceType =
    choices.chance(20) && subjectType.isResource
      ? subjectType
      : pickType(model, choices, (type) => type.isResource)
  const id = pickId(choices)
  const isSame = subjectType === resourceType && choices.chance(60)
  const roles = choices.chance(35) ? choices.list(0, 3, () => makeRole(model, choices)) : undefined
  const other = makeRequestEntity(resourceType, isSame ? id : pickId(choices), model, choices)
  const isOne = resourceType === subjectType && other.id === id
  // What is said twice of one entity may differ.
  const resource = isOne && choices.isFaultless ? { type: other.type, id } : other
  return {
    subject: makeRequestEntity(subjectType, id, model, choices, roles) as DecisionRequest['subject'],
    action: makeAction(resourceType, choices),
    resource: choices.fault(1) ? { ...resource, type: 'unheard of' } : resource,
    ...(!choices.fault(8)
      ? { context: jsonOfFields(model.context, choices, { wrong: 4, missing: 5 }) }
      : choices.chance(30)
        ? { context: null }
        : {}),
    ...makeOthers(model, choices),
  } as DecisionRequest
}

export const makeNow = (choices: Choices): number | undefined =>
  choices.fault(8) ? undefined : NOON + choices.pick([0, 1, -1, 300_000, -60_000, 86_400_000 * 200])
