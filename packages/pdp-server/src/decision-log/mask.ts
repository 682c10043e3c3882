// Masks: JSON pointers (RFC 6901) to what must not stand in the log.
import type { Entry } from './decision-entry.ts'

export const MASKED = '[masked]'

export type Pointer = readonly string[]

/** The steps of a pointer; undefined where the text is none, or points to the whole. */
export function parsePointer(text: string): Pointer | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The entry with a mark in place of each value that a pointer leads to. What was handed in stays as it is. */
export function maskEntry(entry: Entry, pointers: readonly Pointer[]): Entry {
  return pointers.reduce<Entry>((masked, pointer) => maskAt(masked, pointer, 0) as Entry, entry)
}

function maskAt(value: unknown, pointer: Pointer, depth: number): unknown {
  if (depth === pointer.length) return MASKED
  const step = pointer[depth] ?? ''
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    if (!/^(?:0|[1-9]\d*)$/.test(step) || Number(step) >= value.length) return value
    return value.with(Number(step), maskAt(value[Number(step)], pointer, depth + 1))
  }
  if (!Object.hasOwn(value, step)) return value
  const members = Object.entries(value).map(([key, member]) => [
    key,
    key === step && member !== undefined ? maskAt(member, pointer, depth + 1) : member,
  ])
  return Object.fromEntries(members)
}
