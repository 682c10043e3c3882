import type { NearestMiss } from '../model/answer.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { PreparedRules } from './prepare.ts'
import { toLocation } from './to-location.ts'
import { countUnmet, traceConditions } from './trace-conditions.ts'
import { collectWithinBudget, type Watch } from './watch.ts'

const SHOWN_MISSES = 20

/** Allow rules that did not match, fewest unmet conjuncts first, WHO counting as one of them. */
export function findNearestMisses({ rules, session }: PreparedRules, watch: Watch): readonly NearestMiss[] {
  const allows = rules.filter(({ effect, isAfter }) => effect === 'allow' && !isAfter)
  const misses = collectWithinBudget(allows, (rule): readonly NearestMiss[] => {
    const conditions = traceConditions(rule, session, watch)
    const first = conditions.find(({ result }) => result !== 'true')
    if (first === undefined) return []
    const location = toLocation(rule.at, session.linked.program)
    const doc = rule.doc === undefined ? {} : { doc: rule.doc }
    return [{ rule: rule.id, location, ...doc, unmet: countUnmet(conditions), first }]
  })
  return misses
    .toSorted((a, b) => a.unmet - b.unmet || compareCodePoints(a.rule, b.rule))
    .slice(0, SHOWN_MISSES)
}
