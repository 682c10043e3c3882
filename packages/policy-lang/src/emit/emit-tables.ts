// Many rules: those that an equality or a role leads to are looked up, others walked in tables. Nothing here costs by
// the number of rules that exist.
import type { JsonObject } from '../model/request.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { AnsweringRule } from './answers.ts'
import type { Emitted } from './compile-js.ts'
import { selectByKey, selectByRole } from './decide-narrowly.ts'
import { FORMS } from './forms.ts'
import type { FastOutcome } from './outcome.ts'
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
import type { RuleFamily } from './rule-family.ts'
import { indexFamilies, type KeyedRules } from './rule-index.ts'
import type { Run } from './run.ts'
import { failureOf, singleType } from './site.ts'
import { createWriter } from './writer.ts'

/** One rule, with its constants: rules of a family share `test`. */
interface TabledRule extends AnsweringRule {
  /** `undefined`: it asks for nothing more. */
  readonly test: RuleTest | undefined
  readonly constants: readonly unknown[]
}

/** @param c constants of the rule */
type RuleTest = Emitted<
  (
    run: Run,
    sp: JsonObject,
    rp: JsonObject,
    ap: JsonObject,
    cx: JsonObject,
    sid: string,
    rid: string,
    c: readonly unknown[],
    k: readonly unknown[],
  ) => FastOutcome
>

const PARAMETERS = ['run', 'sp', 'rp', 'ap', 'cx', 'sid', 'rid']
const ARGUMENTS = PARAMETERS.join(', ')
/** Fewer rules on one key are walked as fast. */
const MIN_KEYED = 6
const NO_CONSTANTS: readonly unknown[] = Object.freeze([])

/** Rules without duties, however many. */
export function emitTables(plan: PlanWriter, effect: Effect, isTerminal: boolean): void {
  const { setup } = plan
  const families = setup.rules.families.filter((family) => family.effect === effect)
  const asked: GrantFamily[] = []
  const others: RuleFamily[] = []
  for (const family of families) {
    const role = roleOf(family, setup)
    if (role === undefined) others.push(family)
    else asked.push({ role, numbers: family.rules.map(({ number }) => number) })
  }
  if (asked.length > 0) emitRoleTable(plan, effect, asked, isTerminal)
  const { keyed, others: walked } = indexFamilies(
    others,
    setup.subject,
    Math.min(MIN_KEYED, setup.maxWritten + 1),
  )
  for (const group of keyed) emitKeyed(plan, effect, group, isTerminal)
  const table = walked.flatMap((family) => tableFamily(family, family.conjuncts, setup))
  plan.selections.push(() => table.map(({ number }) => number))
  if (table.length > 0) emitWalk(plan, effect, plan.writer.constant(table), isTerminal)
}

/** Rules that ask for a role and nothing else. */
interface GrantFamily {
  readonly role: string
  readonly numbers: readonly number[]
}

/** A rule as a family of its own. */
export function toSingleFamily(number: number, { effect, conjuncts }: PlanRule): RuleFamily {
  return { effect, conjuncts, kinds: [], rules: [{ number, constants: NO_CONSTANTS }] }
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
      const table = group.families.flatMap(({ family }) => tableFamily(family, family.conjuncts, setup))
      plan.selections.push(() => table.map(({ number }) => number))
      emitWalk(plan, effect, writer.constant(table), isTerminal)
      return
    }
    const buckets = fillBuckets(group, setup)
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
  const numbers = group.families.flatMap(({ family }) => family.rules.map(({ number }) => number))
  plan.selections.push(() => numbers)
}

function fillBuckets(
  { families }: KeyedRules,
  setup: PlanSetup,
): ReadonlyMap<unknown, readonly TabledRule[]> {
  const buckets = new Map<unknown, TabledRule[]>()
  for (const { family, rest, valuesOf } of families) {
    const tabled = tableFamily(family, rest, setup)
    family.rules.forEach((rule, index) => {
      const entry = tabled[index]
      if (entry === undefined) return
      for (const value of new Set(valuesOf(rule))) {
        const bucket = buckets.get(value)
        if (bucket === undefined) buckets.set(value, [entry])
        else bucket.push(entry)
      }
    })
  }
  return buckets
}

/** Rules in a table, one after the other. */
function emitWalk(plan: PlanWriter, effect: Effect, table: string, isTerminal: boolean): void {
  const { writer } = plan
  const [rule, outcome, index] = [writer.local('r'), writer.local('o'), writer.local('i')]
  writer.line(`for (let ${index} = 0; ${index} < ${table}.length; ${index}++) {`)
  writer.line(`const ${rule} = ${table}[${index}];`)
  const call = `${rule}.test === undefined ? 1 : ${rule}.test.code(${ARGUMENTS}, ${rule}.constants, ${rule}.test.k)`
  writer.line(`const ${outcome} = ${call};`)
  const stop = isTerminal ? '' : ' break;'
  writer.line(`if (${outcome} === 1) { ${settleTabledJs(plan, effect, rule, isTerminal)}${stop} }`)
  writer.line(`if (${outcome} === 2) ${failJs(effect)}`)
  writer.line('}')
}

/** INVARIANT: nothing in the function tells one rule of the family from another but its constants. */
function tableFamily(family: RuleFamily, asked: readonly AnyCode[], setup: PlanSetup): readonly TabledRule[] {
  const test = asked.length === 0 ? undefined : emitFamilyTest(family, asked, setup)
  return family.rules.map(({ number, constants }) => ({ number, test, constants, answer: undefined }))
}

function emitFamilyTest(family: RuleFamily, asked: readonly AnyCode[], setup: PlanSetup): RuleTest {
  const writer = createWriter()
  const site = siteOf(setup, writer, family.kinds)
  writer.line('let failed = 0;')
  for (const code of asked) {
    if (!emitOrLeave(() => emitConjunct(code, site, 'return 0;', 'failed = 1;'), writer)) break
  }
  writer.line('return failed === 1 ? 2 : 1;')
  const { body, constants } = writer.finish()
  return setup.maker.make<RuleTest['code']>([...PARAMETERS, 'c'], body, constants)
}
