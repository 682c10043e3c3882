import type { Expectation, Test, TestItem } from '../ast/nodes.ts'
import { checkAssignment } from './check-assignments.ts'
import { checkConstant } from './check-constant.ts'
import { checkExpectation, type TestContext } from './check-expectation.ts'
import { checkContextFixture, checkFixture, checkFixtureRoles, TEST_PLACE } from './check-fixture.ts'
import type { CheckState } from './check-state.ts'
import { DATETIME } from './type-relations.ts'

/** Fixtures against the schema, expectations against rules and duties. `ids`: of all rules and grants. */
export function checkTests(ids: ReadonlySet<string>, state: CheckState): void {
  const duties = state.duties.toTypes()
  for (const test of state.declarations.tests) checkTest(test, { ids, duties, state })
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
      checkContextFixture(item.attributes, state)
      break
    case 'testNow':
      checkConstant(item.value, DATETIME, { what: '`now`', place: TEST_PLACE }, state)
      break
  }
}
