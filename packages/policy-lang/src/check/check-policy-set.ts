// Parsed files → a policy set with every question about names and types answered, or diagnostics that say why not.
// In: syntax trees. Out: plain data for the compiler. It never looks at policy text and never throws.
import type { Expression, PolicyFile } from '../ast/nodes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { createPairResolver } from './applicability.ts'
import { buildRoleGraph } from './build-role-graph.ts'
import { buildSchema, NOW } from './build-schema.ts'
import { checkAssignments } from './check-assignments.ts'
import { checkEntityTypes } from './check-entity-types.ts'
import { checkFiles } from './check-files.ts'
import { checkInvariants } from './check-invariants.ts'
import { checkRoles } from './check-roles.ts'
import { checkRuleNames } from './check-rule-names.ts'
import { checkGrants, checkRules } from './check-rules.ts'
import type { CheckState } from './check-state.ts'
import { checkTests } from './check-tests.ts'
import { checkValues } from './check-values.ts'
import type { CheckedPolicySet } from './checked.ts'
import { collectDeclarations, type Declarations } from './declarations.ts'
import { createDutyTable } from './duty-table.ts'
import type { Tables } from './expressions/typing.ts'
import { createReporter, type Report, type Reporter } from './report.ts'
import { createNameResolver } from './resolve-names.ts'
import { createTypeResolver, type TypeResolver } from './resolve-type.ts'
import { computeRoleReach } from './role-reach.ts'
import { createTypeIndex, type TypeIndex } from './type-index.ts'
import { createValueTable } from './value-table.ts'
import { warnConstants } from './warn-constants.ts'
import { warnEvery } from './warn-every.ts'
import { warnRepeated } from './warn-repeated.ts'
import { warnReplaceable } from './warn-replaceable.ts'
import { warnShadowed } from './warn-shadowed.ts'
import { warnUnused } from './warn-unused.ts'

export interface CheckResult {
  /** Left out where there is an error. */
  readonly checked?: CheckedPolicySet
  /** By file and position, in the order of the files given. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Checks all files of a policy set together. */
export function checkPolicySet(files: readonly PolicyFile[]): CheckResult {
  const reporter = createReporter(files.map(({ file }) => file))
  const checked = checkAll(files, reporter)
  const diagnostics = reporter.diagnostics()
  return reporter.hasErrors() ? { diagnostics } : { checked, diagnostics }
}

function checkAll(files: readonly PolicyFile[], reporter: Reporter): CheckedPolicySet {
  const { report, probe } = reporter
  const declarations = collectDeclarations(files, report)
  const resolver = createTypeResolver(declarations, report)
  const schema = buildSchema(declarations, resolver, report)
  const index = createTypeIndex(schema)
  const state: CheckState = { ...createState(declarations, resolver, index, report), probe }
  checkFiles(files, report)
  checkEntityTypes(state)
  checkValues(state)
  const conditions = checkRoles(state)
  const grants = checkGrants(state)
  const rules = checkRules(state)
  const checkedGrants = grants.map(({ checked }) => checked)
  const ids = checkRuleNames(checkedGrants, state)
  const inspected = [...rules, ...grants]
  if (declarations.assignments.length > 0) checkAssignments(computeRoleReach(inspected, state), state)
  checkTests(ids, state)
  checkInvariants(state)
  const roleGraph = buildRoleGraph(conditions, state)
  // Of what was found out by a sample, a warning would have kept the sample from standing for it.
  const written = [...rules.filter(({ repeats }) => repeats === undefined), ...grants]
  const observed = [...written, ...conditions].map((unit) => unit.observed)
  warnConstants(observed, report)
  warnEvery(written, state)
  warnRepeated(state)
  warnReplaceable(written, conditions, state)
  // Behind a misspelt name much looks unused or covered that is not.
  if (!reporter.hasErrors()) {
    warnShadowed(inspected, report)
    warnUnused(resolver.usedAliases, state)
  }
  return {
    files,
    schema,
    roles: declarations.roles,
    lets: declarations.lets,
    fns: declarations.fns,
    rules,
    grants: checkedGrants,
    assignments: declarations.assignments,
    tests: declarations.tests,
    invariants: declarations.invariants,
    roleGraph,
    methods: state.methods,
    duties: state.duties.toTypes(),
  }
}

function createState(
  declarations: Declarations,
  resolver: TypeResolver,
  index: TypeIndex,
  report: Report,
): Omit<CheckState, 'probe'> {
  const values = createValueTable(declarations, report)
  const fnParameters = new Map(
    [...declarations.fns].map(([name, fn]) => [
      name,
      fn.parameters.map(({ type }) => resolver.resolve(type)),
    ]),
  )
  const tables: Tables = {
    declarations,
    types: index,
    attributes: new WeakMap(),
    values,
    fnParameters,
    roles: new Map(index.schema.roles.map((role) => [role.name, role.parameters])),
    contextFields: new Map([...index.schema.context, NOW].map((field) => [field.name, field])),
  }
  return {
    declarations,
    index,
    tables,
    names: createNameResolver(declarations, report),
    pairs: createPairResolver(declarations, index, report),
    duties: createDutyTable(report),
    methods: new Set<Expression>(),
    report,
  }
}
