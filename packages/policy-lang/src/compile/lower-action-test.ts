import type { ActionTest } from '../ast/nodes.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { Code } from '../program/program.ts'
import type { LoweringUnit } from './lowering-context.ts'

/**
 * `action == read`, `action in edit`: the names of real actions. A group may mean other actions on each resource
 * type; only where that matters for the pairs that the rule applies to does the test ask for the type as well.
 */
export function lowerActionTest(test: ActionTest, unit: LoweringUnit): Code {
  const names = test.names.map(({ name }) => name)
  const byType = [...unit.actions].map(([type, actions]) => ({
    type,
    actions,
    meant: expandNames(names, unit.groups.get(type), actions),
  }))
  const all = [...new Set(byType.flatMap(({ meant }) => meant))].sort(compareCodePoints)
  const isSameEverywhere = byType.every(
    ({ actions, meant }) => all.filter((action) => actions.has(action)).length === meant.length,
  )
  const code: Code = isSameEverywhere
    ? { op: 'actionIn', actions: all }
    : { op: 'or', operands: byType.map(toTypedTest) }
  return test.operator === '!=' ? { op: 'not', operand: code } : code
}

function toTypedTest({ type, meant }: { readonly type: string; readonly meant: readonly string[] }): Code {
  const isType: Code = { op: 'is', operand: { op: 'resource' }, type }
  return { op: 'and', operands: [isType, { op: 'actionIn', actions: meant }] }
}

function expandNames(
  names: readonly string[],
  groups: ReadonlyMap<string, readonly string[]> | undefined,
  applicable: ReadonlySet<string>,
): readonly string[] {
  const meant = new Set(names.flatMap((name) => groups?.get(name) ?? [name]))
  return [...meant].filter((action) => applicable.has(action)).sort(compareCodePoints)
}
