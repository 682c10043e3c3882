import type { AttributeDeclaration, NamedType, Parameter, TypeExpression, UnionType } from '../ast/nodes.ts'
import { FOREIGN_TYPES } from '../diagnostics/foreign-words.ts'
import type { FieldType, Type } from '../model/types.ts'
import type { Declarations } from './declarations.ts'
import { checkDistinct } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import { orderByDependency } from './order-by-dependency.ts'
import type { Report } from './report.ts'
import {
  BOOL,
  DATETIME,
  DURATION,
  entityOf,
  IP,
  NOTHING,
  NUMBER,
  STRING,
  toSorted,
} from './type-relations.ts'

/** Aliases can double a type at every step; no data has that shape. */
const MAX_TYPE_SIZE = 2000
/** Values of a type are read along its nesting. */
const MAX_TYPE_DEPTH = 100

const PRIMITIVES: ReadonlyMap<string, Type> = new Map([
  ['Bool', BOOL],
  ['String', STRING],
  ['Number', NUMBER],
  ['Datetime', DATETIME],
  ['Duration', DURATION],
  ['Ip', IP],
])

export const PRIMITIVE_NAMES: ReadonlySet<string> = new Set([...PRIMITIVES.keys(), 'Set', 'Map'])

export interface TypeResolver {
  /** Reports what it cannot resolve and gives `undefined` for it. */
  resolve(type: TypeExpression): Type | undefined
  /** Fields whose type did not resolve are `NOTHING`, so that their uses are not reported as well. */
  resolveFields(fields: readonly (AttributeDeclaration | Parameter)[], what: string): readonly FieldType[]
  /** Aliases that some type names. */
  readonly usedAliases: ReadonlySet<string>
}

interface SizedType {
  readonly type: Type | undefined
  readonly size: number
  readonly depth: number
}

/** Resolves all aliases, refusing cycles, and gives a resolver for the other types of the set. */
export function createTypeResolver(declarations: Declarations, report: Report): TypeResolver {
  const aliases = new Map<string, SizedType>()
  const usedAliases = new Set<string>()
  const state: ResolverState = { declarations, report, aliases, usedAliases }
  const dependencies = new Map([...declarations.aliases].map(([name, alias]) => [name, namesIn(alias.type)]))
  const { ordered, cycles } = orderByDependency(dependencies)
  for (const cycle of cycles) reportCycle(cycle, declarations, report)
  for (const name of ordered) {
    const alias = declarations.aliases.get(name)
    if (alias !== undefined) aliases.set(name, resolveSized(alias.type, state))
  }
  usedAliases.clear()
  for (const names of dependencies.values()) for (const name of names) usedAliases.add(name)
  const resolve = (type: TypeExpression) => resolveSized(type, state).type
  return {
    resolve,
    usedAliases,
    resolveFields: (fields, what) => {
      checkDistinct(
        fields.map((field) => field.name),
        what,
        report,
      )
      return fields.map((field) => ({
        name: field.name.name,
        type: resolve(field.type) ?? NOTHING,
        isOptional: field.isOptional,
      }))
    },
  }
}

interface ResolverState {
  readonly declarations: Declarations
  readonly report: Report
  /** Resolved so far: all aliases that a type can name, but for those on a cycle. */
  readonly aliases: ReadonlyMap<string, SizedType>
  readonly usedAliases: Set<string>
}

const UNKNOWN: SizedType = { type: undefined, size: 1, depth: 1 }

function resolveSized(expression: TypeExpression, state: ResolverState): SizedType {
  const resolved = resolveShape(expression, state)
  const isTooLarge = resolved.size > MAX_TYPE_SIZE
  if (!isTooLarge && resolved.depth <= MAX_TYPE_DEPTH) return resolved
  const limit = isTooLarge ? `has more than ${MAX_TYPE_SIZE} parts` : `nests deeper than ${MAX_TYPE_DEPTH}`
  state.report({
    code: 'type-too-large',
    span: expression.span,
    message: `this type ${limit} once its names are put in`,
    hint: 'split it, or use an entity type for what repeats',
  })
  return UNKNOWN
}

function resolveShape(expression: TypeExpression, state: ResolverState): SizedType {
  switch (expression.kind) {
    case 'namedType':
      return resolveName(expression, state)
    case 'literalType':
      return isDeclaredType(expression.value, state)
        ? resolveName(
            {
              kind: 'namedType',
              name: { name: expression.value, span: expression.span },
              span: expression.span,
            },
            state,
          )
        : { type: { kind: 'enum', values: [expression.value] }, size: 1, depth: 1 }
    case 'setType':
      return wrapSized(resolveSized(expression.element, state), (element) => ({ kind: 'set', element }))
    case 'mapType':
      return wrapSized(resolveSized(expression.value, state), (value) => ({ kind: 'map', value }))
    case 'recordType':
      return resolveRecord(expression.fields, state)
    case 'unionType':
      return resolveUnion(expression, state)
  }
}

/** A quoted name of a declared type is that type, as in every other place. */
function isDeclaredType(name: string, { declarations }: ResolverState): boolean {
  return declarations.entityTypes.has(name) || declarations.aliases.has(name)
}

function wrapSized(inner: SizedType, build: (type: Type) => Type): SizedType {
  return { type: inner.type && build(inner.type), size: inner.size + 1, depth: inner.depth + 1 }
}

function resolveRecord(declared: readonly AttributeDeclaration[], state: ResolverState): SizedType {
  checkDistinct(
    declared.map((field) => field.name),
    'member',
    state.report,
  )
  const fields: FieldType[] = []
  let size = 1
  let depth = 0
  for (const field of declared) {
    const resolved = resolveSized(field.type, state)
    size += resolved.size
    depth = Math.max(depth, resolved.depth)
    fields.push({ name: field.name.name, type: resolved.type ?? NOTHING, isOptional: field.isOptional })
  }
  return { type: { kind: 'record', fields }, size, depth: depth + 1 }
}

function resolveName({ name, span }: NamedType, state: ResolverState): SizedType {
  const { declarations, aliases, usedAliases, report } = state
  const primitive = PRIMITIVES.get(name.name)
  if (primitive !== undefined) return { type: primitive, size: 1, depth: 1 }
  if (declarations.entityTypes.has(name.name)) return { type: entityOf([name.name]), size: 1, depth: 1 }
  if (declarations.aliases.has(name.name)) {
    usedAliases.add(name.name)
    return aliases.get(name.name) ?? UNKNOWN
  }
  const known = [...PRIMITIVES.keys(), ...declarations.entityTypes.keys(), ...declarations.aliases.keys()]
  report({
    code: 'unknown-type',
    span,
    message: `there is no type \`${name.name}\``,
    hint: () =>
      FOREIGN_TYPES.get(name.name) ??
      didYouMean(name.name, known) ??
      'declare it with `subject`, `resource`, `entity` or `type`',
  })
  return UNKNOWN
}

function resolveUnion(union: UnionType, state: ResolverState): SizedType {
  const members = union.members.map((member) => resolveSized(member, state).type)
  const literals: string[] = []
  const entities: string[] = []
  for (const member of members) {
    if (member === undefined) return UNKNOWN
    if (member.kind === 'enum') for (const value of member.values) literals.push(value)
    else if (member.kind === 'entity') for (const type of member.types) entities.push(type)
    else return reportMixedUnion(union, state)
  }
  if (literals.length > 0 && entities.length > 0) return reportMixedUnion(union, state)
  const type: Type =
    literals.length > 0 ? { kind: 'enum', values: toSorted(literals) } : entityOf(toSorted(entities))
  return { type, size: 1, depth: 1 }
}

function reportMixedUnion(union: UnionType, state: ResolverState): SizedType {
  state.report({
    code: 'mixed-union',
    span: union.span,
    message: 'a union holds either string literals or entity types',
    hint: 'declare two optional attributes instead, one for each type',
  })
  return UNKNOWN
}

/** Names of aliases and types that stand in a type expression. */
function namesIn(type: TypeExpression): readonly string[] {
  switch (type.kind) {
    case 'namedType':
      return [type.name.name]
    case 'literalType':
      return [type.value]
    case 'setType':
      return namesIn(type.element)
    case 'mapType':
      return namesIn(type.value)
    case 'recordType':
      return type.fields.flatMap((field) => namesIn(field.type))
    case 'unionType':
      return type.members.flatMap(namesIn)
  }
}

function reportCycle(cycle: readonly string[], declarations: Declarations, report: Report): void {
  const first = declarations.aliases.get(cycle[0] ?? '')
  if (first === undefined) return
  report({
    code: 'type-cycle',
    span: first.name.span,
    message: `the type \`${first.name.name}\` is made of itself: ${[...cycle, cycle[0]].map((name) => `\`${name}\``).join(' → ')}`,
    hint: 'use an entity type for what contains things of its own kind',
  })
}
