import type { EntityTypeDeclaration, Name, NameList } from '../ast/nodes.ts'
import { FOREIGN_TYPES } from '../diagnostics/foreign-words.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { Declarations } from './declarations.ts'
import { didYouMean } from './did-you-mean.ts'
import { quoteName } from './expressions/describe-expression.ts'
import type { Pair } from './expressions/typing.ts'
import type { Report } from './report.ts'
import type { TypeIndex } from './type-index.ts'

/** Expands what stands after `allow`, `deny` or `can` into pairs, sorted by type then action. */
export interface PairResolver {
  resolve(actions: NameList, types: NameList): readonly Pair[]
}

/** Alike lists share one result: a thousand rules on `*` cost one expansion. */
export function createPairResolver(
  declarations: Declarations,
  index: TypeIndex,
  report: Report,
): PairResolver {
  const memo = new Map<string, readonly Pair[]>()
  const state: PairState = { declarations, index, report, pairs: new Map() }
  return {
    resolve: (actions, types) => {
      const key = `${keyOf(actions)} ${keyOf(types)}`
      const known = memo.get(key)
      // What is wrong with a list is reported at each place it stands.
      if (known !== undefined && known.length > 0) return known
      const { pairs, isClean } = expand(actions, types, state)
      if (isClean) memo.set(key, pairs)
      return pairs
    },
  }
}

interface PairState {
  readonly declarations: Declarations
  readonly index: TypeIndex
  readonly report: Report
  readonly pairs: Map<string, Pair>
}

/** The same for lists of the same names: lengths keep names apart, whatever is in them. */
function keyOf(list: NameList): string {
  if (list.kind === 'all') return '*'
  let key = ''
  for (const { name } of list.names) key += `${name.length}:${name}`
  return key
}

interface Expansion {
  readonly pairs: readonly Pair[]
  readonly isClean: boolean
}

function expand(actions: NameList, types: NameList, state: PairState): Expansion {
  const { listed, isClean: areTypesClean } = listTypes(types, state)
  const found = new Map<string, Pair>()
  const usedNames = new Set<string>()
  const typesWithout: EntityTypeDeclaration[] = []
  for (const type of listed) {
    const names = namedActions(actions, type.name.name, state, usedNames)
    if (names.size === 0) typesWithout.push(type)
    for (const action of names) {
      const pair = pairOf(action, type.name.name, state)
      found.set(pair.key, pair)
    }
  }
  const isActionMissing = reportActions(actions, types, listed, usedNames, state)
  // A misspelt action explains why a type has none of them.
  const isTypeIdle =
    !isActionMissing && types.kind === 'names' && reportIdleTypes(types.names, typesWithout, state)
  const isEmpty =
    found.size === 0 && areTypesClean && !isActionMissing && !isTypeIdle && reportEmpty(types, state)
  return {
    pairs: [...found.values()].sort(comparePairs),
    isClean: areTypesClean && !isActionMissing && !isTypeIdle && !isEmpty,
  }
}

function comparePairs(a: Pair, b: Pair): number {
  return compareCodePoints(a.resourceType, b.resourceType) || compareCodePoints(a.action, b.action)
}

export function createPair(action: string, resourceType: string): Pair {
  return { action, resourceType, key: JSON.stringify([resourceType, action]) }
}

function pairOf(action: string, resourceType: string, { pairs }: PairState): Pair {
  const created = createPair(action, resourceType)
  const known = pairs.get(created.key)
  if (known !== undefined) return known
  pairs.set(created.key, created)
  return created
}

function listTypes(
  types: NameList,
  { declarations, index, report }: PairState,
): { listed: readonly EntityTypeDeclaration[]; isClean: boolean } {
  if (types.kind === 'all') {
    const listed = index.resources.flatMap((name) => declarations.entityTypes.get(name) ?? [])
    return { listed, isClean: true }
  }
  const listed: EntityTypeDeclaration[] = []
  for (const name of types.names) {
    const type = declarations.entityTypes.get(name.name)
    if (type?.isResource) listed.push(type)
    else reportType(name, type, { declarations, index, report })
  }
  return { listed, isClean: listed.length === types.names.length }
}

function reportType(
  name: Name,
  type: EntityTypeDeclaration | undefined,
  { declarations, index, report }: Omit<PairState, 'pairs'>,
): void {
  const isAlias = declarations.aliases.has(name.name)
  report({
    code: type === undefined && !isAlias ? 'unknown-type' : 'wrong-kind-of-type',
    span: name.span,
    message:
      type === undefined && !isAlias
        ? `there is no resource type \`${name.name}\``
        : `\`${name.name}\` is no resource type`,
    hint: () =>
      type === undefined
        ? (didYouMean(name.name, index.resources) ??
          FOREIGN_TYPES.get(name.name) ??
          'declare it with `resource`')
        : `declare it with \`${type.isSubject ? 'subject resource' : 'resource'} ${name.name}\``,
    ...(type === undefined ? {} : { related: [{ span: type.name.span, message: 'declared here' }] }),
  })
}

function namedActions(
  actions: NameList,
  type: string,
  { index }: PairState,
  used: Set<string>,
): ReadonlySet<string> {
  const schema = index.get(type)
  if (schema === undefined) return new Set()
  if (actions.kind === 'all') return new Set(schema.actions.map((action) => action.name))
  const found = new Set<string>()
  for (const { name } of actions.names) {
    if (index.action(type, name) !== undefined) {
      found.add(name)
      used.add(name)
    }
    const group = index.group(type, name)
    if (group === undefined) continue
    used.add(name)
    for (const member of group) found.add(member)
  }
  return found
}

function reportActions(
  actions: NameList,
  types: NameList,
  listed: readonly EntityTypeDeclaration[],
  used: ReadonlySet<string>,
  { index, report }: PairState,
): boolean {
  if (actions.kind === 'all' || listed.length === 0) return false
  const missing = actions.names.filter((name) => !used.has(name.name))
  for (const name of missing) {
    const known = listed.flatMap((type) =>
      [...type.actions, ...type.actionGroups].map((action) => action.name.name),
    )
    const where =
      types.kind === 'all'
        ? 'no resource type'
        : listed.length === 1
          ? `\`${listed[0]?.name.name}\``
          : 'none of these types'
    report({
      code: 'unknown-action',
      span: name.span,
      message: `${where} has ${listed.length === 1 && types.kind !== 'all' ? 'no' : 'an'} action or group \`${name.name}\``,
      hint: () => didYouMean(name.name, known) ?? actionHint(name.name, index),
    })
  }
  return missing.length > 0
}

function actionHint(name: string, index: TypeIndex): string {
  if (name === '*' || name === 'manage' || name === 'all') return 'for every action write `*`, without quotes'
  const having = index.resources.filter(
    (type) => index.action(type, name) !== undefined || index.group(type, name) !== undefined,
  )
  const [first] = having
  if (first !== undefined) return `it is an action of \`${first}\``
  return `declare it: \`actions ${quoteName(name)}\``
}

function reportIdleTypes(
  names: readonly Name[],
  typesWithout: readonly EntityTypeDeclaration[],
  { report }: PairState,
): boolean {
  const idle = new Set(typesWithout.map((type) => type.name.name))
  const found = names.filter((name) => idle.has(name.name))
  for (const name of found) {
    report({
      code: 'type-without-action',
      span: name.span,
      message: `\`${name.name}\` has none of these actions`,
      hint: 'take it out of the list, or declare the action in it',
    })
  }
  return found.length > 0
}

function reportEmpty(types: NameList, { report }: PairState): boolean {
  report({
    code: 'type-without-action',
    span: types.span,
    message: 'no resource type has an action',
    hint: 'declare a `resource` with `actions`',
  })
  return true
}
