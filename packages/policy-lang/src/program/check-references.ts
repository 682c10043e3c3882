import { compareCodePoints } from '../model/code-points.ts'
import { findNegativeCycle } from '../model/role-graph.ts'
import { timeOfDayMs } from '../model/time-zone.ts'
import { type AnyCode, childrenOf } from './code-children.ts'
import type { Place, Program, ProgramCondition, ProgramRole } from './program.ts'
import { below, fail, type JsonPlace, ROOT } from './read-json.ts'
import type { ConstantKind, RuleShape, ShapeWho } from './rule-table.ts'

/** How deep a condition may nest: every walk over it recurses. Compiled conditions stay below. */
const MAX_CODE_DEPTH = 500

/**
 * Holds a well-shaped Program to what the evaluator relies on: every name has its declaration, every index its
 * target, lists are in order and without duplicates.
 * @throws PolicyLangError `invalid-program`
 */
export function checkReferences(program: ProgramFrame, shapes: readonly RuleShape[]): void {
  const names: DeclaredNames = {
    types: new Set(program.schema.entityTypes.map(({ name }) => name)),
    context: new Set(program.schema.context.map(({ name }) => name)),
    roleParameters: new Map(
      program.roles.map((role) => [role.name, new Set(role.parameters.map(({ name }) => name))]),
    ),
    sourceCount: program.sources.length,
  }
  checkSchema(program)
  checkRoles(program, names)
  checkRoleGraph(program, names)
  checkAssignments(program, names)
  const shapesAt = below(below(ROOT, 'rules'), 'shapes')
  shapes.forEach((shape, index) => {
    checkShape(shape, names, below(shapesAt, index))
  })
}

/** A Program but for its rules. */
export type ProgramFrame = Omit<Program, 'cells' | 'rules'>

/** Kinds of constants that are values. */
const VALUE_KINDS = ['string', 'number', 'datetime', 'duration', 'ip', 'entity'] as const

interface DeclaredNames {
  readonly types: ReadonlySet<string>
  readonly context: ReadonlySet<string>
  readonly roleParameters: ReadonlyMap<string, ReadonlySet<string>>
  readonly sourceCount: number
}

function checkSchema({ schema }: ProgramFrame): void {
  const at = below(ROOT, 'schema')
  const typesAt = below(at, 'entityTypes')
  checkOrder(schema.entityTypes, ({ name }) => name, typesAt)
  checkOrder(schema.context, ({ name }) => name, below(at, 'context'))
  schema.entityTypes.forEach((type, index) => {
    const typeAt = below(typesAt, index)
    checkOrder(type.attributes, ({ name }) => name, below(typeAt, 'attributes'))
    checkOrder(type.actions, ({ name }) => name, below(typeAt, 'actions'))
  })
}

function checkRoles(program: ProgramFrame, names: DeclaredNames): void {
  const rolesAt = below(ROOT, 'roles')
  checkOrder(program.roles, ({ name }) => name, rolesAt)
  const declared = program.schema.roles.map(({ name }) => name)
  const isSame =
    declared.length === program.roles.length && declared.every((name) => names.roleParameters.has(name))
  if (!isSame) fail(rolesAt, 'roles differ from those of the schema')
  program.roles.forEach((role, index) => {
    checkRole(role, names, below(rolesAt, index))
  })
}

function checkRole(role: ProgramRole, names: DeclaredNames, at: JsonPlace): void {
  checkPlace(role.at, { names }, at)
  role.extends.forEach((name, index) => {
    checkRoleName(name, names, below(below(at, 'extends'), index))
  })
  if (role.when !== undefined) {
    checkCondition(role.when, { names, parametersOf: role.name }, below(at, 'when'))
  }
  role.conditions.forEach(({ types, condition }, index) => {
    const conditionAt = below(below(at, 'conditions'), index)
    types.forEach((type, typeIndex) => {
      checkTypeName(type, names, below(below(conditionAt, 'types'), typeIndex))
    })
    checkCondition(condition, { names }, below(conditionAt, 'condition'))
  })
}

function checkRoleGraph({ roleGraph }: ProgramFrame, names: DeclaredNames): void {
  const at = below(ROOT, 'roleGraph')
  roleGraph.nodes.forEach(({ role, type }, index) => {
    checkRoleName(role, names, below(below(at, 'nodes'), index))
    checkTypeName(type, names, below(below(at, 'nodes'), index))
  })
  roleGraph.edges.forEach(({ from, to }, index) => {
    const isInside = from < roleGraph.nodes.length && to < roleGraph.nodes.length
    if (!isInside) fail(below(below(at, 'edges'), index), 'index out of range')
  })
  if (findNegativeCycle(roleGraph) !== undefined) fail(at, 'a role rests on its own absence')
}

function checkAssignments(program: ProgramFrame, names: DeclaredNames): void {
  program.assignments.forEach(({ role, to, at: place }, index) => {
    const at = below(below(ROOT, 'assignments'), index)
    checkPlace(place, { names }, at)
    checkRoleName(role, names, below(at, 'role'))
    if (typeof to === 'object' && 'role' in to) checkRoleName(to.role, names, below(at, 'to'))
  })
}

/** Once a shape, whatever the number of its rules: their constants are held to its slots elsewhere. */
function checkShape(shape: RuleShape, names: DeclaredNames, at: JsonPlace): void {
  const { grantOf, who, conditions } = shape
  checkRoleOrSlot(grantOf, { names, shape }, below(at, 'grantOf'))
  who.forEach((one, index) => {
    checkWho(one, { names, shape }, below(below(at, 'who'), index))
  })
  const scope: CodeScope = { names, shape, ...(typeof grantOf === 'string' && { parametersOf: grantOf }) }
  conditions.forEach(({ code, at: place }, index) => {
    const conditionAt = below(below(at, 'conditions'), index)
    checkPlace(place, scope, conditionAt)
    checkCode(code, scope, below(conditionAt, 'code'), 0)
  })
  for (const kind of ['obligations', 'advice'] as const) {
    shape[kind].forEach((duty, index) => {
      const dutyAt = below(below(at, kind), index)
      checkPlace(duty.at, scope, dutyAt)
      duty.args.forEach(({ code }, argIndex) => {
        checkCode(code, scope, below(below(dutyAt, 'args'), argIndex), 0)
      })
    })
  }
}

function checkWho(who: ShapeWho, scope: ShapeScope, at: JsonPlace): void {
  if (who.kind === 'role') checkRoleOrSlot(who.role, scope, at)
  if (who.kind === 'type') checkTypeName(who.type, scope.names, at)
  if (who.kind !== 'entity') return
  checkSlot(who.entity, ['entity'], scope, at)
  const kind = scope.shape.constants[who.entity]
  if (kind?.kind === 'entity') checkTypeName(kind.type, scope.names, at)
}

function checkRoleOrSlot(role: string | number | undefined, scope: ShapeScope, at: JsonPlace): void {
  if (typeof role === 'string') checkRoleName(role, scope.names, at)
  if (typeof role === 'number') checkSlot(role, ['role'], scope, at)
}

function checkSlot(
  slot: number,
  kinds: readonly ConstantKind['kind'][],
  { shape }: Pick<CodeScope, 'shape'>,
  at: JsonPlace,
): void {
  const found = shape?.constants[slot]
  if (found === undefined) fail(at, 'slot out of range')
  else if (!kinds.includes(found.kind)) fail(at, `a slot of another kind`)
}

interface ShapeScope {
  readonly names: DeclaredNames
  readonly shape: RuleShape
}

interface CodeScope {
  readonly names: DeclaredNames
  /** Whose slots and places it counts into: of a rule. */
  readonly shape?: RuleShape
  /** The role whose parameters can be read. */
  readonly parametersOf?: string
  readonly variables?: ReadonlySet<string>
}

function checkCondition(condition: ProgramCondition, scope: CodeScope, at: JsonPlace): void {
  checkPlace(condition.at, scope, at)
  checkCode(condition.code, scope, below(at, 'code'), 0)
}

/** `at` is the whole condition: a path into it would cost more than it tells. */
function checkCode(code: AnyCode, scope: CodeScope, at: JsonPlace, depth: number): void {
  if (depth > MAX_CODE_DEPTH) fail(at, 'nested too deeply')
  if ('at' in code) checkPlace(code.at, scope, at)
  checkName(code, scope, at)
  if (code.op === 'method') checkZone(code, at)
  if (code.op === 'constant') checkSlot(code.slot, VALUE_KINDS, scope, at)
  if ('pattern' in code && typeof code.pattern === 'number') checkSlot(code.pattern, [code.op], scope, at)
  if (code.op === 'quantifier') {
    checkCode(code.set, scope, at, depth + 1)
    const variables = new Set(scope.variables).add(code.variable)
    checkCode(code.body, { ...scope, variables }, at, depth + 1)
    return
  }
  for (const child of childrenOf(code)) checkCode(child, scope, at, depth + 1)
}

function checkName(code: AnyCode, { names, parametersOf, variables }: CodeScope, at: JsonPlace): void {
  const parameters = parametersOf === undefined ? undefined : names.roleParameters.get(parametersOf)
  const isKnown =
    (code.op !== 'variable' || variables?.has(code.name) === true) &&
    (code.op !== 'roleParameter' || parameters?.has(code.name) === true) &&
    (code.op !== 'context' || names.context.has(code.name)) &&
    (code.op !== 'hasRole' || names.roleParameters.has(code.role))
  if (!isKnown) fail(at, `\`${code.op}\` names nothing`)
}

function checkRoleName(role: string, names: DeclaredNames, at: JsonPlace): void {
  if (!names.roleParameters.has(role)) fail(at, 'unknown role')
}

function checkTypeName(type: string, names: DeclaredNames, at: JsonPlace): void {
  if (!names.types.has(type)) fail(at, 'unknown type')
}

/** A time zone is written as a literal, so that one that does not exist is found at load and not in a decision. */
function checkZone({ method, args }: Extract<AnyCode, { readonly op: 'method' }>, at: JsonPlace): void {
  if (method !== 'time' && method !== 'dayOfWeek') return
  for (const arg of args) {
    const isZone = arg.op === 'literal' && typeof arg.value === 'string' && isUsableZone(arg.value)
    if (!isZone) fail(at, 'no time zone')
  }
}

function isUsableZone(name: string): boolean {
  try {
    return timeOfDayMs(0, name) >= 0
  } catch {
    return false
  }
}

/** Of a role a place, of a rule an index into its layout. */
function checkPlace(place: Place | number, { names, shape }: CodeScope, at: JsonPlace): void {
  if (typeof place !== 'number') {
    if (place[0] >= names.sourceCount) fail(below(at, 'at'), 'source index out of range')
  } else if (place >= (shape?.placeCount ?? 0)) fail(below(at, 'at'), 'index out of range')
}

function checkOrder<T>(items: readonly T[], nameOf: (item: T) => string, at: JsonPlace): void {
  items.forEach((item, index) => {
    const before = items[index - 1]
    if (before === undefined || compareCodePoints(nameOf(before), nameOf(item)) < 0) return
    fail(below(at, index), 'out of order or twice')
  })
}
