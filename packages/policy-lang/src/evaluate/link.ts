// Program → LinkedProgram: the same content behind Maps, with patterns compiled and closures computed.
// It must never hold anything of a request, of entity data or of a decision.
import type { RE2JS } from 're2js'
import { scopeKey } from '../model/assignment-key.ts'
import type { AssignmentRecord } from '../model/entity-data.ts'
import type { AttributeSchema, EntityTypeSchema } from '../model/schema.ts'
import type { FieldType } from '../model/types.ts'
import type {
  Program,
  ProgramAssignment,
  ProgramCondition,
  ProgramRole,
  ProgramRule,
} from '../program/program.ts'
import { cellRules, ruleAt } from '../program/rule-access.ts'
import type { AssignmentIndex } from './assignment-index.ts'
import { compilePatterns } from './compile-patterns.ts'

/** A Program made ready to decide. */
export interface LinkedProgram {
  readonly program: Program
  readonly types: ReadonlyMap<string, LinkedType>
  readonly context: ReadonlyMap<string, FieldType>
  readonly roles: ReadonlyMap<string, LinkedRole>
  /** Rules that were asked for before, by index. A memo: it saves work and changes no answer. */
  readonly rules: Map<number, ProgramRule>
  /** Assignments in policy text, by `scopeKey` of their `on`. */
  readonly assignments: ReadonlyMap<string, readonly ProgramAssignment[]>
  /** Every RE2 pattern of the Program, compiled. */
  readonly patterns: ReadonlyMap<string, RE2JS>
  /**
   * Lists of assignments that decisions have read before, under the version of their store. A memo: it saves work
   * and changes no answer.
   */
  readonly assignmentIndexes: WeakMap<
    readonly AssignmentRecord[],
    { readonly version: string; readonly index: AssignmentIndex }
  >
}

export interface LinkedType {
  readonly schema: EntityTypeSchema
  readonly attributes: ReadonlyMap<string, AttributeSchema>
  /** Types that an entity of this one can lie below, however far. */
  readonly ancestors: ReadonlySet<string>
  readonly actions: ReadonlyMap<string, LinkedAction>
}

export interface LinkedAction {
  readonly parameters: ReadonlyMap<string, FieldType>
  /** Where it stands in `program.cells`. */
  readonly cell: number
}

export interface LinkedRole {
  readonly role: ProgramRole
  /** Roles that extend this one: who holds one of them holds this. */
  readonly extendedBy: readonly string[]
  /** Conditions that give the role on an entity of this type. */
  readonly conditionsOn: (type: string) => readonly ProgramCondition[]
}

/**
 * Links a Program once; the result serves any number of decisions.
 * @throws PolicyLangError `invalid-program` where a pattern is no RE2
 */
export function linkProgram(program: Program): LinkedProgram {
  return {
    program,
    types: linkTypes(program),
    context: byName(program.schema.context),
    roles: linkRoles(program.roles),
    rules: new Map(),
    assignments: Map.groupBy(program.assignments, ({ on }) => scopeKey(on)),
    patterns: compilePatterns(program),
    assignmentIndexes: new WeakMap(),
  }
}

function linkTypes(program: Program): ReadonlyMap<string, LinkedType> {
  const declared = byName(program.schema.entityTypes)
  // INVARIANT: cells are exactly the declared pairs, in the order of the schema.
  let cell = 0
  const link = (schema: EntityTypeSchema): LinkedType => {
    const firstCell = cell
    cell += schema.actions.length
    let attributes: LinkedType['attributes'] | undefined
    let actions: LinkedType['actions'] | undefined
    // Made when they are asked for: of thousands of types, a service is asked about some.
    return {
      schema,
      ancestors: ancestorTypes(schema, declared),
      get attributes() {
        attributes ??= byName(schema.attributes)
        return attributes
      },
      get actions() {
        actions ??= linkActions(schema, firstCell)
        return actions
      },
    }
  }
  return new Map(program.schema.entityTypes.map((schema) => [schema.name, link(schema)]))
}

function linkActions({ actions }: EntityTypeSchema, firstCell: number): LinkedType['actions'] {
  return new Map(
    actions.map(({ name, parameters }, at) => [
      name,
      { parameters: byName(parameters), cell: firstCell + at },
    ]),
  )
}

/** Rules that are kept once they were put together: some kilobytes each. */
const MAX_KEPT_RULES = 1024

/** The rules that apply to an action on a type, by id in code-point order. */
export function rulesOf({ program, rules }: LinkedProgram, { cell }: LinkedAction): readonly ProgramRule[] {
  return Array.from(cellRules(program, cell), (index) => {
    const known = rules.get(index)
    if (known !== undefined) return known
    const rule = ruleAt(program, index)
    if (rules.size < MAX_KEPT_RULES) rules.set(index, rule)
    return rule
  })
}

function ancestorTypes(
  schema: EntityTypeSchema,
  declared: ReadonlyMap<string, EntityTypeSchema>,
): ReadonlySet<string> {
  if (schema.parents.length === 0) return NO_TYPES
  const found = new Set<string>()
  const pending = [...schema.parents]
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (found.has(type)) continue
    found.add(type)
    pending.push(...(declared.get(type)?.parents ?? []))
  }
  return found
}

function linkRoles(roles: readonly ProgramRole[]): ReadonlyMap<string, LinkedRole> {
  const extenders = roles.flatMap((role) => role.extends.map((extended) => ({ extended, by: role.name })))
  const extendedBy = Map.groupBy(extenders, ({ extended }) => extended)
  return new Map(
    roles.map((role) => [
      role.name,
      {
        role,
        extendedBy: (extendedBy.get(role.name) ?? []).map(({ by }) => by),
        conditionsOn: indexConditions(role),
      },
    ]),
  )
}

function indexConditions(role: ProgramRole): LinkedRole['conditionsOn'] {
  return (type) =>
    role.conditions
      .filter(({ types }) => types.length === 0 || types.includes(type))
      .map(({ condition }) => condition)
}

// Most types have no parents, most actions no parameters: with thousands of types, empty collections would be a
// good part of all that a policy set holds.
const NOTHING: ReadonlyMap<string, never> = new Map<string, never>()
const NO_TYPES: ReadonlySet<string> = new Set<string>()

function byName<T extends { readonly name: string }>(members: readonly T[]): ReadonlyMap<string, T> {
  if (members.length === 0) return NOTHING
  return new Map(members.map((member) => [member.name, member]))
}
