import type { Inspected } from './inspect-rule.ts'
import type { Report } from './report.ts'

/** Allow rules and grants that can never win, because denies without conditions cover all they apply to. */
export function warnShadowed(rules: readonly Inspected[], report: Report): void {
  const covered = new Map<string, Map<string, Inspected>>()
  const known = createCoverMemo()
  for (const rule of rules) {
    if (rule.effect !== 'deny' || rule.isAfter || !isUnconditional(rule)) continue
    if (known.has(rule)) continue
    known.set(rule, rule)
    for (const pair of rule.pairs) {
      const subjects = covered.get(pair.key) ?? new Map<string, Inspected>()
      covered.set(pair.key, subjects)
      for (const subject of rule.subjects) subjects.set(subject, rule)
    }
  }
  if (covered.size === 0) return
  const memo = createCoverMemo()
  for (const rule of rules) {
    if (rule.effect !== 'allow' || rule.isAfter || rule.pairs.length === 0) continue
    if (!memo.has(rule)) memo.set(rule, coveringDeny(rule, covered))
    const deny = memo.get(rule)
    if (deny !== undefined) reportShadowed(rule, deny, report)
  }
}

/** Remembers by what a rule applies to: alike lists share one array, so that rules on everything are looked at once. */
function createCoverMemo(): {
  has(rule: Inspected): boolean
  get(rule: Inspected): Inspected | undefined
  set(rule: Inspected, deny: Inspected | undefined): void
} {
  const memo = new Map<Inspected['pairs'], Map<Inspected['subjects'], Inspected | undefined>>()
  return {
    has: ({ pairs, subjects }) => memo.get(pairs)?.has(subjects) ?? false,
    get: ({ pairs, subjects }) => memo.get(pairs)?.get(subjects),
    set: ({ pairs, subjects }, deny) => {
      const bySubjects = memo.get(pairs) ?? new Map<Inspected['subjects'], Inspected | undefined>()
      memo.set(pairs, bySubjects)
      bySubjects.set(subjects, deny)
    },
  }
}

/** It applies to all subjects of its types, whatever the request. */
function isUnconditional({ clauses, who }: Inspected): boolean {
  if (clauses.length > 0) return false
  return (
    who.length === 0 ||
    who.some((member) => member.kind === 'anyone') ||
    who.every((member) => member.kind === 'type')
  )
}

function coveringDeny(
  { pairs, subjects }: Inspected,
  covered: ReadonlyMap<string, ReadonlyMap<string, Inspected>>,
): Inspected | undefined {
  let deny: Inspected | undefined
  for (const pair of pairs) {
    const byDeny = covered.get(pair.key)
    if (byDeny === undefined) return undefined
    for (const subject of subjects) {
      deny = byDeny.get(subject)
      if (deny === undefined) return undefined
    }
  }
  return deny
}

function reportShadowed(rule: Inspected, deny: Inspected, report: Report): void {
  report({
    code: 'shadowed-rule',
    span: rule.name.span,
    message: `this can never allow anything: \`${deny.name.name}\` denies all of it without a condition`,
    related: [{ span: deny.name.span, message: 'the deny' }],
    hint: 'a deny beats every allow: give it a condition, or remove one of them',
  })
}
