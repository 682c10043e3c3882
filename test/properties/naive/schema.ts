// What a policy set declares, collected from its trees by name. No checks: the set is known to be sound.
import type {
  ActionDeclaration,
  ActionGroupDeclaration,
  Assignment,
  AttributeDeclaration,
  Expression,
  FnDeclaration,
  Grant,
  Parameter,
  PolicyFile,
  RoleCondition,
  RoleDeclaration,
  Rule,
  TypeExpression,
} from '../../../packages/policy-lang/src/ast/nodes.ts'

export type Type =
  | { readonly kind: 'bool' | 'string' | 'number' | 'datetime' | 'duration' | 'ip' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'entity'; readonly types: readonly string[] }
  | { readonly kind: 'set'; readonly element: Type }
  | { readonly kind: 'map'; readonly value: Type }
  | { readonly kind: 'record'; readonly fields: Fields }

export interface Field {
  readonly type: Type
  readonly isOptional: boolean
  readonly isStored: boolean
}
export type Fields = ReadonlyMap<string, Field>

export interface EntityType {
  readonly isSubject: boolean
  readonly isResource: boolean
  readonly above: readonly string[]
  readonly attributes: Fields
  readonly actions: ReadonlyMap<string, Fields>
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly hasStoredParents: boolean
  readonly hasStoredRoles: boolean
}

export interface Role {
  readonly isInherited: boolean
  readonly parameters: Fields
  readonly extends: readonly string[]
  readonly when: readonly Expression[]
  readonly conditions: readonly RoleCondition[]
  readonly grants: readonly Grant[]
}

export interface Schema {
  readonly types: ReadonlyMap<string, EntityType>
  readonly context: Fields
  readonly roles: ReadonlyMap<string, Role>
  readonly lets: ReadonlyMap<string, Expression>
  readonly fns: ReadonlyMap<string, FnDeclaration>
  /** Types of the parameters of every `fn`, by its name. */
  readonly fnParameters: ReadonlyMap<string, Fields>
  readonly rules: readonly Rule[]
  readonly assignments: readonly Assignment[]
}

const PRIMITIVES = new Map<string, Type>([
  ['Bool', { kind: 'bool' }],
  ['String', { kind: 'string' }],
  ['Number', { kind: 'number' }],
  ['Datetime', { kind: 'datetime' }],
  ['Duration', { kind: 'duration' }],
  ['Ip', { kind: 'ip' }],
])

type Resolve = (type: TypeExpression) => Type

function resolveUnion(members: readonly Type[]): Type {
  const values = members.flatMap((member) => (member.kind === 'enum' ? member.values : []))
  const types = members.flatMap((member) => (member.kind === 'entity' ? member.types : []))
  return types.length > 0 ? { kind: 'entity', types } : { kind: 'enum', values }
}

/** `aliases` holds every `type N = T` of the set. */
function createResolver(
  aliases: ReadonlyMap<string, TypeExpression>,
  typeNames: ReadonlySet<string>,
): Resolve {
  const resolve: Resolve = (type) => {
    switch (type.kind) {
      case 'namedType': {
        const name = type.name.name
        const alias = aliases.get(name)
        if (alias !== undefined) return resolve(alias)
        return PRIMITIVES.get(name) ?? { kind: 'entity', types: [name] }
      }
      case 'setType':
        return { kind: 'set', element: resolve(type.element) }
      case 'mapType':
        return { kind: 'map', value: resolve(type.value) }
      case 'recordType':
        return { kind: 'record', fields: readFields(type.fields, resolve) }
      case 'literalType':
        // A string that names a declared type is that type.
        return typeNames.has(type.value)
          ? { kind: 'entity', types: [type.value] }
          : { kind: 'enum', values: [type.value] }
      case 'unionType':
        return resolveUnion(type.members.map(resolve))
    }
  }
  return resolve
}

function readFields(declared: readonly (AttributeDeclaration | Parameter)[], resolve: Resolve): Fields {
  return new Map(
    declared.map((field) => [
      field.name.name,
      {
        type: resolve(field.type),
        isOptional: field.isOptional,
        isStored: field.kind === 'attribute' && field.isStored,
      },
    ]),
  )
}

const readActions = (actions: readonly ActionDeclaration[], resolve: Resolve): Map<string, Fields> =>
  new Map(actions.map((action) => [action.name.name, readFields(action.parameters, resolve)]))

const readGroups = (groups: readonly ActionGroupDeclaration[]): Map<string, readonly string[]> =>
  new Map(groups.map((group) => [group.name.name, group.members.map((member) => member.name)]))

function readRole(
  headers: readonly RoleDeclaration[],
  conditions: readonly RoleCondition[],
  resolve: Resolve,
): Role {
  return {
    isInherited: headers.some((header) => header.isInherited),
    parameters: readFields(
      headers.flatMap((header) => header.parameters),
      resolve,
    ),
    extends: headers.flatMap((header) => header.extends.map((role) => role.name)),
    when: headers.flatMap((header) => (header.when === undefined ? [] : [header.when])),
    conditions,
    grants: headers.flatMap((header) => header.grants),
  }
}

export function readSchema(files: readonly PolicyFile[]): Schema {
  const all = files.flatMap((file) => file.declarations)
  const trustsStore = all.some((declaration) => declaration.kind === 'trustStore')
  const resolve = createResolver(
    new Map(all.flatMap((each) => (each.kind === 'typeAlias' ? [[each.name.name, each.type] as const] : []))),
    new Set(all.flatMap((each) => (each.kind === 'entityType' ? [each.name.name] : []))),
  )
  const types = new Map<string, EntityType>()
  const lets = new Map<string, Expression>()
  const fns = new Map<string, FnDeclaration>()
  const headers: RoleDeclaration[] = []
  const conditions: RoleCondition[] = []
  const rules: Rule[] = []
  const assignments: Assignment[] = []
  let context: Fields = new Map()
  for (const each of all) {
    if (each.kind === 'let') lets.set(each.name.name, each.value)
    if (each.kind === 'fn') fns.set(each.name.name, each)
    if (each.kind === 'role') headers.push(each)
    if (each.kind === 'roleCondition') conditions.push(each)
    if (each.kind === 'rule') rules.push(each)
    if (each.kind === 'assignment') assignments.push(each)
    if (each.kind === 'context') context = readFields(each.attributes, resolve)
    if (each.kind === 'entityType') {
      types.set(each.name.name, {
        isSubject: each.isSubject,
        isResource: each.isResource,
        above: each.parents.map((parent) => parent.name),
        attributes: readFields(each.attributes, resolve),
        actions: readActions(each.actions, resolve),
        groups: readGroups(each.actionGroups),
        hasStoredParents: trustsStore || each.storedParents !== undefined,
        hasStoredRoles: trustsStore || each.storedRoles !== undefined,
      })
    }
  }
  const roleNames = new Set([
    ...headers.map((each) => each.name.name),
    ...conditions.map((each) => each.role.name),
  ])
  const roles = new Map<string, Role>()
  for (const name of roleNames) {
    const mine = headers.filter((header) => header.name.name === name)
    const itsConditions = conditions.filter((condition) => condition.role.name === name)
    roles.set(name, readRole(mine, itsConditions, resolve))
  }
  const fnParameters = new Map(
    [...fns].map(([name, fn]) => [name, readFields(fn.parameters, resolve)] as const),
  )
  return { types, context, roles, lets, fns, fnParameters, rules, assignments }
}

/** The types that an entity of this type may lie below, near or far. */
export function typesAbove(schema: Schema, type: string): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [...(schema.types.get(type)?.above ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue
    found.add(next)
    open.push(...(schema.types.get(next)?.above ?? []))
  }
  return found
}
