import type { NameList } from '../ast/nodes.ts'
import type { CheckState } from './check-state.ts'
import type { CheckedGrant } from './checked.ts'
import { toSorted } from './type-relations.ts'

const NO_IDS: ReadonlySet<string> = new Set()

/** Ids of all rules and grants, for the checks of tests. Refuses rules that are named like a grant. */
export function checkRuleNames(
  grants: readonly CheckedGrant[],
  { declarations, report }: CheckState,
): ReadonlySet<string> {
  const grantIds = new Map<string, CheckedGrant>()
  const counts = new Map<string, number>()
  for (const grant of grants) {
    const id = grantId(grant)
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    grantIds.set(count === 1 ? id : `${id}#${count}`, grant)
  }
  for (const [id, { grant }] of grantIds) {
    const name = declarations.rules.get(id)?.name
    if (name === undefined) continue
    report({
      code: 'rule-named-like-grant',
      span: name.span,
      message: `\`${name.name}\` is the id of a grant, so a rule cannot have this name`,
      related: [{ span: grant.span, message: 'the grant' }],
      hint: 'choose another name',
    })
  }
  const reserved = declarations.rules.get('default')?.name
  if (reserved !== undefined) {
    report({
      code: 'reserved-name',
      span: reserved.span,
      message: 'the name `default` is taken here: it is the reason for a denial that no rule made',
      hint: 'choose another name',
    })
  }
  // Only expectations ask for them.
  if (declarations.tests.length === 0) return NO_IDS
  return new Set([...declarations.rules.keys(), ...grantIds.keys()])
}

/** A grant is known by its place: `editor.edit.Document`. */
function grantId({ grant, role }: CheckedGrant): string {
  return `${role}.${joinNames(grant.actions)}.${joinNames(grant.types)}`
}

function joinNames(list: NameList): string {
  return list.kind === 'all' ? '*' : toSorted(list.names.map((name) => name.name)).join(',')
}
