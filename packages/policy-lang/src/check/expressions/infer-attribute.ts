import type { Expression, Name } from '../../ast/nodes.ts'
import { FOREIGN_ATTRIBUTES } from '../../diagnostics/foreign-words.ts'
import type { FieldType } from '../../model/types.ts'
import { didYouMean } from '../did-you-mean.ts'
import { describeExpression, quoteName } from './describe-expression.ts'
import { joinFields } from './join-fields.ts'
import { relatedCalls, type Typed, type Typing, UNKNOWN } from './typing.ts'

/** An attribute of an entity: every type that the entity can have must declare it. */
export function inferAttribute(
  typing: Typing,
  types: readonly string[],
  object: Expression,
  name: Name,
): Typed {
  const known = typing.tables.attributes.get(types)?.get(name.name)
  if (known !== undefined) return known
  const found: FieldType[] = []
  const lacking: string[] = []
  for (const type of types) {
    const attribute = typing.tables.types.attribute(type, name.name)
    if (attribute === undefined) lacking.push(type)
    else found.push(attribute)
  }
  if (lacking.length === 0) {
    const typed = joinFields(typing, name, found)
    if (typed.type !== undefined) remember(typing, types, name.name, typed)
    return typed
  }
  reportAttribute(typing, { types, lacking, object, name })
  return UNKNOWN
}

function remember({ tables }: Typing, types: readonly string[], name: string, typed: Typed): void {
  const known = tables.attributes.get(types)
  if (known === undefined) tables.attributes.set(types, new Map([[name, typed]]))
  else known.set(name, typed)
}

interface AbsentAttribute {
  readonly types: readonly string[]
  readonly lacking: readonly string[]
  readonly object: Expression
  readonly name: Name
}

function reportAttribute(typing: Typing, { types, lacking, object, name }: AbsentAttribute): void {
  const index = typing.tables.types
  const all =
    object.kind === 'root' ? typing.allRoots[object.root === 'subject' ? 'subject' : 'resource'] : types
  const having = (all ?? types).filter((type) => index.attribute(type, name.name) !== undefined)
  const known = lacking.flatMap(
    (type) => index.get(type)?.attributes.map((attribute) => attribute.name) ?? [],
  )
  typing.report({
    code: having.length === 0 ? 'unknown-attribute' : 'absent-attribute',
    span: name.span,
    message: `${listTypes(lacking)} no attribute \`${name.name}\``,
    hint: () =>
      having.length === 0
        ? (didYouMean(name.name, [...new Set([...known, 'id'])]) ??
          unknownHint(object, name.name, lacking, known))
        : narrowHint(object, having, typing.allRoots.place),
    related: relatedCalls(typing),
  })
}

/** Most attributes that a hint lists. */
const LISTED = 6

function unknownHint(
  object: Expression,
  name: string,
  [first = '']: readonly string[],
  known: readonly string[],
): string {
  if (name === 'type')
    return `ask for the type with \`is\`: \`${describeExpression(object) ?? '…'} is ${quoteName(first)}\``
  const foreign = FOREIGN_ATTRIBUTES.get(name)
  if (foreign !== undefined) return foreign
  const others = [...new Set(known)].slice(0, LISTED).map((each) => `\`${each}\``)
  const declare = `declare it in \`${first}\``
  return others.length === 0 ? declare : `${declare}, which has ${others.join(', ')}`
}

/** `\`User\` has`, `\`Service\` and \`User\` have`, `5 types have`. */
function listTypes(types: readonly string[]): string {
  const [first, second] = types
  if (types.length === 1) return `\`${first}\` has`
  return types.length === 2 ? `\`${first}\` and \`${second}\` have` : `${types.length} types have`
}

interface Narrowing {
  readonly what: string
  readonly subject?: string
  readonly resource?: string
}

/** By the place of an expression: the words of a declaration that say which types it is about. */
const NARROWING: ReadonlyMap<string, Narrowing> = new Map([
  ['in a rule', { what: 'rule', subject: 'to', resource: 'on' }],
  ['in an invariant', { what: 'invariant', subject: 'to', resource: 'on' }],
  ['in a grant', { what: 'grant', resource: 'on' }],
  ['in a role condition', { what: 'condition', resource: 'of' }],
])

/** How to keep the types out that lack an attribute. */
function narrowHint(object: Expression, having: readonly string[], place: string): string {
  const text = describeExpression(object) ?? '…'
  const test = having.map((type) => `${text} is ${quoteName(type)}`).slice(0, 3)
  const guard = `\`${test.length > 1 ? `(${test.join(' || ')})` : test.join('')} && …\``
  const narrowing = NARROWING.get(place)
  const word =
    object.kind === 'root' ? narrowing?.[object.root === 'subject' ? 'subject' : 'resource'] : undefined
  if (narrowing === undefined || word === undefined) return `test the type first: ${guard}`
  return `narrow the ${narrowing.what} with \`${word} ${having.slice(0, 3).map(quoteName).join(', ')}\`, or test the type first: ${guard}`
}
