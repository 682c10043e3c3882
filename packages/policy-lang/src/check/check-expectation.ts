import type { Expectation, ExpectedAction, ExpectedDuty, FixtureEntry, Name } from '../ast/nodes.ts'
import type { FieldType } from '../model/types.ts'
import { checkArguments, checkConstant } from './check-constant.ts'
import { TEST_PLACE } from './check-fixture.ts'
import type { CheckState } from './check-state.ts'
import { checkDistinct } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import { quoteName } from './expressions/describe-expression.ts'
import { withArticle } from './expressions/require.ts'
import { compareTypes } from './type-relations.ts'
import { hintValueOf } from './value-hint.ts'

/** What expectations are held against. */
export interface TestContext {
  /** Of all rules and grants. */
  readonly ids: ReadonlySet<string>
  readonly duties: ReturnType<CheckState['duties']['toTypes']>
  readonly state: CheckState
}

/** `(allow | deny) …` with all that it names. */
export function checkExpectation(
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
        : (didYouMean(
            name.name,
            schema.actions.map((candidate) => candidate.name),
          ) ?? `declare it: \`actions ${quoteName(name.name)}\``),
  })
}

/** An argument may be left out, as in a request: rules that read it then fail. */
function checkArgumentsOfAction(
  given: readonly FixtureEntry[],
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
    { parameters: optional, owner: `the action \`${name.name}\``, name, place: TEST_PLACE },
    state,
  )
}

function checkId(id: Name, known: readonly string[], ids: ReadonlySet<string>, { report }: CheckState): void {
  if (ids.has(id.name)) return
  report({
    code: 'unknown-rule',
    span: id.span,
    message: `there is no rule and no grant with the id \`${id.name}\``,
    hint: () =>
      didYouMean(id.name, known) ??
      grantHint(id.name, known) ??
      'a grant is named by its place: `editor.edit.Document`',
  })
}

/** The start of the id of a grant. */
function grantHint(name: string, known: readonly string[]): string | undefined {
  const found = known.find((id) => id.startsWith(`${name}.`))
  return found === undefined ? undefined : `did you mean \`${found}\``
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
      hint: () => didYouMean(name.name, known) ?? `say it in a rule: \`${kind} ${quoteName(name.name)}(…)\``,
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
        hint: () =>
          didYouMean(argument.name.name, parameters.keys()) ??
          'rules write what there is: `obligate NAME(argument: …)`',
      })
    }
    const type = checkConstant(
      argument.value,
      undefined,
      { what: `\`${argument.name.name}\``, place: TEST_PLACE },
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
