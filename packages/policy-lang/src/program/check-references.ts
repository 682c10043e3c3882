import { compareCodePoints } from '../model/code-points.ts'
import { findNegativeCycle } from '../model/role-graph.ts'
import { childrenOf } from './code-children.ts'
import type {
  Code,
  Place,
  Program,
  ProgramCondition,
  ProgramRole,
  ProgramRule,
  ProgramWho,
} from './program.ts'
import { below, fail, type JsonPlace, ROOT } from './read-json.ts'

/** How deep a condition may nest: every walk over it recurses. Compiled conditions stay below. */
const MAX_CODE_DEPTH = 500

/**
 * Holds a well-shaped Program to what the evaluator relies on: every name has its declaration, every index its
 * target, lists are in order and without duplicates.
 * @throws PolicyLangError `invalid-program`
 */
export function checkReferences(program: Program): void {
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
  checkRules(program, names)
  checkCells(program)
}

interface DeclaredNames {
  readonly types: ReadonlySet<string>
  readonly context: ReadonlySet<string>
  readonly roleParameters: ReadonlyMap<string, ReadonlySet<string>>
  readonly sourceCount: number
}

function checkSchema({ schema }: Program): void {
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

function checkRoles(program: Program, names: DeclaredNames): void {
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
  checkPlace(role.at, names, at)
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

function checkRoleGraph({ roleGraph }: Program, names: DeclaredNames): void {
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

function checkAssignments(program: Program, names: DeclaredNames): void {
  program.assignments.forEach(({ role, to, at: place }, index) => {
    const at = below(below(ROOT, 'assignments'), index)
    checkPlace(place, names, at)
    checkRoleName(role, names, below(at, 'role'))
    if (typeof to === 'object' && 'role' in to) checkRoleName(to.role, names, below(at, 'to'))
  })
}

function checkRules(program: Program, names: DeclaredNames): void {
  const rulesAt = below(ROOT, 'rules')
  checkOrder(program.rules, ({ id }) => id, rulesAt)
  program.rules.forEach((rule, index) => {
    checkRule(rule, names, below(rulesAt, index))
  })
}

function checkRule(rule: ProgramRule, names: DeclaredNames, at: JsonPlace): void {
  checkPlace(rule.at, names, at)
  if (rule.grantOf !== undefined) checkRoleName(rule.grantOf, names, below(at, 'grantOf'))
  rule.who.forEach((who, index) => {
    checkWho(who, names, below(below(at, 'who'), index))
  })
  const scope: CodeScope = rule.grantOf === undefined ? { names } : { names, parametersOf: rule.grantOf }
  rule.conditions.forEach((condition, index) => {
    checkCondition(condition, scope, below(below(at, 'conditions'), index))
  })
  for (const kind of ['obligations', 'advice'] as const) {
    rule[kind].forEach((duty, index) => {
      const dutyAt = below(below(at, kind), index)
      checkPlace(duty.at, names, dutyAt)
      duty.args.forEach(({ code }, argIndex) => {
        checkCode(code, scope, below(below(dutyAt, 'args'), argIndex), 0)
      })
    })
  }
}

function checkWho(who: ProgramWho, names: DeclaredNames, at: JsonPlace): void {
  if (who.kind === 'role') checkRoleName(who.role, names, at)
  if (who.kind === 'type' || who.kind === 'entity') checkTypeName(who.type, names, at)
}

/** Cells are exactly the declared pairs: a lost one would turn a known action into an unknown one. */
function checkCells({ schema, cells, rules }: Program): void {
  const at = below(ROOT, 'cells')
  const declared = schema.entityTypes.flatMap(({ name, actions }) =>
    actions.map((action) => ({ resourceType: name, action: action.name })),
  )
  if (declared.length !== cells.length) fail(at, 'cells differ from the declared actions')
  cells.forEach((cell, index) => {
    const cellAt = below(at, index)
    const pair = declared[index]
    const isDeclared = pair?.resourceType === cell.resourceType && pair.action === cell.action
    if (!isDeclared) fail(cellAt, 'cells differ from the declared actions')
    cell.rules.forEach((rule, position) => {
      const isAscending = position === 0 || rule > (cell.rules[position - 1] ?? rule)
      if (rule >= rules.length || !isAscending) fail(below(cellAt, 'rules'), 'index out of range or order')
    })
  })
}

interface CodeScope {
  readonly names: DeclaredNames
  /** The role whose parameters can be read. */
  readonly parametersOf?: string
  readonly variables?: ReadonlySet<string>
}

function checkCondition(condition: ProgramCondition, scope: CodeScope, at: JsonPlace): void {
  checkPlace(condition.at, scope.names, at)
  checkCode(condition.code, scope, below(at, 'code'), 0)
}

/** `at` is the whole condition: a path into it would cost more than it tells. */
function checkCode(code: Code, scope: CodeScope, at: JsonPlace, depth: number): void {
  if (depth > MAX_CODE_DEPTH) fail(at, 'nested too deeply')
  if ('at' in code) checkPlace(code.at, scope.names, at)
  checkName(code, scope, at)
  if (code.op === 'quantifier') {
    checkCode(code.set, scope, at, depth + 1)
    const variables = new Set(scope.variables).add(code.variable)
    checkCode(code.body, { ...scope, variables }, at, depth + 1)
    return
  }
  for (const child of childrenOf(code)) checkCode(child, scope, at, depth + 1)
}

function checkName(code: Code, { names, parametersOf, variables }: CodeScope, at: JsonPlace): void {
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

function checkPlace([source]: Place, names: DeclaredNames, at: JsonPlace): void {
  if (source >= names.sourceCount) fail(below(at, 'at'), 'source index out of range')
}

function checkOrder<T>(items: readonly T[], nameOf: (item: T) => string, at: JsonPlace): void {
  items.forEach((item, index) => {
    const before = items[index - 1]
    if (before === undefined || compareCodePoints(nameOf(before), nameOf(item)) < 0) return
    fail(below(at, index), 'out of order or twice')
  })
}
