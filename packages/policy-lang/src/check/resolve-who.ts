import type { Who } from '../ast/nodes.ts'
import type { ResolvedWho } from './checked.ts'
import type { Declarations } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Report } from './report.ts'
import type { TypeIndex } from './type-index.ts'
import { toSorted } from './type-relations.ts'

/** What stands after `to`, with roles, types and entities told apart. */
export interface ResolvedTo {
  readonly who: readonly ResolvedWho[]
  /** Subject types that can match, sorted. */
  readonly subjects: readonly string[]
}

export function resolveWho(
  members: readonly Who[],
  { declarations, index, report }: { declarations: Declarations; index: TypeIndex; report: Report },
): ResolvedTo {
  const who: ResolvedWho[] = []
  const subjects = new Set<string>()
  let isAny = members.length === 0
  for (const member of members) {
    const resolved = resolveMember(member, declarations, index, report)
    if (resolved === undefined || resolved.kind === 'anyone' || resolved.kind === 'role') isAny = true
    if (resolved === undefined) continue
    who.push(resolved)
    if (resolved.kind === 'type') subjects.add(resolved.type)
    if (resolved.kind === 'entity') {
      for (const type of index.below(resolved.type)) if (index.get(type)?.isSubject) subjects.add(type)
    }
  }
  return { who, subjects: isAny ? index.subjects : toSorted(subjects) }
}

function resolveMember(
  member: Who,
  declarations: Declarations,
  index: TypeIndex,
  report: Report,
): ResolvedWho | undefined {
  switch (member.kind) {
    case 'anyone':
      return { kind: 'anyone' }
    case 'entity':
      return resolveEntity(member, declarations, index, report)
    case 'whoName':
      return resolveName(member, declarations, report)
  }
}

function resolveEntity(
  member: Who & { readonly kind: 'entity' },
  declarations: Declarations,
  index: TypeIndex,
  report: Report,
): ResolvedWho | undefined {
  const type = member.type.name
  if (!declarations.entityTypes.has(type)) {
    report({
      code: 'unknown-type',
      span: member.type.span,
      message: `there is no entity type \`${type}\``,
      hint: () =>
        didYouMean(type, declarations.entityTypes.keys()) ?? 'declare it with `subject` or `entity`',
    })
    return undefined
  }
  if (![...index.below(type)].some((below) => index.get(below)?.isSubject)) {
    report({
      code: 'impossible-subject',
      span: member.span,
      message: `no subject can be or lie in an entity of type \`${type}\``,
      hint: `declare it: \`subject ${index.subjects[0] ?? '…'} in ${type}\``,
    })
    return undefined
  }
  return { kind: 'entity', type, id: member.id }
}

function resolveName(
  member: Who & { readonly kind: 'whoName' },
  declarations: Declarations,
  report: Report,
): ResolvedWho | undefined {
  const { name, qualifier } = member
  const isRole = qualifier !== 'type' && declarations.roles.has(name.name)
  const type = qualifier === 'role' ? undefined : declarations.entityTypes.get(name.name)
  if (isRole && type !== undefined) {
    report({
      code: 'ambiguous-name',
      span: member.span,
      message: `\`${name.name}\` is a role and a type`,
      hint: `write \`role ${name.name}\` or \`type ${name.name}\``,
    })
    return undefined
  }
  if (isRole) return { kind: 'role', role: name.name }
  if (type?.isSubject) return { kind: 'type', type: name.name }
  if (type !== undefined) {
    report({
      code: 'wrong-kind-of-type',
      span: member.span,
      message: `\`${name.name}\` is no subject type`,
      hint: `for everyone in one of them, write it with its id: \`${name.name}::"…"\``,
    })
    return undefined
  }
  reportUnknown(member, declarations, report)
  return undefined
}

function reportUnknown(
  member: Who & { readonly kind: 'whoName' },
  declarations: Declarations,
  report: Report,
): void {
  const { name, qualifier } = member
  const roles = qualifier === 'type' ? [] : [...declarations.roles.keys()]
  const types =
    qualifier === 'role'
      ? []
      : [...declarations.entityTypes.values()].filter((type) => type.isSubject).map((type) => type.name.name)
  report({
    code: qualifier === 'type' ? 'unknown-type' : 'unknown-role',
    span: name.span,
    message: `there is no ${[qualifier !== 'type' && 'role', qualifier !== 'role' && 'subject type'].filter(Boolean).join(' and no ')} \`${name.name}\``,
    hint: () => didYouMean(name.name, [...roles, ...types]) ?? unknownWhoHint(name.name, declarations),
  })
}

function unknownWhoHint(name: string, declarations: Declarations): string {
  const group = [...declarations.entityTypes.values()]
    .filter((type) => type.isSubject)
    .flatMap((type) => type.parents)[0]
  const declare = 'declare it with `role` or `subject`'
  return group === undefined
    ? declare
    : `${declare}; a group is written with its type: \`${group.name}::${JSON.stringify(name)}\``
}
