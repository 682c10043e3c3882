import type {
  Argument,
  EntityFixture,
  Expectation,
  ExpectedAction,
  ExpectedDuty,
  FixtureEntry,
  FixtureRole,
  Name,
  Test,
  TestItem,
} from '../ast/nodes.ts'
import type { FieldType } from '../model/types.ts'
import { checkAssignment } from './check-assignments.ts'
import { checkArguments, checkConstant } from './check-constant.ts'
import type { CheckState } from './check-state.ts'
import { checkDistinct } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import { quoteName } from './expressions/describe-expression.ts'
import { withArticle } from './expressions/require.ts'
import { compareTypes, DATETIME } from './type-relations.ts'
import { hintValueOf } from './value-hint.ts'

const PLACE = 'in a test'

/** Fixtures against the schema, expectations against rules and duties. `ids`: of all rules and grants. */
export function checkTests(ids: ReadonlySet<string>, state: CheckState): void {
  const duties = state.duties.toTypes()
  for (const test of state.declarations.tests) checkTest(test, { ids, duties, state })
}

interface TestContext {
  readonly ids: ReadonlySet<string>
  readonly duties: ReturnType<CheckState['duties']['toTypes']>
  readonly state: CheckState
}

function checkTest(test: Test, context: TestContext): void {
  let hasSubject = false
  let resource: string | undefined
  for (const item of test.items) {
    if (item.kind === 'testSubject') hasSubject = true
    if (item.kind === 'testResource') resource = item.entity.entity.type.name
    if (item.kind !== 'expectation') checkLine(item, context.state)
    else checkExpectation(item, resource, hasSubject, context)
  }
  if (test.items.some((item) => item.kind === 'expectation')) return
  context.state.report({
    code: 'incomplete-test',
    span: test.span,
    message: `the test \`${test.name}\` expects nothing`,
    hint: 'add a line such as `allow read` or `deny delete`',
  })
}

function checkLine(item: Exclude<TestItem, Expectation>, state: CheckState): void {
  switch (item.kind) {
    case 'given':
      for (const entity of item.entities) checkFixture(entity, 'given', state)
      for (const assignment of item.assignments) checkAssignment(assignment, state)
      break
    case 'testSubject':
      checkFixture(item.entity, 'subject', state)
      checkFixtureRoles(item.entity, item.roles ?? [], state)
      break
    case 'testResource':
      checkFixture(item.entity, 'resource', state)
      break
    case 'testContext':
      checkContext(item.attributes, state)
      break
    case 'testNow':
      checkConstant(item.value, DATETIME, { what: '`now`', place: PLACE }, state)
      break
  }
}

type FixturePlace = 'given' | 'subject' | 'resource'

function checkFixture(fixture: EntityFixture, place: FixturePlace, state: CheckState): void {
  const { type } = fixture.entity
  for (const parent of fixture.parents ?? []) state.names.resolveEntityType(parent.type)
  if (!state.names.resolveEntityType(type)) {
    resolveValues(fixture.attributes ?? [], state)
    return
  }
  checkKind(type, place, state)
  checkParents(fixture, place, state)
  checkAttributes(fixture, place, state)
}

function checkKind(type: Name, place: FixturePlace, { index, report }: CheckState): void {
  const schema = index.get(type.name)
  if (place === 'given' || schema === undefined) return
  if (place === 'subject' ? schema.isSubject : schema.isResource) return
  report({
    code: 'wrong-kind-of-type',
    span: type.span,
    message: `\`${type.name}\` is no ${place} type`,
    hint: `declare it with \`${place} ${type.name}\``,
  })
}

function checkParents(
  { entity, parents }: EntityFixture,
  place: FixturePlace,
  { index, report }: CheckState,
): void {
  const schema = index.get(entity.type.name)
  const first = parents?.[0]
  if (schema === undefined || parents === undefined) return
  for (const parent of parents) {
    if (schema.parents.includes(parent.type.name) || !index.has(parent.type.name)) continue
    report({
      code: 'type-mismatch',
      span: parent.span,
      message: `\`${schema.name}\` cannot lie directly in \`${parent.type.name}\``,
      hint: `declare it: \`${schema.name} in ${parent.type.name}\``,
    })
  }
  if (place === 'given' || !schema.hasStoredParents) return
  reportStored(first?.span ?? entity.span, `the parents of \`${schema.name}\` are`, report)
}

function reportStored(span: Name['span'], what: string, report: CheckState['report']): void {
  report({
    code: 'stored-in-request',
    span,
    message: `${what} read from the store alone, so what this line sends is ignored`,
    hint: 'move it into `given { … }`',
  })
}

function checkAttributes(
  { entity, attributes = [] }: EntityFixture,
  place: FixturePlace,
  state: CheckState,
): void {
  const { index, report } = state
  const type = entity.type.name
  const known = new Map((index.get(type)?.attributes ?? []).map((attribute) => [attribute.name, attribute]))
  checkEntries(attributes, known, `\`${type}\``, state)
  if (place === 'given') return
  for (const { name } of attributes) {
    if (known.get(name.name)?.isStored) reportStored(name.span, `\`${name.name}\` of \`${type}\` is`, report)
  }
}

function checkEntries(
  entries: readonly FixtureEntry[],
  known: ReadonlyMap<string, FieldType>,
  owner: string,
  state: CheckState,
): void {
  checkDistinct(
    entries.map((entry) => entry.name),
    'attribute',
    state.report,
  )
  for (const { name, value } of entries) {
    const field = known.get(name.name)
    if (field === undefined) {
      state.report({
        code: 'unknown-attribute',
        span: name.span,
        message: `${owner} has no attribute \`${name.name}\``,
        hint: () =>
          didYouMean(name.name, known.keys()) ??
          'a request may hold more than is declared, but no rule can read it',
      })
    }
    if (value.kind !== 'illTyped') {
      checkConstant(value, field?.type, { what: `\`${name.name}\``, place: PLACE }, state)
    }
  }
}

function resolveValues(entries: readonly FixtureEntry[], { names }: CheckState): void {
  for (const { value } of entries) if (value.kind !== 'illTyped') names.resolve(value)
}

function checkContext(entries: readonly FixtureEntry[], state: CheckState): void {
  const clock = entries.find(({ name }) => name.name === 'now')
  if (clock !== undefined) {
    state.report({
      code: 'reserved-name',
      span: clock.name.span,
      message: 'the name `now` is taken here: `context.now` is the clock',
      hint: 'set it with a line of its own: `now datetime("…")`',
    })
  }
  const known = new Map(state.index.schema.context.map((field) => [field.name, field]))
  const others = entries.filter((entry) => entry !== clock)
  checkEntries(others, known, '`context`', state)
}

function checkFixtureRoles(fixture: EntityFixture, roles: readonly FixtureRole[], state: CheckState): void {
  const schema = state.index.get(fixture.entity.type.name)
  for (const { role, arguments: given, on } of roles) {
    const parameters = state.names.resolveRole(role) ? state.tables.roles.get(role.name) : undefined
    if (parameters !== undefined) {
      checkArguments(
        given,
        { parameters, owner: `the role \`${role.name}\``, name: role, place: PLACE },
        state,
      )
    }
    if (on !== undefined) state.names.resolveEntityType(on.type)
  }
  if (roles[0] !== undefined && schema?.hasStoredRoles) {
    reportStored(roles[0].span, `the roles of \`${schema.name}\` are`, state.report)
  }
}

function checkExpectation(
  expectation: Expectation,
  resource: string | undefined,
  hasSubject: boolean,
  context: TestContext,
): void {
  const { ids, state } = context
  if (!hasSubject || resource === undefined) {
    state.report({
      code: 'incomplete-test',
      span: expectation.span,
      message: `this asks for a decision before there is a ${hasSubject ? 'resource' : 'subject'}`,
      hint: `put a \`${hasSubject ? 'resource' : 'subject'}\` line above`,
    })
  }
  for (const action of expectation.actions) checkAction(action, resource, state)
  for (const id of expectation.by) if (id.name !== 'default') checkId(id, [...ids, 'default'], ids, state)
  for (const id of expectation.fails) checkId(id, [...ids], ids, state)
  for (const duty of expectation.obligations) checkDuty(duty, 'obligate', context)
  for (const duty of expectation.advice) checkDuty(duty, 'advise', context)
}

function checkAction(
  { name, arguments: given }: ExpectedAction,
  resource: string | undefined,
  state: CheckState,
): void {
  const schema = resource === undefined ? undefined : state.index.get(resource)
  const action = schema && state.index.action(schema.name, name.name)
  if (schema === undefined) return
  if (action !== undefined) {
    const parameters = action.parameters
    checkArgumentsOfAction(given, parameters, name, state)
    return
  }
  const isGroup = schema.actionGroups.some((group) => group.name === name.name)
  state.report({
    code: isGroup ? 'group-as-action' : 'unknown-action',
    span: name.span,
    message: isGroup
      ? `\`${name.name}\` is a group of actions, and a request names one action`
      : `\`${schema.name}\` has no action \`${name.name}\``,
    hint: () =>
      isGroup
        ? 'name the actions of the group one by one'
        : didYouMean(
            name.name,
            schema.actions.map((candidate) => candidate.name),
          ),
  })
}

/** An argument may be left out, as in a request: rules that read it then fail. */
function checkArgumentsOfAction(
  given: readonly Argument[],
  parameters: readonly FieldType[],
  name: Name,
  state: CheckState,
): void {
  checkDistinct(
    given.map((argument) => argument.name),
    'argument',
    state.report,
  )
  const optional = parameters.map((parameter) => ({ ...parameter, isOptional: true }))
  checkArguments(
    given,
    { parameters: optional, owner: `the action \`${name.name}\``, name, place: PLACE },
    state,
  )
}

function checkId(id: Name, known: readonly string[], ids: ReadonlySet<string>, { report }: CheckState): void {
  if (ids.has(id.name)) return
  report({
    code: 'unknown-rule',
    span: id.span,
    message: `there is no rule and no grant with the id \`${id.name}\``,
    hint: () => didYouMean(id.name, known) ?? 'a grant is named by its place: `editor.edit.Document`',
  })
}

function checkDuty(
  { name, arguments: given }: ExpectedDuty,
  kind: 'obligate' | 'advise',
  context: TestContext,
): void {
  const { duties, state } = context
  checkDistinct(
    given.map((argument) => argument.name),
    'argument',
    state.report,
  )
  const known = state.duties.names(kind)
  if (!known.has(name.name)) {
    state.report({
      code: 'unknown-duty',
      span: name.span,
      message: `no rule says \`${kind} ${quoteName(name.name)}\``,
      hint: () => didYouMean(name.name, known),
    })
  }
  const parameters = duties.get(name.name)
  for (const argument of given) {
    const expected = parameters?.get(argument.name.name)
    if (parameters !== undefined && expected === undefined) {
      state.report({
        code: 'unknown-parameter',
        span: argument.name.span,
        message: `\`${name.name}\` has no argument \`${argument.name.name}\``,
        hint: () => didYouMean(argument.name.name, parameters.keys()),
      })
    }
    const type = checkConstant(
      argument.value,
      undefined,
      { what: `\`${argument.name.name}\``, place: PLACE },
      state,
    )
    if (type === undefined || expected === undefined || compareTypes(type, expected) !== 'mismatch') continue
    state.report({
      code: 'type-mismatch',
      span: argument.value.span,
      message: `\`${argument.name.name}\` of \`${name.name}\` is ${withArticle(expected)}, and this is ${withArticle(type)}`,
      hint: hintValueOf(expected),
    })
  }
}
