import { createHash } from 'node:crypto'
import type { SearchQuestion } from '../decide/search-record.ts'

/** A hash of a question; the order of members does not count. */
export function hashQuestion({ kind, request }: SearchQuestion): string {
  return createHash('sha256')
    .update(`${kind} ${canonicalText(request)}`)
    .digest('base64url')
}

/** INVARIANT: bodies nest no deeper than `maxDepth`. */
function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`
}
