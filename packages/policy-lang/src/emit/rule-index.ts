// Many rules of one plan by the equality that tells them apart: `resource.kind == "x"` leads to its rules in one step.
import type { LinkedType } from '../evaluate/link.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { LiteralValue } from '../program/program.ts'
import { toFastLiteral } from './plan-rule.ts'
import type { RuleFamily } from './rule-family.ts'

/** Rules that ask the same expression for different values. */
export interface KeyedRules {
  /** The expression. */
  readonly key: AnyCode
  /** The type of the values, where they are entities. */
  readonly entityType: string | undefined
  readonly families: readonly KeyedFamily[]
}

export interface KeyedFamily {
  readonly family: RuleFamily
  /** What else its rules ask. */
  readonly rest: readonly AnyCode[]
  /** Each once. */
  readonly valuesOf: (rule: number) => readonly unknown[]
}

export interface IndexedRules {
  readonly keyed: readonly KeyedRules[]
  /** Families to walk rule by rule. */
  readonly others: readonly RuleFamily[]
}

/** One way to find the rules of a family: what they ask, for which values. */
interface Handle {
  readonly key: AnyCode
  readonly entityType: string | undefined
  readonly keyText: string
  readonly valuesOf: (rule: number) => readonly unknown[]
  readonly conjunct: number
}

/** @param minKeyed fewer rules than this on one key are walked as fast */
export function indexFamilies(
  families: readonly RuleFamily[],
  subject: LinkedType,
  minKeyed: number,
): IndexedRules {
  const handled = families.map((family) => ({ family, handles: findHandles(family, subject) }))
  const popularity = new Map<string, number>()
  for (const { family, handles } of handled) {
    for (const text of new Set(handles.map(({ keyText }) => keyText))) {
      popularity.set(text, (popularity.get(text) ?? 0) + family.numbers.length)
    }
  }
  const groups = new Map<string, { readonly handle: Handle; readonly families: KeyedFamily[] }>()
  const others: RuleFamily[] = []
  for (const { family, handles } of handled) {
    const best = findBest(handles, popularity)
    if (best === undefined || (popularity.get(best.keyText) ?? 0) < minKeyed) {
      others.push(family)
      continue
    }
    const rest = family.conjuncts.filter((_, position) => position !== best.conjunct)
    const group = groups.get(best.keyText) ?? { handle: best, families: [] }
    groups.set(best.keyText, group)
    group.families.push({ family, rest, valuesOf: best.valuesOf })
  }
  const keyed = [...groups.values()].map(({ handle: { key, entityType }, families: ofKey }) => ({
    key,
    entityType,
    families: ofKey,
  }))
  return { keyed, others }
}

function findBest(handles: readonly Handle[], popularity: ReadonlyMap<string, number>): Handle | undefined {
  let best: Handle | undefined
  for (const handle of handles) {
    const isBetter =
      best === undefined || (popularity.get(handle.keyText) ?? 0) > (popularity.get(best.keyText) ?? 0)
    if (isBetter) best = handle
  }
  return best
}

function findHandles({ conjuncts, kinds, constantOf }: RuleFamily, subject: LinkedType): readonly Handle[] {
  return conjuncts.flatMap((code, conjunct): readonly Handle[] => {
    const found = toHandle(code, subject)
    const [first] = found?.asked ?? []
    if (found === undefined || first === undefined) return []
    const entityType = entityTypeOf(first, kinds)
    // `in` of entities is membership, not equality: what lies below one of them is in the set, too.
    if (code.op === 'in' && code.right.op === 'set' && entityType !== undefined) return []
    // Ids are told apart by type, here and where the key is read.
    if (found.asked.some((leaf) => !isKeyValue(leaf, kinds) || entityTypeOf(leaf, kinds) !== entityType))
      return []
    const keyText = JSON.stringify([entityType ?? null, printKey(found.key)])
    const toValue = (leaf: Leaf, rule: number): unknown =>
      leaf.op === 'literal' ? toFastLiteral(leaf.value) : constantOf(rule, leaf.slot)
    const { asked } = found
    const valuesOf =
      asked.length === 1
        ? (rule: number) => [toValue(first, rule)]
        : (rule: number) => [...new Set(asked.map((leaf) => toValue(leaf, rule)))]
    return [{ key: found.key, entityType, keyText, valuesOf, conjunct }]
  })
}

type Leaf = Extract<AnyCode, { readonly op: 'literal' | 'constant' }>

function toHandle(
  code: AnyCode,
  subject: LinkedType,
): { readonly key: AnyCode; readonly asked: readonly Leaf[] } | undefined {
  if (code.op === 'compare' && code.operator === '==') {
    const [key, leaf] = isLeaf(code.right) ? [code.left, code.right] : [code.right, code.left]
    return isLeaf(leaf) && isKey(key) ? { key, asked: [leaf] } : undefined
  }
  if (code.op !== 'in' || !isKey(code.left)) return undefined
  if (code.right.op === 'set') {
    const asked = code.right.elements.filter(isLeaf)
    return asked.length === code.right.elements.length ? { key: code.left, asked } : undefined
  }
  // Nothing lies above such a subject: being in something is being it.
  const isEquality = code.left.op === 'subject' && subject.ancestors.size === 0 && isLeaf(code.right)
  return isEquality && isLeaf(code.right) ? { key: code.left, asked: [code.right] } : undefined
}

function isLeaf(code: AnyCode): code is Leaf {
  return code.op === 'literal' || code.op === 'constant'
}

function isKeyValue(leaf: Leaf, kinds: Kinds): boolean {
  const kind = leaf.op === 'literal' ? kindOf(leaf.value) : kinds[leaf.slot]?.kind
  return kind === 'string' || kind === 'number' || kind === 'boolean' || kind === 'entity'
}

type Kinds = RuleFamily['kinds']

function kindOf(value: LiteralValue): string {
  return typeof value === 'object' ? value.kind : typeof value
}

function entityTypeOf(leaf: Leaf, kinds: Kinds): string | undefined {
  if (leaf.op === 'literal') {
    return typeof leaf.value === 'object' && leaf.value.kind === 'entity' ? leaf.value.type : undefined
  }
  const kind = kinds[leaf.slot]
  return kind?.kind === 'entity' ? kind.type : undefined
}

/** Reading something, and no more: its value is looked up before any rule is. */
function isKey(code: AnyCode): boolean {
  switch (code.op) {
    case 'subject':
    case 'resource':
    case 'context':
    case 'parameter':
      return true
    case 'member':
      return isKey(code.object)
    case 'entry':
      return isKey(code.object) && code.key.op === 'literal'
    default:
      return false
  }
}

/** Equal for expressions that read the same, wherever they are written. */
function printKey(code: AnyCode): string {
  return JSON.stringify(code, (name, value: unknown) =>
    name === 'at' || name === 'isOptional' ? undefined : value,
  )
}
