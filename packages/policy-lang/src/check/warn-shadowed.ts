import type { Inspected } from './check-rules.ts'
import type { Report } from './report.ts'

/** Allow rules and grants that can never win, because denies without conditions cover all they apply to. */
export function warnShadowed(rules: readonly Inspected[], report: Report): void {
  const covered = new Map<string, Map<string, Inspected>>()
  for (const rule of rules) {
    if (rule.effect !== 'deny' || rule.isAfter || !isUnconditional(rule)) continue
    for (const pair of rule.pairs) {
      const subjects = covered.get(pair.key) ?? new Map<string, Inspected>()
      covered.set(pair.key, subjects)
      for (const subject of rule.subjects) subjects.set(subject, rule)
    }
  }
  if (covered.size === 0) return
  for (const rule of rules) {
    if (rule.effect !== 'allow' || rule.isAfter || rule.pairs.length === 0) continue
    const deny = coveringDeny(rule, covered)
    if (deny !== undefined) reportShadowed(rule, deny, report)
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
