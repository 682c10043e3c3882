// `test` blocks → plain test cases.
// In: tests that the checker found sound. Out: for every action that a test expects something of, the whole
// request, data and clock as they stand there. It never decides: that is the runner's.
import type { Expectation, ExpectedAction, ExpectedDuty, Test, TestItem } from '../ast/nodes.ts'
import type { CheckedPolicySet } from '../check/checked.ts'
import type { Location, SourceFile } from '../diagnostics/span.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { AssignmentRecord, EntityRecord } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { JsonObject, RequestEntity, RequestSubject } from '../model/request.ts'
import { toJson, toJsonObject } from '../model/value-json.ts'
import type { ExpectedAnswerDuty, TestCase, TestExpectation, TestStep } from '../program/test-case.ts'
import { toAssignmentRecord } from './compile-assignments.ts'
import { createLoweringUnit } from './compile-program.ts'
import { evaluateConstant } from './constant-value.ts'
import { toEntityRecord, toFixtureJson, toRequestEntity, toRequestRoles } from './fixtures.ts'
import type { LoweringUnit } from './lowering-context.ts'
import { createPlaces, type Places } from './places.ts'

/** Compiles every test of a set, ordered by file and line. */
export function compileTests(checked: CheckedPolicySet, sources: readonly SourceFile[]): readonly TestCase[] {
  const places = createPlaces(sources, [])
  const unit = createLoweringUnit(checked, places)
  return checked.tests
    .map((test) => compileTest(test, unit, places))
    .toSorted((a, b) => compareLocations(a.at, b.at))
}

/** What the lines of a test so far have set. */
interface Situation {
  readonly entities: ReadonlyMap<string, EntityRecord>
  readonly assignments: readonly AssignmentRecord[]
  readonly subject?: RequestSubject
  readonly resource?: RequestEntity
  readonly context?: JsonObject
  readonly now?: number
}

function compileTest(test: Test, unit: LoweringUnit, places: Places): TestCase {
  let situation: Situation = { entities: new Map(), assignments: [] }
  const steps: TestStep[] = []
  for (const item of test.items) {
    if (item.kind !== 'expectation') situation = applyItem(situation, item, unit)
    else for (const action of item.actions) steps.push(toStep(situation, item, action, unit, places))
  }
  return { name: test.name, at: places.locationOf(test.span), steps }
}

function applyItem(
  situation: Situation,
  item: Exclude<TestItem, Expectation>,
  unit: LoweringUnit,
): Situation {
  switch (item.kind) {
    case 'given': {
      const entities = new Map(situation.entities)
      for (const fixture of item.entities) {
        const record = toEntityRecord(fixture, unit)
        entities.set(entityKey(record.type, record.id), record)
      }
      const added = item.assignments.map((assignment) => toAssignmentRecord(assignment, unit))
      return { ...situation, entities, assignments: [...situation.assignments, ...added] }
    }
    case 'testSubject': {
      const roles = item.roles && { roles: toRequestRoles(item.roles, unit) }
      return { ...situation, subject: { ...toRequestEntity(item.entity, unit), ...roles } }
    }
    case 'testResource':
      return { ...situation, resource: toRequestEntity(item.entity, unit) }
    case 'testContext':
      return { ...situation, context: toFixtureJson(item.attributes, unit) }
    case 'testNow': {
      const now = evaluateConstant(item.value, unit)
      if (typeof now !== 'object' || now.kind !== 'datetime') throw new TypeError('`now` takes a datetime')
      return { ...situation, now: now.epochMs }
    }
  }
}

function toStep(
  { entities, assignments, subject, resource, context, now }: Situation,
  expectation: Expectation,
  action: ExpectedAction,
  unit: LoweringUnit,
  places: Places,
): TestStep {
  if (subject === undefined || resource === undefined) {
    throw new TypeError('a test that asks before it names subject and resource')
  }
  const args = action.arguments
  const properties = args.length > 0 && { properties: toFixtureJson(args, unit) }
  return {
    at: places.locationOf(action.span),
    request: {
      subject,
      action: { name: action.name.name, ...properties },
      resource,
      ...(context !== undefined && { context }),
    },
    data: { entities: [...entities.values()], assignments },
    ...(now !== undefined && { now }),
    expect: toExpectation(expectation, unit),
  }
}

function toExpectation(expectation: Expectation, unit: LoweringUnit): TestExpectation {
  const toDuty = (duty: ExpectedDuty): ExpectedAnswerDuty => ({
    name: duty.name.name,
    args: toJsonObject(
      duty.arguments.map(({ name, value }) => [name.name, toJson(evaluateConstant(value, unit))] as const),
    ),
  })
  return {
    decision: expectation.effect,
    by: expectation.by.map(({ name }) => name),
    obligations: expectation.obligations.map(toDuty),
    advice: expectation.advice.map(toDuty),
    fails: expectation.fails.map(({ name }) => name),
  }
}

function compareLocations(a: Location, b: Location): number {
  return compareCodePoints(a.file, b.file) || a.line - b.line || a.column - b.column
}
