import type { ActionDeclaration, Declaration, EntityTypeDeclaration, Grant, Name } from '../ast/nodes.ts'
import { printDeclaration } from '../ast/print.ts'
import { compareCodePoints } from '../model/code-points.ts'

/**
 * A declaration as every text of the same meaning prints it: no docs, no layout, and members whose order says
 * nothing sorted. Behind the policy version and the numbers of grants alike.
 */
export function printCanonicalDeclaration(declaration: Declaration): string {
  return printDeclaration(sortMembers(declaration), { docs: false })
}

export function printCanonicalGrant(grant: Grant): string {
  const { span } = grant
  const members = { isInherited: false, parameters: [], extends: [], hasBody: true }
  const role = { kind: 'role', name: { name: 'r', span }, ...members, grants: [grant], span } as const
  return printDeclaration(role, { docs: false })
}

function sortMembers(declaration: Declaration): Declaration {
  if (declaration.kind === 'role') {
    return {
      ...declaration,
      extends: sortByName(declaration.extends),
      grants: sortBy(declaration.grants, printCanonicalGrant),
    }
  }
  if (declaration.kind === 'entityType') return sortTypeMembers(declaration)
  if (declaration.kind !== 'context') return declaration
  return { ...declaration, attributes: sortBy(declaration.attributes, nameOf) }
}

function sortTypeMembers(declaration: EntityTypeDeclaration): EntityTypeDeclaration {
  return {
    ...declaration,
    parents: sortByName(declaration.parents),
    attributes: sortBy(declaration.attributes, nameOf),
    actions: sortBy(declaration.actions, nameOf),
    actionGroups: sortBy(declaration.actionGroups, nameOf),
  }
}

function nameOf(node: Pick<ActionDeclaration, 'name'>): string {
  return node.name.name
}

function sortByName(names: readonly Name[]): readonly Name[] {
  return sortBy(names, ({ name }) => name)
}

function sortBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => compareCodePoints(a.key, b.key))
    .map(({ item }) => item)
}
