// Programs for tests, built without policy text: short names for the parts of a Program.
import { scopeKey, targetKey } from '../model/assignment-key.ts'
import type { EntityData, EntityStore } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { DecisionRequest } from '../model/request.ts'
import type { ActionSchema, AttributeSchema, EntityTypeSchema, Schema } from '../model/schema.ts'
import type { FieldType, Type } from '../model/types.ts'
import { buildRuleTable } from '../program/build-rule-table.ts'
import { toCells } from '../program/cells.ts'
import type {
  Code,
  ComparisonOperator,
  LiteralValue,
  MethodName,
  Place,
  Program,
  ProgramAssignment,
  ProgramDuty,
  ProgramRole,
  ProgramRule,
  ProgramWho,
} from '../program/program.ts'
import { PROGRAM_FORMAT, PROGRAM_FORMAT_VERSION } from '../program/program.ts'

const AT: Place = [0, 1, 1]

export const STRING: Type = { kind: 'string' }
export const NUMBER: Type = { kind: 'number' }
export const BOOL: Type = { kind: 'bool' }
export const DATETIME: Type = { kind: 'datetime' }
export const DURATION: Type = { kind: 'duration' }
export const IP: Type = { kind: 'ip' }
export const setOf = (element: Type): Type => ({ kind: 'set', element })
export const mapOf = (value: Type): Type => ({ kind: 'map', value })
export const entityOf = (...types: string[]): Type => ({ kind: 'entity', types })
export const recordOf = (...fields: FieldType[]): Type => ({ kind: 'record', fields })

/** `name`, or `name?` where it is optional. */
export function field(name: string, type: Type): FieldType {
  const isOptional = name.endsWith('?')
  return { name: isOptional ? name.slice(0, -1) : name, type, isOptional }
}

export function attribute(name: string, type: Type, isStored = false): AttributeSchema {
  return { ...field(name, type), isStored }
}

export interface TypeOptions {
  readonly isSubject?: boolean
  readonly isResource?: boolean
  readonly parents?: readonly string[]
  readonly attributes?: readonly AttributeSchema[]
  readonly actions?: readonly (string | ActionSchema)[]
  readonly hasStoredParents?: boolean
  readonly hasStoredRoles?: boolean
}

export function entityType(name: string, options: TypeOptions = {}): EntityTypeSchema {
  const { actions = [] } = options
  return {
    name,
    isSubject: options.isSubject ?? actions.length === 0,
    isResource: options.isResource ?? actions.length > 0,
    parents: options.parents ?? [],
    attributes: options.attributes ?? [],
    actions: actions.map((action) =>
      typeof action === 'string' ? { name: action, parameters: [] } : action,
    ),
    actionGroups: [],
    hasStoredParents: options.hasStoredParents ?? false,
    hasStoredRoles: options.hasStoredRoles ?? false,
  }
}

export interface RuleOptions {
  readonly on?: readonly string[]
  readonly actions?: readonly string[]
  readonly isAfter?: boolean
  readonly grantOf?: string
  readonly to?: readonly ProgramWho[]
  readonly if?: readonly Code[]
  readonly obligate?: readonly ProgramDuty[]
  readonly advise?: readonly ProgramDuty[]
}

export interface PlacedRule {
  readonly rule: ProgramRule
  readonly on: readonly string[] | undefined
  readonly actions: readonly string[] | undefined
}

export function rule(id: string, effect: 'allow' | 'deny', options: RuleOptions = {}): PlacedRule {
  return {
    rule: {
      id,
      effect,
      isAfter: options.isAfter ?? false,
      ...(options.grantOf !== undefined && { grantOf: options.grantOf }),
      who: options.to ?? [],
      whoText: '',
      conditions: (options.if ?? []).map((code) => ({ code, text: '', at: AT })),
      obligations: options.obligate ?? [],
      advice: options.advise ?? [],
      at: AT,
    },
    on: options.on,
    actions: options.actions,
  }
}

export interface RoleOptions {
  readonly isInherited?: boolean
  readonly parameters?: readonly FieldType[]
  readonly extends?: readonly string[]
  readonly when?: Code
  readonly conditions?: readonly { readonly types?: readonly string[]; readonly if: Code }[]
}

export function role(name: string, options: RoleOptions = {}): ProgramRole {
  return {
    name,
    isInherited: options.isInherited ?? false,
    parameters: options.parameters ?? [],
    extends: options.extends ?? [],
    ...(options.when !== undefined && { when: { code: options.when, text: '', at: AT } }),
    conditions: (options.conditions ?? []).map((one) => ({
      types: one.types ?? [],
      condition: { code: one.if, text: '', at: AT },
    })),
    at: AT,
  }
}

export interface ProgramOptions {
  readonly types: readonly EntityTypeSchema[]
  readonly context?: readonly FieldType[]
  readonly roles?: readonly ProgramRole[]
  readonly assignments?: readonly Omit<ProgramAssignment, 'at'>[]
  readonly rules?: readonly PlacedRule[]
}

export function buildProgram({
  types,
  context,
  roles = [],
  assignments,
  rules = [],
}: ProgramOptions): Program {
  const sorted = rules.toSorted((a, b) => (a.rule.id < b.rule.id ? -1 : 1))
  const applies = (placed: PlacedRule, type: string, action: string): boolean =>
    (placed.on ?? [type]).includes(type) && (placed.actions ?? [action]).includes(action)
  const schema: Schema = {
    entityTypes: types,
    context: context ?? [],
    roles: roles.map(({ name, isInherited, parameters }) => ({ name, isInherited, parameters })),
  }
  const cells = toCells(schema)
  const place = (placed: PlacedRule) => ({
    rule: placed.rule,
    cells: cells.flatMap(({ resourceType, action }, index) =>
      applies(placed, resourceType, action) ? [index] : [],
    ),
  })
  return {
    format: PROGRAM_FORMAT,
    formatVersion: PROGRAM_FORMAT_VERSION,
    policyVersion: 'test',
    sources: ['test.edict'],
    schema,
    roles,
    roleGraph: { nodes: [], edges: [] },
    assignments: (assignments ?? []).map((one) => ({ ...one, at: AT })),
    cells,
    rules: buildRuleTable(sorted.map(place), { roles, cellCount: cells.length }),
  }
}

// --- code ---

export const subject: Code = { op: 'subject' }
export const resource: Code = { op: 'resource' }
export const now: Code = { op: 'now', at: AT }
export const absent: Code = { op: 'absent' }
export const literal = (value: LiteralValue): Code => ({ op: 'literal', value })
export const entity = (type: string, id: string): Code => literal({ kind: 'entity', type, id })
export const datetime = (text: string): Code => literal({ kind: 'datetime', epochMs: Date.parse(text) })
export const duration = (ms: number): Code => literal({ kind: 'duration', ms })
export const context = (name: string): Code => ({ op: 'context', name, at: AT })
export const parameter = (name: string): Code => ({ op: 'parameter', name, at: AT })
export const roleParameter = (name: string): Code => ({ op: 'roleParameter', name })
export const member = (object: Code, ...names: string[]): Code =>
  names.reduce<Code>((inner, name) => ({ op: 'member', object: inner, name, at: AT }), object)
export const entry = (object: Code, key: Code): Code => ({ op: 'entry', object, key, at: AT })
export const method = (object: Code, name: MethodName, ...args: Code[]): Code => ({
  op: 'method',
  object,
  method: name,
  args,
  at: AT,
})
export const compare = (left: Code, operator: ComparisonOperator, right: Code): Code => ({
  op: 'compare',
  operator,
  left,
  right,
  at: AT,
})
export const equal = (left: Code, right: Code): Code => compare(left, '==', right)
export const isIn = (left: Code, right: Code): Code => ({ op: 'in', left, right, at: AT })
export const isType = (operand: Code, type: string): Code => ({ op: 'is', operand, type })
export const has = (operand: Code, name: string): Code => ({ op: 'has', operand, name, at: AT })
export const hasContext = (name: string): Code => ({ op: 'hasContext', name, at: AT })
export const hasParameter = (name: string): Code => ({ op: 'hasParameter', name, at: AT })
export const not = (operand: Code): Code => ({ op: 'not', operand })
export const and = (...operands: Code[]): Code => ({ op: 'and', operands })
export const or = (...operands: Code[]): Code => ({ op: 'or', operands })
export const set = (...elements: Code[]): Code => ({ op: 'set', elements })
export const coalesce = (...operands: Code[]): Code => ({ op: 'coalesce', operands })
export const choose = (test: Code, yes: Code, no: Code): Code => ({
  op: 'conditional',
  test,
  // biome-ignore lint/suspicious/noThenProperty: a node of plain data, never awaited
  then: yes,
  otherwise: no,
})
export const arithmetic = (left: Code, operator: '+' | '-' | '*', right: Code): Code => ({
  op: 'arithmetic',
  operator,
  left,
  right,
  at: AT,
})
export const quantify = (quantifier: 'some' | 'every', members: Code, body: Code): Code => ({
  op: 'quantifier',
  quantifier,
  variable: 'x',
  set: members,
  body,
  at: AT,
})
export const variable: Code = { op: 'variable', name: 'x' }

// --- requests and stores ---

export function ask(changes: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    subject: { type: 'User', id: 'ann', properties: {} },
    action: { name: 'read' },
    resource: { type: 'Document', id: 'd', properties: {} },
    ...changes,
  }
}

/** A store of these rows, without validation. Entities without `parents` have none. */
export function storeOf(data: EntityData = {}): EntityStore {
  const { entities = [], assignments = [] } = data
  const held = new Map(entities.map((entity) => [entityKey(entity.type, entity.id), entity]))
  return {
    entity: ({ type, id }) => {
      const found = held.get(entityKey(type, id))
      return found ? { properties: found.properties ?? {}, parents: found.parents ?? [] } : 'absent'
    },
    assignmentsTo: (to) => assignments.filter((one) => targetKey(one.to) === targetKey(to)),
    assignmentsOn: (on) => assignments.filter((one) => scopeKey(one.on) === scopeKey(on)),
    entitiesOf: () => [],
    version: 'test',
  }
}
