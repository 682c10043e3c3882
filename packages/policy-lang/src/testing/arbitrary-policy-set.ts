import fc from 'fast-check'
import type { SourceFile } from '../diagnostics/span.ts'
import { anyCondition, anyString, type ExpressionScope } from './arbitrary-expressions.ts'
import { ENTITY_IDS, GROUP_IDS, ROLE_NAMES, SCHEMA } from './arbitrary-schema.ts'

/** A policy set as its declarations: a property may put them in any order and into any number of files. */
export interface GeneratedPolicySet {
  readonly declarations: readonly string[]
}

/** A well-typed policy set: it loads without errors, though not without warnings. */
export function anyPolicySet(): fc.Arbitrary<GeneratedPolicySet> {
  const roles = fc.tuple(...ROLE_NAMES.map((_, index) => anyRole(index)))
  const rules = fc
    .array(anyRule(), { minLength: 1, maxLength: 6 })
    .map((bodies) => bodies.map((body, index) => `rule r${index}: ${body}`))
  return fc
    .tuple(roles, rules, fc.array(anyAssignment(), { maxLength: 3 }))
    .map((parts) => ({ declarations: [SCHEMA, ...parts.flat(2)] }))
}

/** Writes a generated policy set as sources, dealing the declarations out to as many files. */
export function toSources({ declarations }: GeneratedPolicySet, fileCount = 1): readonly SourceFile[] {
  return Array.from({ length: fileCount }, (_, file) => ({
    name: `${file}.edict`,
    text: declarations.filter((_, index) => index % fileCount === file).join('\n'),
  }))
}

const RULE_SCOPE: ExpressionScope = { roles: ROLE_NAMES, hasAction: true }

function anyRule(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('allow') },
        { weight: 2, arbitrary: fc.constant('deny') },
        fc.constantFrom('after allow', 'after deny'),
      ),
      anyReach(),
      anyWho(),
      anyClauses(RULE_SCOPE),
      anyDuties(RULE_SCOPE),
    )
    .map(([effect, reach, who, clauses, duties]) => `${effect} ${reach} ${who} ${clauses} ${duties}`)
}

function anyReach(): fc.Arbitrary<string> {
  return fc.constantFrom(
    '* on *',
    'read on Document',
    'read on Folder, Document',
    'write on *',
    'change on Document',
    'toString on Folder',
    'export, remove on Document',
  )
}

function anyWho(): fc.Arbitrary<string> {
  const one = fc.oneof(
    fc.constantFrom(...ROLE_NAMES).map((name) => `role ${name}`),
    fc.constantFrom(...ENTITY_IDS).map((id) => `User::"${id}"`),
    fc.constantFrom(...GROUP_IDS).map((id) => `Team::"${id}"`),
    fc.constantFrom('User', 'anyone'),
  )
  return fc.oneof(
    fc.constant(''),
    fc.uniqueArray(one, { minLength: 1, maxLength: 2 }).map((who) => `to ${who.join(', ')}`),
  )
}

function anyClauses(scope: ExpressionScope): fc.Arbitrary<string> {
  const clause = fc
    .tuple(fc.constantFrom('if', 'unless'), anyCondition(scope))
    .map(([kind, condition]) => `${kind} ${condition}`)
  return fc.array(clause, { maxLength: 2 }).map((clauses) => clauses.join(' '))
}

function anyDuties(scope: ExpressionScope): fc.Arbitrary<string> {
  const duty = fc
    .tuple(fc.constantFrom('obligate log', 'obligate mark', 'advise hint'), anyString(scope))
    .map(([name, text]) => `${name}(text: ${text})`)
  return fc.array(duty, { maxLength: 2 }).map((duties) => duties.join(' '))
}

/** A role with its conditions. It grants something on every type, so that no assignment of it is in vain. */
function anyRole(index: number): fc.Arbitrary<readonly string[]> {
  const name = ROLE_NAMES[index] ?? 'role'
  const extended = fc.subarray(ROLE_NAMES.slice(0, index))
  const condition = fc.tuple(
    fc.constantFrom(' of Document', ' of Folder', ' of Document, Folder'),
    anyCondition({ roles: ROLE_NAMES.slice(index + 1), hasAction: false }),
  )
  const grant = fc
    .tuple(fc.constantFrom('read on *', 'write on Document', '* on Folder'), anyClauses(RULE_SCOPE))
    .map(([reach, clauses]) => `can ${reach} ${clauses}`)
  return fc
    .tuple(fc.boolean(), extended, fc.array(grant, { maxLength: 2 }), fc.array(condition, { maxLength: 2 }))
    .map(([isInherited, names, grants, conditions]) => {
      const extension = names.length > 0 ? `extends ${names.join(', ')}` : ''
      const body = [...grants, 'can read on *'].join('\n')
      const header = `${isInherited ? 'inherited ' : ''}role ${name} ${extension}`
      const rest = conditions.map(([types, condition]) => `role ${name}${types} if ${condition}`)
      return [`${header} {\n${body}\n}`, ...rest]
    })
}

function anyAssignment(): fc.Arbitrary<string> {
  const to = fc.oneof(
    fc.constantFrom(...ENTITY_IDS).map((id) => `User::"${id}"`),
    fc.constantFrom(...GROUP_IDS).map((id) => `Team::"${id}"`),
    fc.constantFrom('any User', 'any Service', 'anyone'),
  )
  const on = fc.oneof(
    fc.constantFrom(...GROUP_IDS).map((id) => ` on Folder::"${id}"`),
    fc.constantFrom('', ' on any Document', ' on any Folder'),
  )
  const until = fc.constantFrom('', ' until datetime("2026-03-01")')
  return fc
    .tuple(fc.constantFrom(...ROLE_NAMES), to, on, until)
    .map(([role, target, scope, end]) => `assign ${role} to ${target}${scope}${end}`)
}
