import type { AttributeDeclaration, EntityTypeDeclaration, Parameter } from '../ast/nodes.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { ActionSchema, AttributeSchema, EntityTypeSchema, RoleSchema, Schema } from '../model/schema.ts'
import type { FieldType } from '../model/types.ts'
import { checkDistinct, type Declarations } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Report } from './report.ts'
import type { TypeResolver } from './resolve-type.ts'
import { DATETIME, NOTHING, toSorted } from './type-relations.ts'

/** `context.now`: always there, never declared. */
export const NOW: FieldType = { name: 'now', type: DATETIME, isOptional: false }

/** What the set declares about data: names resolved, reserved ones refused. */
export function buildSchema(declarations: Declarations, types: TypeResolver, report: Report): Schema {
  const build: Build = { declarations, types, report }
  return {
    entityTypes: sortByName([...declarations.entityTypes.values()].map((type) => toEntityType(type, build))),
    context: toContext(build),
    roles: sortByName([...declarations.roles.values()].map(({ declaration }) => toRole(declaration, build))),
  }
}

interface Build {
  readonly declarations: Declarations
  readonly types: TypeResolver
  readonly report: Report
}

function sortByName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => compareCodePoints(a.name, b.name))
}

function withDoc(doc: string | undefined): { readonly doc?: string } {
  return doc === undefined ? {} : { doc }
}

function toEntityType(type: EntityTypeDeclaration, build: Build): EntityTypeSchema {
  const isTrusted = build.declarations.trustStore !== undefined
  checkDistinct(
    [...type.actions, ...type.actionGroups].map((action) => action.name),
    'action',
    build.report,
  )
  checkDistinct(type.parents, 'parent type', build.report)
  const actions = type.actions.map((action) =>
    toAction(action.name.name, action.parameters, action.doc, build),
  )
  return {
    name: type.name.name,
    isSubject: type.isSubject,
    isResource: type.isResource,
    parents: toSorted(
      type.parents.map((parent) => parent.name).filter((name) => build.declarations.entityTypes.has(name)),
    ),
    attributes: toAttributes(type.attributes, build),
    actions: sortByName(actions),
    actionGroups: toGroups(type, build),
    hasStoredParents: isTrusted || type.storedParents !== undefined,
    hasStoredRoles: isTrusted || type.storedRoles !== undefined,
    ...withDoc(type.doc),
  }
}

function toAttributes(declared: readonly AttributeDeclaration[], build: Build): readonly AttributeSchema[] {
  checkReserved(declared, 'id', 'every entity has `.id`', build.report)
  checkDistinct(
    declared.map((attribute) => attribute.name),
    'attribute',
    build.report,
  )
  const attributes = declared.map((attribute) => {
    const type = build.types.resolve(attribute.type) ?? NOTHING
    const { isOptional, isStored } = attribute
    return { name: attribute.name.name, type, isOptional, isStored, ...withDoc(attribute.doc) }
  })
  return sortByName(attributes)
}

function toAction(
  name: string,
  parameters: readonly Parameter[],
  doc: string | undefined,
  build: Build,
): ActionSchema {
  checkReserved(parameters, 'name', '`action.name` is the name of the action', build.report)
  return { name, parameters: sortByName(build.types.resolveFields(parameters, 'parameter')), ...withDoc(doc) }
}

function toContext(build: Build): readonly FieldType[] {
  const declared = build.declarations.context?.attributes ?? []
  checkReserved(declared, 'now', '`context.now` is the clock and always there', build.report)
  return sortByName(build.types.resolveFields(declared, 'attribute'))
}

function toRole(
  role: {
    readonly name: { readonly name: string }
    readonly isInherited: boolean
    readonly parameters: readonly Parameter[]
    readonly doc?: string
  },
  build: Build,
): RoleSchema {
  return {
    name: role.name.name,
    isInherited: role.isInherited,
    parameters: sortByName(build.types.resolveFields(role.parameters, 'parameter')),
    ...withDoc(role.doc),
  }
}

function checkReserved(
  declared: readonly (AttributeDeclaration | Parameter)[],
  reserved: string,
  reason: string,
  report: Report,
): void {
  for (const { name } of declared) {
    if (name.name !== reserved) continue
    report({
      code: 'reserved-name',
      span: name.span,
      message: `the name \`${reserved}\` is taken here: ${reason}`,
      hint: 'remove it, or choose another name',
    })
  }
}

/** A group lists actions of its own type; groups do not nest. */
function toGroups(type: EntityTypeDeclaration, build: Build): EntityTypeSchema['actionGroups'] {
  const actions = new Set(type.actions.map((action) => action.name.name))
  for (const group of type.actionGroups) {
    for (const member of group.members) {
      if (actions.has(member.name)) continue
      build.report({
        code: 'unknown-action',
        span: member.span,
        message: `\`${type.name.name}\` has no action \`${member.name}\``,
        hint: () =>
          didYouMean(member.name, actions) ?? 'a group lists actions of the same type, and no groups',
      })
    }
  }
  const groups = type.actionGroups.map((group) => ({
    name: group.name.name,
    actions: toSorted(group.members.map((member) => member.name).filter((name) => actions.has(name))),
  }))
  return sortByName(groups)
}
