// Values of the second evaluator: plain data, compared by content, written out as JSON.

export interface Reference {
  readonly kind: 'reference'
  readonly type: string
  readonly id: string
}
export interface Address {
  readonly kind: 'ip'
  readonly family: 4 | 6
  /** The address of the net: host bits are zero. */
  readonly bits: bigint
  readonly prefix: number
}
/** A record or a map. What stands in policy text is neither yet: `isMap` is undefined. */
export interface Fields {
  readonly kind: 'fields'
  readonly isMap?: boolean
  readonly fields: ReadonlyMap<string, Value>
}
export type Value =
  | { readonly kind: 'bool'; readonly bool: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'span'; readonly ms: number }
  | { readonly kind: 'set'; readonly members: readonly Value[] }
  | Address
  | Reference
  | Fields

/** What an expression gives: a value, nothing, or a failure. */
export type Outcome = Value | { readonly kind: 'absent' } | { readonly kind: 'failed' }

export const ABSENT: Outcome = { kind: 'absent' }
export const FAILED: Outcome = { kind: 'failed' }

export const bool = (value: boolean): Outcome => ({ kind: 'bool', bool: value })
export const text = (value: string): Value => ({ kind: 'text', text: value })
export const reference = (type: string, id: string): Reference => ({ kind: 'reference', type, id })

export const isTrue = (outcome: Outcome): boolean => outcome.kind === 'bool' && outcome.bool
export const isFalse = (outcome: Outcome): boolean => outcome.kind === 'bool' && !outcome.bool
export const isValue = (outcome: Outcome): outcome is Value =>
  outcome.kind !== 'absent' && outcome.kind !== 'failed'

/** False if any is false, else failed if any is not true. */
export function and(parts: readonly Outcome[]): Outcome {
  if (parts.some(isFalse)) return bool(false)
  return parts.every(isTrue) ? bool(true) : FAILED
}

/** True if any is true, else failed if any is not false. */
export function or(parts: readonly Outcome[]): Outcome {
  if (parts.some(isTrue)) return bool(true)
  return parts.every(isFalse) ? bool(false) : FAILED
}

export function not(part: Outcome): Outcome {
  if (part.kind !== 'bool') return FAILED
  return bool(!part.bool)
}

export function equal(a: Value, b: Value): boolean {
  if (a.kind === 'set' && b.kind === 'set') {
    return a.members.every((x) => contains(b, x)) && b.members.every((x) => contains(a, x))
  }
  if (a.kind === 'fields' && b.kind === 'fields') {
    if (a.fields.size !== b.fields.size) return false
    return [...a.fields].every(([key, x]) => {
      const y = b.fields.get(key)
      return y !== undefined && equal(x, y)
    })
  }
  if (a.kind === 'bool' && b.kind === 'bool') return a.bool === b.bool
  if (a.kind === 'text' && b.kind === 'text') return a.text === b.text
  if (a.kind === 'number' && b.kind === 'number') return a.number === b.number
  if (a.kind === 'instant' && b.kind === 'instant') return a.ms === b.ms
  if (a.kind === 'span' && b.kind === 'span') return a.ms === b.ms
  if (a.kind === 'reference' && b.kind === 'reference') return a.type === b.type && a.id === b.id
  if (a.kind === 'ip' && b.kind === 'ip') {
    return a.family === b.family && a.bits === b.bits && a.prefix === b.prefix
  }
  return false
}

export function contains(set: { readonly members: readonly Value[] }, value: Value): boolean {
  return set.members.some((member) => equal(member, value))
}

/** A set without its duplicates. */
export function toSet(members: readonly Value[]): Value {
  const distinct: Value[] = []
  for (const member of members) {
    if (!distinct.some((other) => equal(other, member))) distinct.push(member)
  }
  return { kind: 'set', members: distinct }
}
