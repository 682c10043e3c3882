import { compareCodePoints } from '../model/code-points.ts'
import type { Program } from './program.ts'

/**
 * Writes a Program as JSON text that `parseProgram` reads: equal programs give equal text, so it can be signed,
 * hashed and compared.
 */
export function serializeProgram(program: Program): string {
  return JSON.stringify(program, (_, value: unknown) => sortMembers(value))
}

function sortMembers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b))
  // Object.fromEntries defines members, so that `__proto__` is one like any other.
  return Object.fromEntries(members)
}
