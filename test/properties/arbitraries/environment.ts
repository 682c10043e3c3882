// What may be named where an expression stands, and the paths that can be read from there.
import type { Choices } from './choices.ts'
import { type Field, type Fn, type Model, type Type, typeNamed } from './model.ts'

/** Makes the text of an expression; nothing where the environment has nothing to make it of. */
export type Form = (environment: Environment, depth: number) => string | undefined

/** A condition with what holds where it is true and where it is false. */
export interface Guard {
  readonly text: string
  readonly whenTrue: Environment
  readonly whenFalse: Environment
}

/** How conditions are made: expressions and conditions are made of each other. */
export interface ConditionMaker {
  readonly forms: readonly (readonly [number, Form])[]
  readonly guard: (environment: Environment, depth: number) => Guard
  /** One test that many rules may share. */
  readonly simple: (environment: Environment) => string
  /** A question about roles. */
  readonly roles: Form
}

export interface Environment {
  readonly conditions: ConditionMaker
  readonly model: Model
  readonly choices: Choices
  /** The types of `subject`: the expression is checked for each of them alone. */
  readonly subjectTypes: readonly string[]
  /** The types of `resource`, in the same way; undefined: it is no root here. */
  readonly resourceTypes: readonly string[] | undefined
  /** Action and resource type, where `action` is a root. */
  readonly pairs: readonly { readonly action: string; readonly type: string }[] | undefined
  /** Parameters and the variable of a quantifier. */
  readonly names: readonly Field[]
  readonly fns: readonly Fn[]
  /** Texts of paths that are known to be there. */
  readonly present: ReadonlySet<string>
  /** Texts of paths whose entity types are narrowed. */
  readonly narrowed: ReadonlyMap<string, readonly string[]>
  /** Roles below this level may be asked; at this level only where `isPositive`. */
  readonly level: number
  readonly isPositive: boolean
  readonly isInQuantifier: boolean
  /** What is learnt here holds in later clauses too; so nothing is learnt about types that they do not know of. */
  readonly isAsserted: boolean
  /** The body of a `fn` or `let`: what it compares must be able to meet wherever it is called. */
  readonly isShared: boolean
}

/** Something that can be read: its text, its type, whether it may be absent. */
export interface Path {
  readonly text: string
  readonly type: Type
  readonly isOptional: boolean
  /** The last step itself may be absent, not only what it is read from. */
  readonly isOwnOptional: boolean
  /** What stands before the last step, with the name of that step. */
  readonly owner?: { readonly text: string; readonly step: string; readonly isOptional: boolean }
}

const isIdentifier = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

/** One step further: after `?.` a chain goes on with `.` unless the step before may be absent by itself. */
export function writeStep(owner: string, name: string, mayBeAbsent: boolean): string {
  const step = isIdentifier(name) ? name : `[${JSON.stringify(name)}]`
  if (mayBeAbsent) return `${owner}?.${step}`
  return isIdentifier(name) ? `${owner}.${step}` : `${owner}${step}`
}

/** Members that all of several lists have, optional where one says so. */
function common(lists: readonly (readonly Field[])[]): Field[] {
  const [first = [], ...rest] = lists
  return first.flatMap((field) => {
    const others = rest.map((list) => list.find((other) => other.name === field.name))
    if (others.includes(undefined)) return []
    return [{ ...field, isOptional: field.isOptional || others.some((other) => other?.isOptional === true) }]
  })
}

const ID: Field = { name: 'id', type: { kind: 'string' }, isOptional: false }

function fieldsOf(path: Path, environment: Environment): readonly Field[] {
  if (path.type.kind === 'record') return path.type.fields
  if (path.type.kind === 'map') {
    return ['k', 'a'].map((name) => ({
      name,
      type: path.type.kind === 'map' ? path.type.value : path.type,
      isOptional: true,
    }))
  }
  if (path.type.kind !== 'entity') return []
  const { model, choices } = environment
  return [
    ...(choices.words.hidesNames ? [] : [ID]),
    ...common(path.type.types.map((type) => typeNamed(model, type).attributes)),
  ]
}

function step(owner: Path, field: Field, environment: Environment): Path {
  const isMap = owner.type.kind === 'map'
  const dot = owner.isOwnOptional ? '?.' : ''
  const text = isMap
    ? `${owner.text}${dot}[${JSON.stringify(field.name)}]`
    : writeStep(owner.text, field.name, owner.isOwnOptional)
  return narrow(
    {
      text,
      type: field.type,
      isOptional: field.isOptional || owner.isOptional,
      isOwnOptional: field.isOptional,
      owner: { text: owner.text, step: field.name, isOptional: owner.isOptional },
    },
    environment,
  )
}

function narrow(path: Path, { present, narrowed }: Environment): Path {
  const types = narrowed.get(path.text)
  return {
    ...path,
    type: types === undefined ? path.type : { kind: 'entity', types },
    isOptional: path.isOptional && !present.has(path.text),
    isOwnOptional: path.isOwnOptional && !present.has(path.text),
  }
}

function rootsOf(environment: Environment): Path[] {
  const { subjectTypes, resourceTypes, pairs, names, model, choices } = environment
  const roots: Path[] = [
    {
      text: 'subject',
      type: { kind: 'entity', types: subjectTypes },
      isOptional: false,
      isOwnOptional: false,
    },
    ...names.map(({ name, type, isOptional }) => ({
      text: name,
      type,
      isOptional,
      isOwnOptional: isOptional,
    })),
  ]
  if (resourceTypes !== undefined) {
    roots.push({
      text: 'resource',
      type: { kind: 'entity', types: resourceTypes },
      isOptional: false,
      isOwnOptional: false,
    })
  }
  const below = (text: string, fields: readonly Field[]): Path[] =>
    fields.map(({ name, type, isOptional }) => ({
      text: writeStep(text, name, false),
      type,
      isOptional,
      isOwnOptional: isOptional,
      owner: { text, step: name, isOptional: false },
    }))
  roots.push(...below('context', model.context))
  roots.push({ text: 'context.now', type: { kind: 'datetime' }, isOptional: false, isOwnOptional: false })
  if (pairs !== undefined) {
    const parameters = pairs.map(
      ({ action, type }) =>
        typeNamed(model, type).actions.find((each) => each.name === action)?.parameters ?? [],
    )
    if (!choices.words.hidesNames)
      roots.push({ text: 'action.name', type: ID.type, isOptional: false, isOwnOptional: false })
    roots.push(...below('action', common(parameters)))
  }
  return roots.map((path) => narrow(path, environment))
}

const cache = new WeakMap<Environment, readonly Path[]>()

/** Everything that can be read in at most two steps from a root. */
export function pathsOf(environment: Environment): readonly Path[] {
  const known = cache.get(environment)
  if (known !== undefined) return known
  const found: Path[] = []
  let level = rootsOf(environment)
  for (let depth = 0; depth < 3; depth += 1) {
    found.push(...level)
    level = level.flatMap((path) =>
      fieldsOf(path, environment).map((field) => step(path, field, environment)),
    )
  }
  cache.set(environment, found)
  return found
}

export const withPresent = (environment: Environment, text: string): Environment => ({
  ...environment,
  present: new Set([...environment.present, text]),
})

/** `subject` and `resource` are checked type by type: narrowing leaves fewer types to check. */
export function withTypes(environment: Environment, text: string, types: readonly string[]): Environment {
  const narrowed = new Map([...environment.narrowed, [text, types]])
  const pairs =
    text === 'resource' ? environment.pairs?.filter((pair) => types.includes(pair.type)) : environment.pairs
  return { ...environment, narrowed, pairs }
}

export const negative = (environment: Environment): Environment =>
  environment.isPositive ? { ...environment, isPositive: false } : environment
