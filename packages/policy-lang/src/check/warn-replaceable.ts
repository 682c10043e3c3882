import type { Span } from '../diagnostics/span.ts'
import type { InspectedCondition } from './check-roles.ts'
import type { CheckState } from './check-state.ts'
import type { ParentRead, RoleTest } from './expressions/typing.ts'
import type { Inspected } from './inspect-rule.ts'

/**
 * Where a request may send roles and parents, leaving one out or adding one can lift a deny or make a negation true.
 * One warning for each rule: the cure is the same for all of its places.
 */
export function warnReplaceable(
  rules: readonly Inspected[],
  conditions: readonly InspectedCondition[],
  state: CheckState,
): void {
  if (state.declarations.trustStore !== undefined) return
  for (const rule of rules) {
    if (rule.isAfter) continue
    const found = findReplaceable(rule, state)
    if (found !== undefined) reportReplaceable(found, rule.effect === 'deny' ? 'a deny' : 'a negation', state)
  }
  for (const { observed } of conditions) {
    const found = findInTests(
      observed.roleTests.filter(isNegated),
      observed.parentReads.filter(isNegated),
      state.index.subjects,
      state,
    )
    if (found !== undefined) reportReplaceable(found, 'a negation', state)
  }
}

interface Replaceable {
  readonly span: Span
  readonly what: 'roles' | 'parents'
  /** The type that would have to mark them `stored`. */
  readonly type: string
  /** Whether leaving out is all that helps: the test is no negation. */
  readonly isPlain?: boolean
}

function isNegated(test: RoleTest | ParentRead): boolean {
  return !test.isMonotone
}

function findReplaceable(
  { effect, name, who, subjects, observed }: Inspected,
  state: CheckState,
): Replaceable | undefined {
  const isDeny = effect === 'deny'
  const tests = (observed?.roleTests ?? []).filter((test) => isDeny || isNegated(test))
  const reads = (observed?.parentReads ?? []).filter((read) => isDeny || isNegated(read))
  const found = findInTests(tests, reads, subjects, state)
  if (found !== undefined || !isDeny) return found
  for (const member of who) {
    if (member.kind === 'role') {
      const type = subjects.find((subject) => !state.index.get(subject)?.hasStoredRoles)
      if (type !== undefined) return { span: name.span, what: 'roles', type, isPlain: true }
    }
    if (member.kind === 'entity') {
      const type = subjects.find(
        (subject) => subject !== member.type && hasReplaceableParents(subject, state),
      )
      if (type !== undefined) return { span: name.span, what: 'parents', type }
    }
  }
  return undefined
}

function findInTests(
  tests: readonly RoleTest[],
  reads: readonly ParentRead[],
  subjects: readonly string[],
  state: CheckState,
): Replaceable | undefined {
  for (const { node, role, types, isMonotone } of tests) {
    const type = subjects.find((subject) => !state.index.get(subject)?.hasStoredRoles)
    if (type !== undefined) return { span: node.span, what: 'roles', type, isPlain: isMonotone }
    if (!state.declarations.roles.get(role)?.declaration.isInherited) continue
    const below = types.find((asked) => hasReplaceableParents(asked, state))
    if (below !== undefined) return { span: node.span, what: 'parents', type: below }
  }
  for (const { node, from } of reads) {
    const type = from.find((candidate) => hasReplaceableParents(candidate, state))
    if (type !== undefined) return { span: node.span, what: 'parents', type }
  }
  return undefined
}

function hasReplaceableParents(type: string, { index }: CheckState): boolean {
  const schema = index.get(type)
  return schema !== undefined && schema.parents.length > 0 && !schema.hasStoredParents
}

/** Stored roles stay whatever a request says: it can add others, and leave out those that it brings itself. */
function describeDanger({ what, isPlain = false }: Replaceable): string {
  if (what === 'parents') return ', which a request may replace'
  return isPlain
    ? ', and a request can leave out those that it brings'
    : ', and a request can add to them, or leave out those that it brings'
}

function reportReplaceable(found: Replaceable, where: string, { report }: CheckState): void {
  const { span, what, type } = found
  report({
    code: 'replaceable-input',
    span,
    message: `${where} reads ${what} of \`${type}\`${describeDanger(found)}`,
    hint: `say \`stored ${what}\` in \`${type}\`, or \`trust store\` once for all types`,
  })
}
