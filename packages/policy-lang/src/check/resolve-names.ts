import type { Argument, Assignment, Comparison, Expression, Name } from '../ast/nodes.ts'
import { childExpressions } from '../ast/walk.ts'
import {
  FOREIGN_FUNCTIONS,
  FOREIGN_METHODS,
  FOREIGN_NAMES,
  FOREIGN_TYPES,
  NULL_WORDS,
} from '../diagnostics/foreign-words.ts'
import { checkLiteral } from './check-literal.ts'
import { checkPattern } from './check-pattern.ts'
import type { Declarations } from './declarations.ts'
import { checkDistinct } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import { describeExpression } from './expressions/describe-expression.ts'
import { METHOD_NAMES } from './expressions/infer-method.ts'
import type { Report } from './report.ts'

/** Looks at every name and literal in an expression once, whatever the environments. */
export interface NameResolver {
  /** `scope`: parameters and variables in force. */
  resolve(expression: Expression, scope?: ReadonlySet<string>): void
  resolveRole(role: Name): boolean
  resolveEntityType(type: Name): boolean
  resolveArguments(given: readonly Argument[], scope?: ReadonlySet<string>): void
  /** Role, target, scope and arguments of an assignment. */
  resolveAssignment(assignment: Assignment): void
}

const NO_NAMES: ReadonlySet<string> = new Set()

export function createNameResolver(declarations: Declarations, report: Report): NameResolver {
  const resolver: NameResolver = {
    resolve: (expression, scope = NO_NAMES) => resolveExpression(expression, scope, state),
    resolveRole: (role) => {
      if (declarations.roles.has(role.name)) return true
      report({
        code: 'unknown-role',
        span: role.span,
        message: `there is no role \`${role.name}\``,
        hint: () => didYouMean(role.name, declarations.roles.keys()) ?? 'declare it with `role`',
      })
      return false
    },
    resolveEntityType: (type) => resolveEntityType(type, declarations, report),
    resolveArguments: (given, scope = NO_NAMES) => {
      checkDistinct(
        given.map((argument) => argument.name),
        'argument',
        report,
      )
      for (const argument of given) resolver.resolve(argument.value, scope)
    },
    resolveAssignment: (assignment) => {
      resolver.resolveRole(assignment.role)
      resolver.resolveArguments(assignment.arguments)
      if (assignment.to.kind === 'entity' || assignment.to.kind === 'anyOf')
        resolver.resolveEntityType(assignment.to.type)
      if (assignment.to.kind === 'holders') {
        resolver.resolveRole(assignment.to.role)
        resolver.resolveEntityType(assignment.to.on.type)
      }
      if (assignment.on !== undefined) resolver.resolveEntityType(assignment.on.type)
      if (assignment.until !== undefined) resolver.resolve(assignment.until)
    },
  }
  const state: ResolverState = { declarations, report, resolver }
  return resolver
}

interface ResolverState {
  readonly declarations: Declarations
  readonly report: Report
  readonly resolver: NameResolver
}

function resolveEntityType(type: Name, declarations: Declarations, report: Report): boolean {
  if (declarations.entityTypes.has(type.name)) return true
  const isAlias = declarations.aliases.has(type.name)
  report({
    code: isAlias ? 'wrong-kind-of-type' : 'unknown-type',
    span: type.span,
    message: isAlias
      ? `\`${type.name}\` is a name for another type, not a type of entities`
      : `there is no entity type \`${type.name}\``,
    hint: () =>
      isAlias
        ? 'write the entity types it stands for'
        : (didYouMean(type.name, declarations.entityTypes.keys()) ??
          FOREIGN_TYPES.get(type.name) ??
          'declare it with `subject`, `resource` or `entity`'),
  })
  return false
}

function resolveExpression(expression: Expression, scope: ReadonlySet<string>, state: ResolverState): void {
  const { resolver, report } = state
  switch (expression.kind) {
    case 'reference':
      resolveReference(expression.name, scope, state)
      break
    case 'call':
      resolveCall(expression.name, expression.arguments.length, state)
      break
    case 'hasRole':
      resolver.resolveRole(expression.role)
      break
    case 'is':
      if (isNullWord(expression.type.name, state))
        reportNull(expression.type, expression.operand, 'is', report)
      else resolver.resolveEntityType(expression.type)
      break
    case 'comparison':
      if (resolveNullComparison(expression, scope, state)) return
      break
    case 'entity':
      resolver.resolveEntityType(expression.type)
      break
    case 'record':
      checkDistinct(
        expression.entries.map((entry) => entry.name),
        'member',
        report,
      )
      break
    case 'methodCall':
      if (METHOD_NAMES.has(expression.name.name)) break
      reportMethod(expression.name, state)
      // What another language hands to such a method has often no meaning here either.
      resolver.resolve(expression.object, scope)
      return
    case 'matches':
      checkPattern(expression.pattern, expression.patternSpan, report)
      break
    default:
      checkLiteral(expression, report)
  }
  if (expression.kind === 'quantifier') {
    resolver.resolve(expression.set, scope)
    resolver.resolve(expression.body, new Set([...scope, expression.variable.name]))
    return
  }
  for (const child of childExpressions(expression)) resolver.resolve(child, scope)
}

/** A word of other languages for nothing, unless the policy declares it. */
function isNullWord(name: string, { declarations }: ResolverState): boolean {
  return NULL_WORDS.has(name) && !declarations.lets.has(name) && !declarations.entityTypes.has(name)
}

/** `x == null`: told once, with what asks for presence. */
function resolveNullComparison(
  { left, right, operator }: Comparison,
  scope: ReadonlySet<string>,
  state: ResolverState,
): boolean {
  const isRight = right.kind === 'reference'
  const other = isRight ? left : right
  const nothing = isRight ? right : left
  if (nothing.kind !== 'reference' || scope.has(nothing.name.name)) return false
  if (!isNullWord(nothing.name.name, state)) return false
  reportNull(nothing.name, other, operator, state.report)
  state.resolver.resolve(other, scope)
  return true
}

function reportNull(name: Name, operand: Expression, operator: string, report: Report): void {
  report({
    code: operator === 'is' ? 'unknown-type' : 'unknown-name',
    span: name.span,
    message: `nothing is \`${name.name}\`: a value is there, or it is absent`,
    hint: presenceHint(operand, operator),
  })
}

function presenceHint(operand: Expression, operator: string): string {
  const isMember = operand.kind === 'member' || operand.kind === 'index'
  const object = isMember ? describeExpression(operand.object) : undefined
  const name = operand.kind === 'member' ? operand.name.name : undefined
  const test = object === undefined || name === undefined ? 'OBJECT has NAME' : `${object} has ${name}`
  return `write \`${operator === '!=' ? test : `!(${test})`}\``
}

function resolveReference(
  name: Name,
  scope: ReadonlySet<string>,
  { declarations, report }: ResolverState,
): void {
  if (scope.has(name.name) || declarations.lets.has(name.name)) return
  const fn = declarations.fns.get(name.name)
  if (fn !== undefined) {
    report({
      code: 'wrong-arguments',
      span: name.span,
      message: `\`${name.name}\` is a \`fn\` and stands here without arguments`,
      hint: `write \`${name.name}(${fn.parameters.map((parameter) => parameter.name.name).join(', ')})\``,
    })
    return
  }
  report({
    code: 'unknown-name',
    span: name.span,
    message: `there is no \`${name.name}\` here`,
    hint: () => nameHint(name.name, scope, declarations),
  })
}

function nameHint(name: string, scope: ReadonlySet<string>, declarations: Declarations): string {
  const near = didYouMean(name, [
    ...scope,
    ...declarations.lets.keys(),
    'subject',
    'action',
    'resource',
    'context',
  ])
  if (near !== undefined) return near
  const root = rootWith(name, declarations)
  if (root !== undefined) return `write \`${root}.${name}\``
  if (declarations.entityTypes.has(name)) return `an entity is written with its id: \`${name}::"…"\``
  if (declarations.roles.has(name)) return `to test a role, write \`hasRole(${name})\``
  return (
    FOREIGN_NAMES.get(name) ??
    'attributes are read from a root: `subject.…`, `resource.…`, `context.…`, `action.…`'
  )
}

/** The root from which an attribute of this name can be read. */
function rootWith(name: string, { entityTypes, context }: Declarations): string | undefined {
  const declares = (attributes: readonly { readonly name: Name }[]): boolean =>
    attributes.some((attribute) => attribute.name.name === name)
  const having = [...entityTypes.values()].filter(({ attributes }) => declares(attributes))
  if (having.some(({ isResource }) => isResource)) return 'resource'
  if (having.some(({ isSubject }) => isSubject)) return 'subject'
  return context !== undefined && declares(context.attributes) ? 'context' : undefined
}

function resolveCall(name: Name, given: number, { declarations, report }: ResolverState): void {
  const fn = declarations.fns.get(name.name)
  if (fn === undefined) {
    const isLet = declarations.lets.has(name.name)
    report({
      code: isLet ? 'wrong-arguments' : 'unknown-name',
      span: name.span,
      message: isLet
        ? `\`${name.name}\` is a \`let\` and takes no arguments`
        : `there is no \`fn\` named \`${name.name}\``,
      hint: () =>
        isLet
          ? `write \`${name.name}\``
          : (didYouMean(name.name, declarations.fns.keys()) ??
            FOREIGN_FUNCTIONS.get(name.name) ??
            didYouMean(name.name, ['hasRole', 'datetime', 'ip']) ??
            'declare it with `fn`'),
    })
    return
  }
  // What stands before a required parameter must be given, optional or not: arguments have no names.
  const required = fn.parameters.findLastIndex((parameter) => !parameter.isOptional) + 1
  if (given >= required && given <= fn.parameters.length) return
  const wanted = required === fn.parameters.length ? `${required}` : `${required} to ${fn.parameters.length}`
  report({
    code: 'wrong-arguments',
    span: name.span,
    message: `\`${name.name}\` takes ${wanted} ${wanted === '1' ? 'argument' : 'arguments'}, and here ${given === 1 ? 'is' : 'are'} ${given}`,
    related: [{ span: fn.name.span, message: 'declared here' }],
    hint: `write \`${name.name}(${fn.parameters.map((parameter) => parameter.name.name).join(', ')})\``,
  })
}

function reportMethod(name: Name, { report }: ResolverState): void {
  report({
    code: 'unknown-method',
    span: name.span,
    message: `there is no method \`${name.name}\``,
    hint: () =>
      FOREIGN_METHODS.get(name.name) ??
      didYouMean(name.name, METHOD_NAMES) ??
      'methods are `.contains(…)`, `.containsAny(…)`, `.containsAll(…)`, `.startsWith(…)`, `.endsWith(…)`',
  })
}
