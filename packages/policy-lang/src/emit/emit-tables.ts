// Many rules: those that an equality or a role leads to are looked up, others walked in tables. Nothing here costs by
// the number of rules that exist.
import type { AnyCode } from '../program/code-children.ts'
import { selectByKey, selectByRole } from './decide-narrowly.ts'
import { FORMS } from './forms.ts'
import { TRUE } from './outcome.ts'
import { isByAssignment, type PlanRule } from './plan-rule.ts'
import {
  type Effect,
  emitConjunct,
  emitOrLeave,
  failJs,
  type PlanSetup,
  type PlanWriter,
  settleListedJs,
  settleTabledJs,
  siteOf,
} from './plan-writer.ts'
import { type BucketFamily, createRuleBuckets } from './rule-buckets.ts'
import type { RuleFamily } from './rule-family.ts'
import { indexFamilies, type KeyedFamily, type KeyedRules } from './rule-index.ts'
import {
  type ListedRule,
  listedConstantJs,
  numbersIn,
  type RuleTest,
  readRuleJs,
  TEST_PARAMETERS,
  toRuleList,
} from './rule-list.ts'
import { failureOf, singleType } from './site.ts'
import { createWriter } from './writer.ts'

const ARGUMENTS = TEST_PARAMETERS.slice(0, -2).join(', ')
/** Fewer rules on one key are walked as fast. */
const MIN_KEYED = 6
/** Asks for nothing. */
const ALWAYS: RuleTest = () => TRUE

/** Rules without duties, however many. */
export function emitTables(plan: PlanWriter, effect: Effect, isTerminal: boolean): void {
  const { setup } = plan
  const families = setup.rules.families.filter((family) => family.effect === effect)
  const asked: GrantFamily[] = []
  const others: RuleFamily[] = []
  for (const family of families) {
    const role = roleOf(family, setup)
    if (role === undefined) others.push(family)
    else asked.push({ role, numbers: family.numbers })
  }
  if (asked.length > 0) emitRoleTable(plan, effect, asked, isTerminal)
  const { keyed, others: walked } = indexFamilies(
    others,
    setup.subject,
    Math.min(MIN_KEYED, setup.maxWritten + 1),
  )
  for (const group of keyed) emitKeyed(plan, effect, group, isTerminal)
  const table = toRuleList(walked.flatMap((family) => listAll(family, setup)))
  plan.selections.push(() => numbersIn(table))
  if (table.length > 0) emitWalk(plan, effect, plan.writer.constant(table), isTerminal)
}

/** Rules that ask for a role and nothing else. */
interface GrantFamily {
  readonly role: string
  readonly numbers: readonly number[]
}

/** A rule as a family of its own. */
export function toSingleFamily(number: number, { effect, conjuncts }: PlanRule): RuleFamily {
  return { effect, conjuncts, kinds: [], numbers: [number], constantOf: () => undefined }
}

/** The role that is all its rules ask for, where who holds it follows from assignments. */
export function roleOf(
  { conjuncts }: Pick<RuleFamily, 'conjuncts'>,
  { linked, roles }: PlanSetup,
): string | undefined {
  const [only] = conjuncts
  if (conjuncts.length !== 1 || only?.op !== 'hasRole' || only.on !== undefined) return undefined
  return !roles.isRecursive(only.role) && isByAssignment(only.role, linked, roles) ? only.role : undefined
}

/** Grants to roles: the subject's roles lead to the rule. */
function emitRoleTable(
  plan: PlanWriter,
  effect: Effect,
  families: readonly GrantFamily[],
  isTerminal: boolean,
): void {
  const { writer, setup } = plan
  const asked = families.map(({ role }, place) => [role, place] as const)
  for (const { role, numbers } of families) plan.selections.push(selectByRole(role, numbers))
  const question = writer.constant(setup.emitter.ask(asked, setup.resource.schema.name))
  const place = writer.local('t')
  const first = families.map(({ numbers: [number = -1] }) => number)
  writer.line(`const ${place} = h.findHeld(run, ${question}, rid);`)
  writer.line(`if (${place} >= 0) { ${settleListedJs(plan, effect, first, place, isTerminal)} }`)
  writer.line(`else if (${place} === -2) ${failJs(effect)}`)
}

function emitKeyed(plan: PlanWriter, effect: Effect, group: KeyedRules, isTerminal: boolean): void {
  const { writer, setup } = plan
  const isEmitted = emitOrLeave(() => {
    const key = FORMS.value(group.key, siteOf(setup, writer))
    // A key of another type than that of the values is never equal to one; of several types, the ids alone do not tell.
    if (key.type.kind === 'entity' && singleType(key.type) !== group.entityType) {
      const table = toRuleList(group.families.flatMap(({ family }) => listAll(family, setup)))
      plan.selections.push(() => numbersIn(table))
      emitWalk(plan, effect, writer.constant(table), isTerminal)
      return
    }
    const buckets = createRuleBuckets(group.families.map((keyed) => toBucketFamily(keyed, setup)))
    plan.buckets.push(buckets)
    plan.selections.push(selectByKey(group.key, effect, buckets))
    const found = writer.local('b')
    const failed = failureOf(key)
    // Below a key that is not known no allow can match; each deny is then decided by its full condition.
    writer.line(failed === undefined ? '{' : `if (${failed}) { ${failJs(effect)} } else {`)
    writer.line(`const ${found} = ${writer.constant(buckets)}.get(${key.js});`)
    writer.line(`if (${found} !== undefined) {`)
    emitWalk(plan, effect, found, isTerminal)
    writer.line('}')
    writer.line('}')
  }, writer)
  if (isEmitted) return
  const numbers = group.families.flatMap(({ family }) => family.numbers)
  plan.selections.push(() => numbers)
}

function toBucketFamily({ family, rest, valuesOf }: KeyedFamily, setup: PlanSetup): BucketFamily {
  return { numbers: family.numbers, valuesOf, list: listFamily(family, rest, setup) }
}

/** Rules in a table, one after the other. */
function emitWalk(plan: PlanWriter, effect: Effect, table: string, isTerminal: boolean): void {
  const { writer } = plan
  const [list, at, test, outcome] = ['l', 'i', 'f', 'o'].map(writer.local) as [string, string, string, string]
  const rule = readRuleJs(list, at)
  writer.line(`const ${list} = ${table};`)
  writer.line(`for (let ${at} = 0; ${at} < ${list}.length; ${rule.next}) {`)
  writer.line(`const ${test} = ${rule.test};`)
  writer.line(`const ${outcome} = ${test}(${ARGUMENTS}, ${list}, ${at});`)
  const stop = isTerminal ? '' : ' break;'
  writer.line(`if (${outcome} === 1) { ${settleTabledJs(plan, effect, list, at, isTerminal)}${stop} }`)
  writer.line(`if (${outcome} === 2) ${failJs(effect)}`)
  writer.line('}')
}

/** What a rule of the family is in a list. INVARIANT: nothing in the function tells one of them from another but constants. */
function listFamily(
  family: RuleFamily,
  asked: readonly AnyCode[],
  setup: PlanSetup,
): (rule: number) => ListedRule {
  const { test, constants: shared } =
    asked.length === 0 ? { test: ALWAYS, constants: [] } : emitFamilyTest(family, asked, setup)
  const { kinds, constantOf } = family
  return (number) => ({
    test,
    number,
    constants: [...kinds.map((_, slot) => constantOf(number, slot)), ...shared],
  })
}

function listAll(family: RuleFamily, setup: PlanSetup): readonly ListedRule[] {
  return family.numbers.map(listFamily(family, family.conjuncts, setup))
}

function emitFamilyTest(
  family: RuleFamily,
  asked: readonly AnyCode[],
  setup: PlanSetup,
): { readonly test: RuleTest; readonly constants: readonly unknown[] } {
  const writer = createWriter((place) => listedConstantJs(family.kinds.length + place))
  const site = siteOf(setup, writer, family.kinds)
  writer.line('let failed = 0;')
  for (const code of asked) {
    if (!emitOrLeave(() => emitConjunct(code, site, 'return 0;', 'failed = 1;'), writer)) break
  }
  writer.line('return failed === 1 ? 2 : 1;')
  const { body, constants } = writer.finish()
  return { test: setup.maker.makeShared<RuleTest>(TEST_PARAMETERS, body), constants }
}
