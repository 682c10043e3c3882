// Entity types, actions, context, role headers: the declarations that all else is built on.
import type { Choices } from './choices.ts'
import {
  type Action,
  type Attribute,
  type Duty,
  type EntityType,
  type Field,
  type Model,
  type Role,
  type Type,
  writeField,
  writeName,
  writeType,
} from './model.ts'
import type { WordKind } from './vocabulary.ts'

const STRING: Type = { kind: 'string' }
const NUMBER: Type = { kind: 'number' }
const BOOL: Type = { kind: 'bool' }
const LEVELS: Type = { kind: 'enum', values: ['public', 'team', 'valueOf'] }
/** Stands in policy text as `type Token = …`. */
const TOKEN: Type = {
  kind: 'record',
  fields: [
    { name: 'scopes', type: { kind: 'set', element: STRING }, isOptional: false },
    { name: 'acr', type: STRING, isOptional: true },
    { name: 'at', type: { kind: 'datetime' }, isOptional: true },
    { name: '__proto__', type: NUMBER, isOptional: true },
    // Named like methods of other types.
    { name: 'size', type: NUMBER, isOptional: true },
  ],
}

const SUBJECT_NAMES = ['User', 'Service', 'constructor', 'acme:agent'] as const
const RESOURCE_NAMES = ['Document', 'Folder', '__proto__', 'album:object'] as const
const GROUP_NAMES = ['Team', 'toString'] as const
const ROLE_NAMES = ['viewer', 'editor', 'owner', 'admin', '__proto__', 'system:user'] as const
const ACTION_NAMES = ['read', 'write', 'share', 'constructor', 's3:Get'] as const

/** One type for each name, whichever entity type declares it, so that what several types share can be read of all. */
function attributeTypes(entities: { all: string[]; subjects: string[]; groups: string[] }, choices: Choices) {
  const { all, subjects, groups } = entities
  const one = (names: string[]): Type => ({ kind: 'entity', types: [choices.pick(names)] })
  const types: (readonly [string, Type])[] = [
    ['level', LEVELS],
    ['name', STRING],
    ['rank', NUMBER],
    ['isActive', BOOL],
    ['owner', { kind: 'entity', types: choices.some(subjects, 1, 2) }],
    ['link', { kind: 'entity', types: choices.some(all, 1, 3) }],
    ['team', one(groups)],
    ['tags', { kind: 'set', element: STRING }],
    ['watchers', { kind: 'set', element: { kind: 'entity', types: choices.some(all, 1, 2) } }],
    ['labels', { kind: 'map', value: choices.pick([STRING, NUMBER]) }],
    ['madeAt', { kind: 'datetime' }],
    ['term', { kind: 'duration' }],
    ['net', { kind: 'ip' }],
    ['nets', { kind: 'set', element: { kind: 'ip' } }],
    ['token', TOKEN],
    ['__proto__', STRING],
    ['x-id', NUMBER],
    ['constructor', BOOL],
    // Where a type has these, a request can send parents and roles beside `properties` only.
    ['parents', { kind: 'set', element: STRING }],
    ['roles', STRING],
    ['keys', NUMBER],
  ]
  return types
}

type NamedTypes = readonly (readonly [string, Type])[]

const makeFields = (types: NamedTypes, choices: Choices, kind: WordKind = 'name'): Field[] =>
  types.map(([name, type]) => ({
    name: choices.words.word(kind, name),
    type,
    isOptional: choices.chance(35),
  }))

const PARAMETER_TYPES: NamedTypes = [
  ['rows', NUMBER],
  ['format', { kind: 'enum', values: ['pdf', 'csv'] }],
  ['tags', { kind: 'set', element: STRING }],
  ['toString', STRING],
  ['at', { kind: 'datetime' }],
]

function makeActions(choices: Choices): Action[] {
  return choices.some(ACTION_NAMES, 1, 3).map((name) => ({
    name: choices.words.word('action', name),
    parameters: makeFields(choices.some(PARAMETER_TYPES, 0, 3), choices),
  }))
}

interface Names {
  readonly subjects: string[]
  readonly resources: string[]
  readonly groups: string[]
}

function makeType(name: string, names: Names, attributes: NamedTypes, choices: Choices): EntityType {
  const isSubject = names.subjects.includes(name)
  const isResource = names.resources.includes(name) || (isSubject && choices.chance(35))
  const actions = isResource ? makeActions(choices) : []
  const above = new Set<string>()
  if (isSubject && choices.chance(65)) above.add(choices.pick(names.groups))
  if (isResource && choices.chance(60)) above.add(choices.pick(names.resources))
  if (choices.chance(25)) above.add(choices.pick([...names.groups, ...names.resources, ...names.subjects]))
  const own = names.groups.includes(name) ? choices.some(attributes, 0, 2) : choices.some(attributes, 2, 6)
  return {
    name,
    isSubject,
    isResource,
    above: [...above],
    attributes: makeFields(own, choices).map(
      (field): Attribute => ({ ...field, isStored: choices.chance(15) }),
    ),
    actions,
    groups:
      actions.length > 0 && choices.chance(50)
        ? [
            {
              name: choices.words.word('action', 'edit'),
              members: choices.some(actions, 1, 2).map((action) => action.name),
            },
          ]
        : [],
    hasStoredParents: above.size > 0 && choices.chance(10),
    hasStoredRoles: isSubject && choices.chance(10),
  }
}

function makeRoles(choices: Choices): Role[] {
  let level = 0
  return choices.some(ROLE_NAMES, 2, 4).map((name) => {
    if (choices.chance(40)) level += 1
    const hasParameters = choices.chance(28)
    const types: NamedTypes = [
      ['limit', NUMBER],
      ['label', STRING],
      ['__proto__', LEVELS],
    ]
    return {
      name: choices.words.word('role', name),
      level,
      isInherited: choices.chance(55),
      parameters: hasParameters ? makeFields(choices.some(types, 1, 2), choices, 'parameter') : [],
    }
  })
}

const DUTY_TYPES: readonly Type[] = [
  STRING,
  NUMBER,
  BOOL,
  { kind: 'datetime' },
  { kind: 'duration' },
  { kind: 'ip' },
  { kind: 'set', element: NUMBER },
  { kind: 'set', element: STRING },
]

/** A record of one make, since literals of records must agree over all uses. */
const NOTE: Type = { kind: 'record', fields: [{ name: 'constructor', type: STRING, isOptional: false }] }

function makeDuties(context: readonly Field[], subjects: readonly string[], choices: Choices): Duty[] {
  const maps = context
    .filter((field) => field.type.kind === 'map' && !field.isOptional)
    .map((field) => field.type)
  const types: Type[] = [...DUTY_TYPES, NOTE, { kind: 'entity', types: [choices.pick(subjects)] }, ...maps]
  return ['log', 'watermark', 'constructor'].map((name) => ({
    name: choices.words.word('name', name),
    parameters: choices.some(['who', 'what', '__proto__'], 0, 2).map((parameter) => ({
      name: choices.words.word('name', parameter),
      type: choices.pick(types),
    })),
  }))
}

export function makeModel(choices: Choices): Model {
  const typeNames = (plain: readonly string[], max: number): string[] =>
    choices.some(plain, 1, max).map((name) => choices.words.word('type', name))
  const names: Names = {
    subjects: typeNames(SUBJECT_NAMES, 2),
    resources: typeNames(RESOURCE_NAMES, 2),
    groups: typeNames(GROUP_NAMES, 1),
  }
  const all = [...names.subjects, ...names.resources, ...names.groups]
  const attributes = attributeTypes({ all, subjects: names.subjects, groups: names.groups }, choices)
  const context = makeFields(choices.some(attributes, 2, 6), choices)
  return {
    types: all.map((name) => makeType(name, names, attributes, choices)),
    context,
    trustsStore: choices.chance(8),
    roles: makeRoles(choices),
    duties: makeDuties(context, names.subjects, choices),
  }
}

// --- text ---

function writeKind(type: EntityType): string {
  if (type.isSubject && type.isResource) return 'subject resource'
  if (type.isSubject) return 'subject'
  return type.isResource ? 'resource' : 'entity'
}

/** Types that policy text gives a name. */
const NAMED = new Map<Type, string>([
  [TOKEN, 'Token'],
  [LEVELS, 'Level'],
])

function writeTyped(field: Field): string {
  const name = NAMED.get(field.type)
  return name === undefined
    ? writeField(field)
    : `${writeName(field.name)}${field.isOptional ? '?' : ''}: ${name}`
}

function writeAction(action: Action): string {
  const parameters = action.parameters.map(writeField).join(', ')
  return parameters === '' ? writeName(action.name) : `${writeName(action.name)}(${parameters})`
}

function writeEntityType(type: EntityType): string {
  const above = type.above.length > 0 ? ` in ${type.above.map(writeName).join(', ')}` : ''
  const lines = [
    ...type.attributes.map((each) => `${each.isStored ? 'stored ' : ''}${writeTyped(each)}`),
    ...(type.hasStoredParents ? ['stored parents'] : []),
    ...(type.hasStoredRoles ? ['stored roles'] : []),
    ...(type.actions.length > 0 ? [`actions ${type.actions.map(writeAction).join(', ')}`] : []),
    ...type.groups.map(
      (group) => `actions ${writeName(group.name)} = ${group.members.map(writeName).join(', ')}`,
    ),
  ]
  const head = `${writeKind(type)} ${writeName(type.name)}${above}`
  return lines.length === 0 ? head : `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}`
}

/** The declarations of a model but for its roles. */
export function writeModel(model: Model): string[] {
  return [
    ...[...NAMED].map(([type, name]) => `type ${name} = ${writeType(type)}`),
    ...model.types.map(writeEntityType),
    `context { ${model.context.map(writeTyped).join(', ')} }`,
    ...(model.trustsStore ? ['trust store'] : []),
  ]
}
