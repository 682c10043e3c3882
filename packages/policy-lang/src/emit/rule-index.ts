// Many rules of one plan by the equality that tells them apart: `resource.kind == "x"` leads to its rules in one step.
import { entityKey } from '../model/entity-key.ts'
import type { Code, LiteralValue } from '../program/program.ts'
import type { PlanRule } from './plan-rule.ts'

/** Rules that ask the same expression for different values. */
export interface KeyedRules {
  /** The expression. */
  readonly key: Code
  /** By the value asked for, in the fast form; `rest` is what else the rule asks. */
  readonly buckets: ReadonlyMap<unknown, readonly KeyedRule[]>
}

export interface KeyedRule {
  readonly index: number
  readonly rule: PlanRule
  readonly rest: readonly Code[]
}

export interface IndexedRules {
  readonly keyed: readonly KeyedRules[]
  /** Rules to walk one by one. */
  readonly others: readonly { readonly index: number; readonly rule: PlanRule }[]
}

/** Fewer rules than this on one key are walked as fast. */
const MIN_KEYED = 6

/** One way to find a rule: what it asks, for which values. */
interface Handle {
  readonly key: Code
  readonly keyText: string
  readonly values: readonly unknown[]
  readonly conjunct: number
}

/** @param indices rules of the plan to arrange, by their index in it */
export function indexRules(rules: readonly PlanRule[], indices: readonly number[]): IndexedRules {
  const handles = indices.map((index) => ({ index, handles: findHandles(rules[index]?.conjuncts ?? []) }))
  const popularity = new Map<string, number>()
  for (const { handles: ofRule } of handles) {
    for (const text of new Set(ofRule.map(({ keyText }) => keyText))) {
      popularity.set(text, (popularity.get(text) ?? 0) + 1)
    }
  }
  const groups = new Map<string, { readonly key: Code; readonly buckets: Map<unknown, KeyedRule[]> }>()
  const others: { readonly index: number; readonly rule: PlanRule }[] = []
  for (const { index, handles: ofRule } of handles) {
    const rule = rules[index]
    if (rule === undefined) continue
    const best = ofRule.reduce<Handle | undefined>((a, b) => (isBetter(b, a, popularity) ? b : a), undefined)
    if (best === undefined || (popularity.get(best.keyText) ?? 0) < MIN_KEYED) {
      others.push({ index, rule })
      continue
    }
    const group = groups.get(best.keyText) ?? { key: best.key, buckets: new Map<unknown, KeyedRule[]>() }
    groups.set(best.keyText, group)
    const rest = rule.conjuncts.filter((_, position) => position !== best.conjunct)
    for (const value of new Set(best.values)) {
      const bucket = group.buckets.get(value)
      if (bucket === undefined) group.buckets.set(value, [{ index, rule, rest }])
      else bucket.push({ index, rule, rest })
    }
  }
  return { keyed: [...groups.values()], others }
}

function isBetter(
  candidate: Handle,
  best: Handle | undefined,
  popularity: ReadonlyMap<string, number>,
): boolean {
  if (best === undefined) return true
  return (popularity.get(candidate.keyText) ?? 0) > (popularity.get(best.keyText) ?? 0)
}

function findHandles(conjuncts: readonly Code[]): readonly Handle[] {
  return conjuncts.flatMap((code, conjunct): readonly Handle[] => {
    const found = toHandle(code)
    return found === undefined ? [] : [{ ...found, keyText: keyText(found.key), conjunct }]
  })
}

function toHandle(code: Code): Pick<Handle, 'key' | 'values'> | undefined {
  if (code.op === 'compare' && code.operator === '==') {
    const [key, literal] = code.right.op === 'literal' ? [code.left, code.right] : [code.right, code.left]
    if (literal.op !== 'literal' || !isKey(key)) return undefined
    const value = toFast(literal.value)
    return value === undefined ? undefined : { key, values: [value] }
  }
  if (code.op === 'in' && code.right.op === 'set' && isKey(code.left)) {
    const values = code.right.elements.map((element) =>
      element.op === 'literal' && typeof element.value !== 'object' ? element.value : undefined,
    )
    return values.includes(undefined) ? undefined : { key: code.left, values }
  }
  return undefined
}

/** Reading something, and no more: its value is looked up before any rule is. */
function isKey(code: Code): boolean {
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

function toFast(value: LiteralValue): unknown {
  if (typeof value !== 'object') return value
  return value.kind === 'entity' ? entityKey(value.type, value.id) : undefined
}

/** Equal for expressions that read the same, wherever they are written. */
export function keyText(code: Code): string {
  return JSON.stringify(code, (name, value: unknown) =>
    name === 'at' || name === 'isOptional' ? undefined : value,
  )
}
