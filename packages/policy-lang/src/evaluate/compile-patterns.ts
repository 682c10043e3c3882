import { RE2JS } from 're2js'
import { PolicyLangError } from '../model/errors.ts'
import type { Program } from '../program/program.ts'

/** Compiles every `matches` pattern of a Program, wherever it stands. */
export function compilePatterns(program: Program): ReadonlyMap<string, RE2JS> {
  const patterns = new Map<string, RE2JS>()
  const pending: unknown[] = [program.rules, program.roles]
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null) continue
    if ('op' in node && node.op === 'matches' && 'pattern' in node) {
      const pattern = String(node.pattern)
      if (!patterns.has(pattern)) patterns.set(pattern, compilePattern(pattern))
    }
    for (const part of Object.values(node)) pending.push(part)
  }
  return patterns
}

function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    throw new PolicyLangError('invalid-program', `no RE2 pattern: ${JSON.stringify(pattern)}`, { cause })
  }
}
