import type { EntityFixture, FixtureEntry, FixtureRole, Name } from '../ast/nodes.ts'
import type { FieldType } from '../model/types.ts'
import { checkArguments, checkConstant } from './check-constant.ts'
import type { CheckState } from './check-state.ts'
import { checkDistinct } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'

/** For messages about values that stand in a test. */
export const TEST_PLACE = 'in a test'

type FixturePlace = 'given' | 'subject' | 'resource'

/** One entity of a test against its type. */
export function checkFixture(fixture: EntityFixture, place: FixturePlace, state: CheckState): void {
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
          'take it out, or declare it: no rule can read what is not declared',
      })
    }
    if (value.kind !== 'illTyped') {
      checkConstant(value, field?.type, { what: `\`${name.name}\``, place: TEST_PLACE }, state)
    }
  }
}

function resolveValues(entries: readonly FixtureEntry[], { names }: CheckState): void {
  for (const { value } of entries) if (value.kind !== 'illTyped') names.resolve(value)
}

/** A `context { … }` line. */
export function checkContextFixture(entries: readonly FixtureEntry[], state: CheckState): void {
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

/** `roles [viewer, editor on Folder::"f"]` behind a subject. */
export function checkFixtureRoles(
  fixture: EntityFixture,
  roles: readonly FixtureRole[],
  state: CheckState,
): void {
  const schema = state.index.get(fixture.entity.type.name)
  for (const { role, arguments: given, on } of roles) {
    const parameters = state.names.resolveRole(role) ? state.tables.roles.get(role.name) : undefined
    if (parameters !== undefined) {
      checkArguments(
        given,
        { parameters, owner: `the role \`${role.name}\``, name: role, place: TEST_PLACE },
        state,
      )
    }
    if (on !== undefined) state.names.resolveEntityType(on.type)
  }
  if (roles[0] !== undefined && schema?.hasStoredRoles) {
    reportStored(roles[0].span, `the roles of \`${schema.name}\` are`, state.report)
  }
}
