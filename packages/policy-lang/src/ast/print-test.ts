import { concat, group, indent, join, type Layout, LINE, NOTHING, SOFT_LINE } from './layout.ts'
import type {
  EntityFixture,
  Expectation,
  ExpectedAction,
  ExpectedDuty,
  FixtureEntry,
  FixtureRole,
  Test,
  TestItem,
} from './nodes.ts'
import { layoutBody } from './print-body.ts'
import type { PrintContext } from './print-context.ts'
import { layoutArguments, layoutExpression, layoutList } from './print-expression.ts'
import { printActionName, printName, printRuleId, printWord, writeText } from './print-names.ts'
import { layoutAssignment, layoutScope } from './print-roles.ts'

export function layoutTest(test: Test, context: PrintContext): Layout {
  const items = test.items.map((item) => ({ span: item.span, build: () => layoutItem(item, context) }))
  return concat(`test ${writeText(test.name)} `, layoutBody(items, test.span.end, context) ?? '{}')
}

function layoutItem(item: TestItem, context: PrintContext): Layout {
  switch (item.kind) {
    case 'given':
      return layoutGiven(item, context)
    case 'testSubject': {
      const entity = layoutFixture(item.entity, context)
      if (item.roles === undefined) return concat('subject ', entity)
      const roles = item.roles.map((role) => layoutFixtureRole(role, context))
      return concat('subject ', entity, ' roles ', layoutList('[', roles, ']'))
    }
    case 'testResource':
      return concat('resource ', layoutFixture(item.entity, context))
    case 'testContext':
      return concat('context ', layoutEntries(item.attributes, context))
    case 'testNow':
      return concat('now ', layoutExpression(item.value, context))
    case 'expectation':
      return layoutExpectation(item, context)
  }
}

/** One entity or assignment may stay on the line of `given`; more have a line each. */
function layoutGiven(item: Extract<TestItem, { kind: 'given' }>, context: PrintContext): Layout {
  const entities = item.entities.map((entity) => ({
    span: entity.span,
    build: () => layoutFixture(entity, context),
  }))
  const assignments = item.assignments.map((assignment) => {
    return { span: assignment.span, build: () => layoutAssignment(assignment, context) }
  })
  const all = context.inOrder([...entities, ...assignments], ({ span }) => span.start)
  const body =
    all.length > 1 ? layoutBody(all, item.span.end, context) : layoutBody(all, item.span.end, context, LINE)
  return concat('given ', body ?? '{}')
}

function layoutFixture(fixture: EntityFixture, context: PrintContext): Layout {
  const entity = layoutExpression(fixture.entity, context)
  const below =
    fixture.parents === undefined ? NOTHING : concat(' in ', layoutParents(fixture.parents, context))
  if (fixture.attributes === undefined) return concat(entity, below)
  return concat(entity, below, ' ', layoutEntries(fixture.attributes, context))
}

function layoutParents(parents: NonNullable<EntityFixture['parents']>, context: PrintContext): Layout {
  const list = parents.map((parent) => layoutExpression(parent, context))
  const [only] = list
  return list.length === 1 && only !== undefined ? only : layoutList('[', list, ']')
}

function layoutEntries(entries: readonly FixtureEntry[], context: PrintContext): Layout {
  if (entries.length === 0) return '{}'
  const list = entries.map((entry) => layoutEntry(entry, context))
  // All on one line between the braces, where they fit there.
  return group('{', indent(LINE, group(join(concat(',', LINE), list))), LINE, '}')
}

function layoutEntry(entry: FixtureEntry, context: PrintContext): Layout {
  const lead = context.lead(entry.span.start)
  const value = layoutFixtureValue(entry.value, context)
  return concat(lead, `${printWord(entry.name)}: `, value, context.trail(entry.span.end))
}

function layoutFixtureValue(value: FixtureEntry['value'], context: PrintContext): Layout {
  if (value.kind === 'illTyped') return 'illTyped'
  const isWord = value.kind === 'reference' && value.name.name === 'illTyped'
  return isWord ? '(illTyped)' : layoutExpression(value, context)
}

function layoutFixtureRole(role: FixtureRole, context: PrintContext): Layout {
  const lead = context.lead(role.span.start)
  const args = role.arguments.length === 0 ? NOTHING : layoutArguments(role.arguments, context)
  const on = role.on === undefined ? NOTHING : concat(' on ', layoutScope(role.on, context))
  return concat(lead, printName(role.role), args, on, context.trail(role.span.end))
}

function layoutExpectation(item: Expectation, context: PrintContext): Layout {
  const actions = item.actions.map((action) => {
    return concat(printActionName(action.name), layoutOptionalArguments(action, context))
  })
  const facts = [
    layoutFact('by', item.by.map(printRuleId)),
    layoutFact(
      'with',
      item.obligations.map((duty) => layoutDuty(duty, context)),
    ),
    layoutFact(
      'advice',
      item.advice.map((duty) => layoutDuty(duty, context)),
    ),
    layoutFact('fails', item.fails.map(printRuleId)),
  ]
  const head = concat(`${item.effect} `, join(', ', actions))
  return group(head, indent(...facts))
}

function layoutFact(word: string, facts: readonly Layout[]): Layout {
  if (facts.length === 0) return NOTHING
  return concat(LINE, group(`${word} `, indent(SOFT_LINE, join(concat(',', LINE), facts))))
}

function layoutDuty(duty: ExpectedDuty, context: PrintContext): Layout {
  return concat(printWord(duty.name), layoutArguments(duty.arguments, context))
}

function layoutOptionalArguments(action: ExpectedAction, context: PrintContext): Layout {
  if (action.arguments.length === 0) return NOTHING
  return layoutList(
    '(',
    action.arguments.map((entry) => layoutEntry(entry, context)),
    ')',
  )
}
