// Conditions: every form that gives true, false or a failure, and what each teaches about the paths it looks at.
import {
  type ConditionMaker,
  type Environment,
  type Form,
  type Guard,
  negative,
  type Path,
  pathsOf,
  withPresent,
  withTypes,
} from './environment.ts'
import { expression, literal, path, pathsOfKind, pathsTo, shared } from './expressions.ts'
import { allIds, STRINGS } from './json-values.ts'
import { type Type, typeNamed, typesAbove, writeEntity, writeName } from './model.ts'

type Pairs = NonNullable<Environment['pairs']>

const BOOL: Type = { kind: 'bool' }
const STRING: Type = { kind: 'string' }
const NUMBER: Type = { kind: 'number' }
const DATETIME: Type = { kind: 'datetime' }
const DURATION: Type = { kind: 'duration' }
const IP: Type = { kind: 'ip' }

// --- comparisons ---

/** A literal is of one entity type: in the body of a `fn` it could meet only some of several. */
const isComparable = (type: Type, { isShared }: Environment): boolean =>
  type.kind === 'entity' ? !isShared || type.types.length === 1 : type.kind !== 'record'

const equality: Form = (environment, depth) => {
  const { choices } = environment
  const inner = negative(environment)
  const paths = pathsOf(inner).filter((each) => !each.isOptional && isComparable(each.type, inner))
  const { text, type } = choices.pick(paths)
  return `(${text} ${choices.pick(['==', '!='])} ${expression(type, inner, Math.min(depth - 1, 1))})`
}

/** Two entities that may be the same in one environment at least. */
const entityEquality: Form = (environment) => {
  const { choices } = environment
  const left = choices.pick(pathsOfKind(environment, 'entity'))
  const rights = pathsOfKind(environment, 'entity').filter(
    (each) => each !== left && doMeet(left.type, each.type, environment),
  )
  if (rights.length === 0) return undefined
  return `(${left.text} ${choices.pick(['==', '!='])} ${choices.pick(rights).text})`
}

/** In one environment at least; in the body of a `fn`, which may be called from any, in all. */
function doMeet(a: Type, b: Type, { isShared }: Environment): boolean {
  if (a.kind !== 'entity' || b.kind !== 'entity') return false
  const meets = (type: string): boolean => b.types.includes(type)
  return isShared
    ? a.types.every(meets) && b.types.every((type) => a.types.includes(type))
    : a.types.some(meets)
}

const wholeEquality: Form = (environment) => {
  const { choices } = environment
  const records = pathsOfKind(environment, 'record')
  if (records.length === 0) return undefined
  const { text, type } = choices.pick(records)
  const right = choices.chance(50)
    ? literal(type, environment)
    : choices.pick(pathsTo(environment, type, false)).text
  return `(${text} == ${right})`
}

const order: Form = (environment, depth) => {
  const { choices } = environment
  const type = choices.pick([NUMBER, DATETIME, DURATION])
  const inner = negative(environment)
  const operator = choices.pick(['<', '<=', '>', '>='])
  return `(${expression(type, inner, depth - 1)} ${operator} ${expression(type, inner, depth - 1)})`
}

/** Comparisons with the clock, of which a cache can tell when they turn. */
const clock: Form = (environment, depth) => {
  const { choices } = environment
  const operator = choices.pick(['<', '<=', '>', '>=', '==', '!='])
  const time = expression(DATETIME, negative(environment), depth - 2)
  const span = expression(DURATION, negative(environment), 1)
  return choices.pick([
    `(context.now ${operator} ${time})`,
    `(${time} ${operator} context.now)`,
    `((context.now - ${time}) ${operator} ${span})`,
    `((context.now + ${span}) ${operator} ${time})`,
    `((context.now - ${span}) ${operator} ${time})`,
  ])
}

const weekday: Form = (environment) => {
  const { choices } = environment
  const time = choices.pick(pathsTo(environment, DATETIME, false)).text
  const zone = choices.pick(['.dayOfWeek', '.dayOfWeek("Europe/Berlin")', '.dayOfWeek("America/New_York")'])
  return choices.chance(50)
    ? `(${time}${zone} == ${JSON.stringify(choices.pick(['thu', 'wed', 'fri']))})`
    : `(${time}${zone} in ["thu", "sun"])`
}

// --- `in` ---

/** Types that an entity of one of these types may be or lie below; for a `fn` those of all of them. */
function reachable(types: readonly string[], { model, isShared }: Environment): readonly string[] {
  const each = types.map((type) => [type, ...typesAbove(model, type)])
  return isShared
    ? (each[0] ?? []).filter((type) => each.every((others) => others.includes(type)))
    : each.flat()
}

const entityIn: Form = (environment) => {
  const { choices } = environment
  const left = choices.pick(pathsOfKind(environment, 'entity'))
  if (left.type.kind !== 'entity') return undefined
  const targets = reachable(left.type.types, environment)
  if (targets.length === 0) return undefined
  const meets = (type: Type): boolean =>
    type.kind === 'entity' &&
    (environment.isShared
      ? type.types.every((each) => targets.includes(each))
      : type.types.some((each) => targets.includes(each)))
  const entities = pathsOfKind(environment, 'entity').filter((each) => each !== left && meets(each.type))
  const sets = pathsOfKind(environment, 'set').filter(
    (each) => each.type.kind === 'set' && meets(each.type.element),
  )
  const one = (): string => writeEntity(choices.pick(targets), choices.pick(allIds(choices, 4)))
  const type = choices.pick(targets)
  const list = (): string =>
    `[${allIds(choices, 2)
      .map((id) => writeEntity(type, id))
      .join(', ')}]`
  const right = choices.weighted<() => string>([
    [3, () => choices.pick([...entities.map((each) => each.text), one()])],
    [3, () => choices.pick([...sets.map((each) => each.text), list()])],
    [1, list],
  ])
  return `(${left.text} in ${right()})`
}

const valueIn: Form = (environment) => {
  const { choices } = environment
  const sets = pathsOfKind(environment, 'set').filter(
    (each) => each.type.kind === 'set' && each.type.element.kind !== 'entity',
  )
  if (sets.length > 0 && choices.chance(60)) {
    const set = choices.pick(sets)
    if (set.type.kind === 'set')
      return `(${expression(set.type.element, negative(environment), 1)} in ${set.text})`
  }
  const paths = pathsOf(environment).filter(
    (each) => !each.isOptional && ['string', 'enum', 'number'].includes(each.type.kind),
  )
  if (paths.length === 0) return undefined
  const { text, type } = choices.pick(paths)
  return `(${text} in [${choices.list(1, 3, () => literal(type, environment)).join(', ')}])`
}

const ipIn: Form = (environment, depth) => {
  const { choices } = environment
  const paths = pathsTo(environment, IP, false)
  if (paths.length === 0) return undefined
  const { text } = choices.pick(paths)
  const net = (): string => literal(IP, environment)
  return choices.pick([
    `(${text} in ${expression(IP, environment, depth - 2)})`,
    `(${text} in ip("10.0.0.0/8"))`,
    // In a set an address is only in where it is a member.
    `(${text} in [${net()}, ${net()}, ip("10.0.0.0/8")])`,
  ])
}

// --- tests ---

const like: Form = (environment, depth) => {
  const { choices } = environment
  const pattern = choices.pick(['a*', '*b', '*', 'a\\*', '', '*__*', 'a*b*', '*\\**'])
  return `(${expression(STRING, negative(environment), depth - 2)} like "${pattern}")`
}

/** Patterns that mean the same in RE2 and in JavaScript. */
const matches: Form = (environment, depth) => {
  const { choices } = environment
  const pattern = choices.pick(['[a-z]+', 'a|b', 'a*', '(ab?)+', '[^a]*', '_+proto_+', '\\\\*', 'a{1,2}b?'])
  return `(${expression(STRING, negative(environment), depth - 2)} matches "${pattern === '\\\\*' ? 'a\\*' : pattern}")`
}

const stringMethod: Form = (environment, depth) => {
  const { choices } = environment
  const paths = pathsTo(environment, STRING, false)
  if (paths.length === 0) return undefined
  const method = choices.pick(['startsWith', 'endsWith', 'contains'])
  return `${choices.pick(paths).text}.${method}(${expression(STRING, negative(environment), depth - 2)})`
}

const ipMethod: Form = (environment) => {
  const paths = pathsTo(environment, IP, false)
  if (paths.length === 0) return undefined
  return `${environment.choices.pick(paths).text}${environment.choices.pick(['.isLoopback', '.isMulticast'])}`
}

const setMethod: Form = (environment, depth) => {
  const { choices } = environment
  const sets = pathsOfKind(environment, 'set')
  if (sets.length === 0) return undefined
  const set = choices.pick(sets)
  if (set.type.kind !== 'set') return undefined
  const method = choices.pick(['contains', 'containsAll', 'containsAny', 'isEmpty'])
  if (method === 'isEmpty') return `${set.text}.isEmpty`
  const wanted = method === 'contains' ? set.type.element : set.type
  return `${set.text}.${method}(${expression(wanted, negative(environment), depth - 2)})`
}

/** `(x?.scopes.contains("a") ?? false)`: the rest of the chain is left out where x is absent. */
const optionalChain: Form = (environment, depth) => {
  const { choices } = environment
  const sets = pathsOfKind(environment, 'set', true)
  if (sets.length === 0) return undefined
  const set = choices.pick(sets)
  if (set.type.kind !== 'set') return undefined
  const dot = set.isOwnOptional ? '?.' : '.'
  return `(${set.text}${dot}contains(${expression(set.type.element, negative(environment), 1)}) ?? ${expression(BOOL, environment, depth - 2)})`
}

/** What `some` and `every` go through. */
function makeSet(environment: Environment): { text: string; element: Type } | undefined {
  const { choices } = environment
  const sets = pathsOfKind(environment, 'set')
  if (sets.length === 0 || choices.chance(20)) {
    const entities = choices.pick(pathsOfKind(environment, 'entity')).type
    // A set of literals holds a union of them.
    const texts: Type = { kind: 'enum', values: choices.some(STRINGS, 1, 3) }
    const element =
      entities.kind === 'entity' && entities.types.length === 1 ? choices.pick([texts, entities]) : texts
    const all = element.kind === 'enum' ? element.values.map((value) => JSON.stringify(value)) : undefined
    return {
      text: all === undefined ? literal({ kind: 'set', element }, environment) : `[${all.join(', ')}]`,
      element,
    }
  }
  const maps = pathsOfKind(environment, 'map')
  if (maps.length > 0 && choices.chance(20))
    return { text: `${choices.pick(maps).text}.keys`, element: STRING }
  const { text, type } = choices.pick(sets)
  return type.kind === 'set' ? { text, element: type.element } : undefined
}

const quantifier: Form = (environment, depth) => {
  const { choices } = environment
  if (environment.isInQuantifier) return undefined
  const set = makeSet(environment)
  if (set === undefined) return undefined
  const variable = choices.pick(['x', 'each', 'toString'])
  const names = [
    ...environment.names.filter((name) => name.name !== variable),
    { name: variable, type: set.element, isOptional: false },
  ]
  const inner = { ...environment, names, isInQuantifier: true, isAsserted: false }
  const body = choices.chance(60) ? about(variable, set.element, inner) : expression(BOOL, inner, depth - 1)
  return `(${choices.pick(['some', 'every'])} ${variable} in ${set.text}: ${body})`
}

/** A condition on the variable of a quantifier. */
function about(variable: string, type: Type, environment: Environment): string {
  const { choices } = environment
  if (type.kind !== 'entity')
    return `(${variable} ${choices.pick(['==', '!='])} ${literal(type, environment)})`
  const roles = askable(environment)
  if (roles.length > 0 && choices.chance(60)) return `hasRole(${writeName(choices.pick(roles))}, ${variable})`
  return choices.chance(50)
    ? `(${variable} is ${writeName(choices.pick(type.types))})`
    : `(${variable} == ${literal(type, environment)})`
}

// --- roles ---

const askable = ({ model, level, isPositive }: Environment): readonly string[] =>
  model.roles
    .filter((role) => role.level < level || (isPositive && role.level === level))
    .map((role) => role.name)

const hasRole: Form = (environment) => {
  const { choices } = environment
  const roles = askable(environment)
  if (roles.length === 0) return undefined
  const role = writeName(choices.pick(roles))
  if (environment.resourceTypes !== undefined && choices.chance(35)) return `hasRole(${role})`
  const entities = pathsOfKind(environment, 'entity')
  const optional = pathsOfKind(environment, 'entity', true)
  if (optional.length > 0 && choices.chance(40)) {
    const { text, type } = choices.pick(optional)
    return `hasRole(${role}, (${text} ?? ${literal(type, environment)}))`
  }
  const on = choices.chance(70)
    ? choices.pick(entities).text
    : literal(choices.pick(entities).type, environment)
  return `hasRole(${role}, ${on})`
}

/** A question about roles, maybe turned round. */
const roles: Form = (environment, depth) => {
  const { choices } = environment
  const asked = hasRole(environment, depth)
  const turned = hasRole(negative(environment), depth)
  const more = expression(BOOL, environment, 1)
  return choices.pick([
    asked,
    asked && `(${asked} ${choices.pick(['&&', '||'])} ${more})`,
    turned && `(!${turned})`,
    turned && `((!${turned}) ${choices.pick(['&&', '||'])} ${more})`,
  ])
}

// --- the action ---

/** What is left to check where only some actions of some types are: fewer pairs, and maybe fewer types. */
function withPairs(environment: Environment, pairs: Pairs): Environment {
  const isSame = pairs.length === 0 || pairs.length === environment.pairs?.length
  if (isSame) return environment
  return withTypes({ ...environment, pairs }, 'resource', [...new Set(pairs.map((pair) => pair.type))])
}

/** A test of the action; what it teaches about types holds in later clauses too. */
function actionTest(environment: Environment): Guard | undefined {
  const { choices, model, pairs = [], isAsserted } = environment
  if (isAsserted || pairs.length === 0) return undefined
  const actions = [...new Set(pairs.map((pair) => pair.action))]
  const { groups } = typeNamed(model, choices.pick(pairs).type)
  const isGroup = groups.length > 0 && choices.chance(40)
  const names = isGroup ? [groups[0]?.name ?? ''] : choices.some(actions, 1, choices.chance(40) ? 2 : 1)
  const isNamed = ({ action, type }: Pairs[number]): boolean =>
    names.includes(action) ||
    typeNamed(model, type).groups.some(
      (group) => names.includes(group.name) && group.members.includes(action),
    )
  const whenTrue = withPairs(environment, pairs.filter(isNamed))
  const whenFalse = withPairs(
    environment,
    pairs.filter((pair) => !isNamed(pair)),
  )
  const list = names.map(writeName).join(', ')
  if (isGroup) return { text: `(action in ${list})`, whenTrue, whenFalse }
  if (names.length > 1 || choices.chance(25)) return { text: `(action in [${list}])`, whenTrue, whenFalse }
  if (choices.chance(40)) return { text: `(action != ${list})`, whenTrue: whenFalse, whenFalse: whenTrue }
  return { text: `(action == ${list})`, whenTrue, whenFalse }
}

// --- guards ---

const ownerName = (path: Path): string | undefined =>
  path.owner?.isOptional === true ? undefined : path.owner?.text

/** In the place of such a parameter a literal may come to stand, of which nothing can be learnt. */
const isMapParameter = ({ owner, text }: Path, { names, isShared }: Environment): boolean =>
  isShared &&
  names.some(({ name, type }) => name === owner?.text && type.kind === 'map') &&
  text.endsWith('"]')

function presence(environment: Environment): Guard | undefined {
  const optional = pathsOf(environment).filter((each) => each.isOptional && ownerName(each) !== undefined)
  const paths =
    optional.length > 0 ? optional : pathsOf(environment).filter((each) => ownerName(each) !== undefined)
  const candidates = paths.filter((each) => each.text !== 'context.now' && !isMapParameter(each, environment))
  if (candidates.length === 0) return undefined
  const found = environment.choices.pick(candidates)
  const step = found.owner?.step ?? ''
  const isKey = /\["[^"]*"\]$/.test(found.text)
  const text = `(${found.owner?.text} has ${isKey ? JSON.stringify(step) : writeName(step)})`
  return { text, whenTrue: withPresent(environment, found.text), whenFalse: environment }
}

function typeTest(environment: Environment): Guard | undefined {
  if (environment.isAsserted) return undefined
  const { choices } = environment
  const found = choices.pick(pathsOfKind(environment, 'entity'))
  if (found.type.kind !== 'entity') return undefined
  const type = choices.pick(found.type.types)
  const others = found.type.types.filter((each) => each !== type)
  return {
    text: `(${found.text} is ${writeName(type)})`,
    whenTrue: withTypes(environment, found.text, [type]),
    whenFalse: others.length === 0 ? environment : withTypes(environment, found.text, others),
  }
}

/** A test of any form; often one that teaches something. */
function guard(environment: Environment, depth: number): Guard {
  const { choices } = environment
  const inner = negative(environment)
  const made = choices.weighted<() => Guard | undefined>([
    [2, () => undefined],
    [3, () => presence(environment)],
    [2, () => typeTest(environment)],
    [2, () => actionTest(environment)],
  ])()
  const keep = (each: Environment): Environment => ({ ...each, isPositive: environment.isPositive })
  if (made !== undefined) {
    return choices.chance(15)
      ? { text: `(!${made.text})`, whenTrue: keep(made.whenFalse), whenFalse: keep(made.whenTrue) }
      : { text: made.text, whenTrue: keep(made.whenTrue), whenFalse: keep(made.whenFalse) }
  }
  const text = expression(BOOL, { ...inner, isAsserted: true }, depth - 1)
  return { text, whenTrue: environment, whenFalse: environment }
}

const onlyGuard =
  (make: (environment: Environment) => Guard | undefined): Form =>
  (environment) =>
    make(environment)?.text

// --- connectives ---

const conjunction: Form = (environment, depth) => {
  const left = guard(environment, depth)
  const more = environment.choices.chance(25) ? [expression(BOOL, left.whenTrue, depth - 2)] : []
  const right = more.length > 0 ? { ...left.whenTrue, isAsserted: true } : left.whenTrue
  return `(${[left.text, expression(BOOL, right, depth - 1), ...more].join(' && ')})`
}

const disjunction: Form = (environment, depth) => {
  const left = guard(environment, depth)
  return `(${left.text} || ${expression(BOOL, left.whenFalse, depth - 1)})`
}

const both =
  (operator: string): Form =>
  (environment, depth) =>
    `(${expression(BOOL, { ...environment, isAsserted: true }, depth - 1)} ${operator} ${expression(BOOL, environment, depth - 1)})`

const negation: Form = (environment, depth) => `(!${expression(BOOL, negative(environment), depth - 1)})`

const weights: readonly (readonly [number, Form])[] = [
  [1, (environment) => literal(BOOL, environment)],
  [6, path(BOOL)],
  [9, equality],
  [4, entityEquality],
  [1, wholeEquality],
  [5, order],
  [1, weekday],
  [4, clock],
  [7, entityIn],
  [3, valueIn],
  [2, ipIn],
  [2, onlyGuard(typeTest)],
  [4, onlyGuard(presence)],
  [2, like],
  [2, matches],
  [2, stringMethod],
  [3, ipMethod],
  [4, setMethod],
  [2, optionalChain],
  [4, quantifier],
  [7, hasRole],
  [2, onlyGuard(actionTest)],
  [6, conjunction],
  [3, disjunction],
  [2, both('&&')],
  [3, both('||')],
  [4, negation],
  [2, (environment, depth) => shared.conditional(BOOL)({ ...environment, isAsserted: false }, depth)],
  [3, (environment, depth) => shared.coalesce(BOOL)(environment, depth)],
  [14, (environment, depth) => shared.call(BOOL)(environment, depth)],
]

const simpleForms: readonly (readonly [number, Form])[] = [
  [6, equality],
  [3, entityEquality],
  [3, entityIn],
  [2, valueIn],
  [2, setMethod],
  [1, hasRole],
  [1, onlyGuard(presence)],
]

const simple = (environment: Environment): string =>
  environment.choices.weighted(simpleForms)(environment, 1) ?? equality(environment, 1) ?? 'true'

export const conditionMaker: ConditionMaker = { forms: weights, guard, simple, roles }
