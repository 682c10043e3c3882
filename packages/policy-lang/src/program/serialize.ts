import { compareCodePoints } from '../model/code-points.ts'
import type { Program } from './program.ts'
import { toStoredRules } from './stored-rules.ts'

/**
 * Writes a Program as JSON text that `parseProgram` reads: equal programs give equal text, so it can be signed,
 * hashed and compared.
 */
export function serializeProgram(program: Program): string {
  const { cells: _, rules, ...rest } = program
  const stored = { ...rest, rules: toStoredRules(rules) }
  return JSON.stringify(stored, (__, value: unknown) => sortMembers(value))
}

function sortMembers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint32Array)
  const members = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b))
  // Object.fromEntries defines members, so that `__proto__` is one like any other.
  return Object.fromEntries(members)
}
