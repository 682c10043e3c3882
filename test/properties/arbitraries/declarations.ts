// Roles, assignments, functions and rules over the types of a model, as texts of declarations.
import { conditionMaker } from './bool-expressions.ts'
import type { Choices } from './choices.ts'
import { type Environment, writeStep } from './environment.ts'
import { expression, literal } from './expressions.ts'
import { pickDatetime, pickId } from './json-values.ts'
import {
  type Duty,
  type Field,
  type Fn,
  isSameType,
  type Model,
  type Role,
  type Type,
  typeNamed,
  typesAbove,
  writeEntity,
  writeField,
  writeName,
} from './model.ts'

const BOOL: Type = { kind: 'bool' }
/** Above the level of every role: rules may ask for all of them. */
const RULE_LEVEL = 99

const subjectTypes = (model: Model): string[] =>
  model.types.filter((type) => type.isSubject).map((type) => type.name)
const resourceTypes = (model: Model): string[] =>
  model.types.filter((type) => type.isResource).map((type) => type.name)

function environmentFor(
  model: Model,
  choices: Choices,
  fns: readonly Fn[],
  more: Partial<Environment>,
): Environment {
  return {
    conditions: conditionMaker,
    model,
    choices,
    subjectTypes: subjectTypes(model),
    resourceTypes: undefined,
    pairs: undefined,
    names: [],
    fns,
    present: new Set(),
    narrowed: new Map(),
    level: RULE_LEVEL,
    isPositive: false,
    isInQuantifier: false,
    isAsserted: false,
    isShared: false,
    ...more,
  }
}

// --- functions ---

const RETURNS: readonly Type[] = [
  BOOL,
  BOOL,
  { kind: 'string' },
  { kind: 'number' },
  { kind: 'datetime' },
  { kind: 'duration' },
  { kind: 'ip' },
  { kind: 'set', element: { kind: 'string' } },
]

function makeParameters(model: Model, choices: Choices): Field[] {
  const types: Type[] = [
    BOOL,
    { kind: 'string' },
    { kind: 'number' },
    { kind: 'entity', types: subjectTypes(model) },
    { kind: 'set', element: { kind: 'string' } },
    { kind: 'map', value: { kind: 'string' } },
  ]
  const fields = choices.list(0, 2, (index) => ({
    // The names of callers' variables, so that capture would show.
    name: ['x', 'each'][index] ?? 'z',
    type: choices.pick(types),
    isOptional: false,
  }))
  const last = fields.at(-1)
  return last === undefined ? [] : [...fields.slice(0, -1), { ...last, isOptional: choices.chance(60) }]
}

interface Declared<T> {
  readonly text: string
  readonly made: T
}

function makeFn(index: number, model: Model, choices: Choices, fns: readonly Fn[]): Declared<Fn> {
  const isLet = choices.chance(25)
  const parameters = isLet ? [] : makeParameters(model, choices)
  const returns = choices.pick(RETURNS)
  const types = choices.chance(40) ? choices.some(resourceTypes(model), 1, 2) : undefined
  const environment = environmentFor(model, choices, fns, {
    resourceTypes: types,
    names: parameters,
    level: 1,
    isShared: true,
  })
  const own = expression(returns, environment, choices.below(3) + 1)
  const last = parameters.at(-1)
  const isDefault = last?.isOptional === true && isSameType(last.type, returns) && choices.chance(70)
  const body = isDefault ? `(${last.name} ?? ${own})` : own
  const calls = fns.filter((fn) => new RegExp(`\\b${fn.name}\\b`).test(body))
  const name = isLet ? `CONST_${index}` : `fn${index}`
  const made: Fn = {
    name,
    isLet,
    parameters,
    returns,
    resourceTypes: types,
    asksRole: /\bhasRole\(/.test(body) || calls.some((fn) => fn.asksRole),
    hasQuantifier: /\((some|every) /.test(body) || calls.some((fn) => fn.hasQuantifier),
    testsTypes: / is /.test(body) || calls.some((fn) => fn.testsTypes),
  }
  const head = isLet ? `let ${name}` : `fn ${name}(${parameters.map(writeField).join(', ')})`
  // A `fn` without parameters is written as a call with none, which the language has no use for.
  if (!isLet && parameters.length === 0)
    return { text: `let ${name} = ${body}`, made: { ...made, isLet: true } }
  return { text: `${head} = ${body}`, made }
}

export function makeFns(model: Model, choices: Choices): { texts: string[]; fns: Fn[] } {
  const texts: string[] = []
  const fns: Fn[] = []
  for (let index = 1 + choices.below(4); index > 0; index -= 1) {
    const { text, made } = makeFn(index, model, choices, [...fns])
    texts.push(text)
    fns.push(made)
  }
  return { texts, fns }
}

// --- clauses and duties ---

/** Clauses, and what holds after them. */
interface Clauses {
  readonly text: string
  readonly after: Environment
}

function writeClauses(environment: Environment, min: number): Clauses {
  const { choices } = environment
  let text = ''
  let after = environment
  for (let rest = min + choices.below(3 - min); rest > 0; rest -= 1) {
    const depth = choices.below(3) + 1
    if (choices.chance(25)) {
      const guard = conditionMaker.guard(after, depth)
      const isUnless = choices.chance(25)
      text += ` ${isUnless ? 'unless' : 'if'} ${guard.text}`
      after = isUnless ? guard.whenFalse : guard.whenTrue
    } else {
      const condition = expression(BOOL, { ...after, isAsserted: true }, depth)
      text += ` ${choices.weighted([
        [3, 'if'],
        [1, 'unless'],
      ])} ${condition}`
    }
  }
  return { text, after }
}

function writeDuty(duty: Duty, environment: Environment): string {
  const { choices } = environment
  const word = choices.pick(['obligate', 'advise'])
  // A record literal is a map only where one is expected, and of the argument of a duty nothing is.
  const write = (type: Type): string =>
    type.kind === 'map'
      ? writeStep('context', choices.words.word('name', 'labels'), false)
      : expression(type, environment, 2)
  const args = duty.parameters.map(({ name, type }) => `${writeName(name)}: ${write(type)}`)
  return ` ${word} ${writeName(duty.name)}(${args.join(', ')})`
}

function writeDuties(environment: Environment, min: number): string {
  const { choices, model } = environment
  return choices.list(min, 2, () => writeDuty(choices.pick(model.duties), environment)).join('')
}

interface Scope {
  readonly actions: string
  readonly types: string
  readonly pairs: readonly { readonly action: string; readonly type: string }[]
}

/** ACTIONS and TYPES that meet, and the pairs they name. */
function makeScope(model: Model, choices: Choices): Scope {
  const chosen = choices.some(resourceTypes(model), 1, 2).map((name) => typeNamed(model, name))
  const [first] = chosen
  const groups = first?.groups.map((group) => group.name) ?? []
  const everyAction = choices.chance(35)
  const names = everyAction
    ? []
    : choices.some([...(first?.actions.map((action) => action.name) ?? []), ...groups], 1, 2)
  const types = chosen.filter(
    (type) =>
      everyAction || type.actions.some((each) => names.some((name) => isNamed(type, name, each.name))),
  )
  const isEveryType = types.length === resourceTypes(model).length && choices.chance(40)
  return {
    actions: everyAction ? '*' : names.map(writeName).join(', '),
    types: isEveryType ? '*' : types.map((type) => writeName(type.name)).join(', '),
    pairs: types.flatMap((type) =>
      type.actions
        .filter((action) => everyAction || names.some((name) => isNamed(type, name, action.name)))
        .map((action) => ({ action: action.name, type: type.name })),
    ),
  }
}

const isNamed = (type: ReturnType<typeof typeNamed>, name: string, action: string): boolean =>
  name === action || type.groups.some((group) => group.name === name && group.members.includes(action))

const typesIn = (scope: Scope): string[] => [...new Set(scope.pairs.map((pair) => pair.type))]

// --- roles ---

interface GrantText {
  /** What its id is made of. Grants alike are only written where they are the same: `#2` counts in printed order. */
  readonly place: string
  readonly text: string
}

function writeGrant(role: Role, model: Model, choices: Choices, fns: readonly Fn[]): GrantText {
  const scope = makeScope(model, choices)
  const environment = environmentFor(model, choices, fns, {
    resourceTypes: typesIn(scope),
    pairs: scope.pairs,
    names: role.parameters,
  })
  const clauses = choices.chance(50) ? writeClauses(environment, 1) : { text: '', after: environment }
  const duties = choices.chance(25) ? writeDuties(clauses.after, 1) : ''
  const place = `can ${scope.actions} on ${scope.types}`
  return { place, text: `${place}${clauses.text}${duties}` }
}

function writeGrants(role: Role, model: Model, choices: Choices, fns: readonly Fn[]): string[] {
  const grants = choices.list(0, 2, () => writeGrant(role, model, choices, fns))
  const texts = [...new Map(grants.map((grant) => [grant.place, grant.text])).values()]
  const [first] = texts
  return first !== undefined && choices.chance(10) ? [...texts, first] : texts
}

/** Often one that asks for roles. */
function makeRoleCondition(environment: Environment): string {
  const { choices } = environment
  const asked = choices.chance(35) ? conditionMaker.roles(environment, 1) : undefined
  return asked ?? expression(BOOL, environment, choices.below(3) + 1)
}

function writeHeader(role: Role, index: number, model: Model, choices: Choices, fns: readonly Fn[]): string {
  const later = model.roles.slice(index + 1).filter((other) => other.parameters.length === 0)
  const extended = choices.chance(45) ? choices.some(later, Math.min(1, later.length), 2) : []
  const parameters = role.parameters.length > 0 ? `(${role.parameters.map(writeField).join(', ')})` : ''
  const when = environmentFor(model, choices, fns, {
    names: role.parameters,
    level: role.level,
    isPositive: true,
  })
  const grants = writeGrants(role, model, choices, fns)
  return [
    `${role.isInherited ? 'inherited ' : ''}role ${writeName(role.name)}${parameters}`,
    extended.length > 0 ? ` extends ${extended.map((other) => writeName(other.name)).join(', ')}` : '',
    choices.chance(35) ? ` when ${makeRoleCondition(when)}` : '',
    grants.length > 0 ? ` {\n${grants.map((grant) => `  ${grant}\n`).join('')}}` : '',
  ].join('')
}

function writeCondition(role: Role, model: Model, choices: Choices, fns: readonly Fn[]): string {
  const all = model.types.map((type) => type.name)
  const types = choices.chance(80) ? choices.some(all, 1, 2) : []
  const environment = environmentFor(model, choices, fns, {
    resourceTypes: types.length > 0 ? types : all,
    level: role.level,
    isPositive: true,
  })
  const of = types.length > 0 ? ` of ${types.map(writeName).join(', ')}` : ''
  return `role ${writeName(role.name)}${of} if ${makeRoleCondition(environment)}`
}

export function writeRoles(model: Model, choices: Choices, fns: readonly Fn[]): string[] {
  return model.roles.flatMap((role, index) => [
    writeHeader(role, index, model, choices, fns),
    ...(role.parameters.length === 0
      ? choices.list(0, 2, () => writeCondition(role, model, choices, fns))
      : []),
  ])
}

// --- assignments ---

/** Types that a subject may be of or lie below. */
export const targetTypes = (model: Model): string[] => [
  ...new Set(subjectTypes(model).flatMap((type) => [type, ...typesAbove(model, type)])),
]

/** Roles to whose holders a role may be assigned. */
export const holdersFor = (role: Role, model: Model): readonly Role[] =>
  model.roles.filter((other) => other.level <= role.level)

function writeTarget(role: Role, model: Model, choices: Choices): string {
  const holders = holdersFor(role, model)
  const kind = choices.weighted([
    [5, 'entity'],
    [2, 'type'],
    [1, 'anyone'],
    [2, 'holders'],
  ])
  if (kind === 'type') return `any ${writeName(choices.pick(subjectTypes(model)))}`
  if (kind === 'anyone') return 'anyone'
  if (kind === 'holders' && holders.length > 0) {
    const on = writeEntity(choices.pick(model.types).name, pickId(choices))
    return `${writeName(choices.pick(holders).name)} of ${on}`
  }
  return writeEntity(choices.pick(targetTypes(model)), pickId(choices))
}

export function writeAssignment(model: Model, choices: Choices, fns: readonly Fn[]): string {
  const role = choices.pick(model.roles)
  const environment = environmentFor(model, choices, fns, {})
  const given = role.parameters.filter((field) => !field.isOptional || choices.chance(50))
  const args = given.map(({ name, type }) => `${writeName(name)}: ${literal(type, environment)}`)
  const type = choices.pick(model.types).name
  const scope = choices.weighted([
    [3, ` on ${writeEntity(type, pickId(choices))}`],
    [2, ` on any ${writeName(type)}`],
    [2, ''],
  ])
  return [
    `assign ${writeName(role.name)}${args.length > 0 ? `(${args.join(', ')})` : ''}`,
    ` to ${writeTarget(role, model, choices)}${scope}`,
    choices.chance(25) ? ` until datetime(${JSON.stringify(pickDatetime(choices))})` : '',
  ].join('')
}

// --- rules ---

interface WhoText {
  readonly text: string
  /** Set where only subjects of these types can match. */
  readonly types?: readonly string[]
}

function writeWho(model: Model, choices: Choices): WhoText {
  const role = (): string => `role ${writeName(choices.pick(model.roles).name)}`
  const bare = (): string => writeName(choices.pick(model.roles).name)
  const entity = (): string => writeEntity(choices.pick(targetTypes(model)), pickId(choices))
  const entityAlone = (): WhoText => {
    const type = choices.pick(targetTypes(model))
    const types = subjectTypes(model).filter(
      (each) => each === type || typesAbove(model, each).includes(type),
    )
    return { text: writeEntity(type, pickId(choices)), types }
  }
  return choices.weighted<() => WhoText>([
    [4, () => ({ text: '' })],
    [4, () => ({ text: isAmbiguous(model) ? role() : bare() })],
    [
      2,
      () => {
        const types = choices.some(subjectTypes(model), 1, 2)
        return { text: types.map((type) => `type ${writeName(type)}`).join(', '), types }
      },
    ],
    [2, entityAlone],
    [1, () => ({ text: 'anyone' })],
    [2, () => ({ text: `${role()}, ${entity()}` })],
    [1, () => ({ text: `${role()}, type ${writeName(choices.pick(subjectTypes(model)))}` })],
  ])()
}

/** A role with the name of a type needs `role` before it. */
const isAmbiguous = (model: Model): boolean =>
  model.roles.some((role) => model.types.some((type) => type.name === role.name))

type Effect = 'allow' | 'deny' | 'after allow' | 'after deny'

function writeRule(
  name: string,
  effect: Effect,
  model: Model,
  choices: Choices,
  fns: readonly Fn[],
  who: WhoText,
): string {
  const scope = makeScope(model, choices)
  const environment = environmentFor(model, choices, fns, {
    resourceTypes: typesIn(scope),
    pairs: scope.pairs,
    ...(who.types === undefined ? {} : { subjectTypes: who.types }),
  })
  const isAfter = effect.startsWith('after')
  const clauses = writeClauses(environment, effect === 'deny' ? 1 : 0)
  const duties = isAfter || choices.chance(40) ? writeDuties(clauses.after, 1) : ''
  const to = who.text === '' ? '' : ` to ${who.text}`
  return `rule ${writeName(name)}: ${effect} ${scope.actions} on ${scope.types}${to}${clauses.text}${duties}`
}

/** Many rules that differ in one test, as an index arranges them. */
function writeCrowd(model: Model, choices: Choices): string[] {
  const scope = makeScope(model, choices)
  const environment = environmentFor(model, choices, [], {
    resourceTypes: typesIn(scope),
    pairs: scope.pairs,
    isAsserted: true,
  })
  return choices.list(4, 20, (index) => {
    const who = choices.chance(75) ? { text: '' } : writeWho(model, choices)
    const effect = choices.weighted([
      [5, 'allow'],
      [1, 'deny'],
      [1, 'after allow'],
    ])
    const clauses = choices.list(
      1,
      2,
      () =>
        ` ${choices.weighted([
          [6, 'if'],
          [1, 'unless'],
        ])} ${conditionMaker.simple(environment)}`,
    )
    const duty = choices.chance(20) ? writeDuties(environment, 1) : ''
    const types = who.types === undefined ? environment.subjectTypes : who.types
    const to = who.text === '' || types.length < environment.subjectTypes.length ? '' : ` to ${who.text}`
    return `rule crowd${index}: ${effect} ${scope.actions} on ${scope.types}${to}${clauses.join('')}${duty}`
  })
}

/** Every role is asked for by some rule, since a role that nothing asks for may not be assigned everywhere. */
export function writeRules(model: Model, choices: Choices, fns: readonly Fn[]): string[] {
  const named = ['__proto__', 'r1', 'r2', 'r3', 'constructor', 'r-4', 'r5']
  const effects: (readonly [number, Effect])[] = [
    [9, 'allow'],
    [4, 'deny'],
    [3, 'after allow'],
    [3, 'after deny'],
  ]
  const rules = choices
    .some(named, 3, named.length)
    .map((name) => writeRule(name, choices.weighted(effects), model, choices, fns, writeWho(model, choices)))
  const asking = model.roles.map((role, index) => {
    const who = { text: `role ${writeName(role.name)}` }
    const rule = writeRule(`asks${index}`, choices.weighted(effects), model, choices, fns, who)
    const on = writeEntity(choices.pick(model.types).name, pickId(choices))
    return `${rule}\nrule tests${index}: ${choices.weighted(effects)} * on * ${choices.pick(['if', 'unless'])} hasRole(${writeName(role.name)}, ${on}) if ${expression(BOOL, environmentFor(model, choices, [], {}), 2)}`
  })
  return [...rules, ...asking, ...(choices.chance(30) ? writeCrowd(model, choices) : [])]
}
