import { RE2JS } from 're2js'
import { PolicyLangError } from '../model/errors.ts'
import type { Program } from '../program/program.ts'
import { constantAt, ruleCount, shapeAt } from '../program/rule-access.ts'
import type { RuleShape } from '../program/rule-table.ts'

/** Compiles every `matches` pattern of a Program, wherever it stands. */
export function compilePatterns(program: Program): ReadonlyMap<string, RE2JS> {
  const patterns = new Map<string, RE2JS>()
  const add = (pattern: string): void => {
    if (!patterns.has(pattern)) patterns.set(pattern, compilePattern(pattern))
  }
  for (const pattern of patternsOfRoles(program)) add(pattern)
  const slots = new Map(program.rules.shapes.map((shape) => [shape, patternSlots(shape)]))
  if (![...slots.values()].some(({ length }) => length > 0)) return patterns
  for (let rule = 0; rule < ruleCount(program); rule += 1) {
    for (const slot of slots.get(shapeAt(program, rule)) ?? []) add(String(constantAt(program, rule, slot)))
  }
  return patterns
}

function patternSlots({ constants }: RuleShape): readonly number[] {
  return constants.flatMap(({ kind }, slot) => (kind === 'matches' ? [slot] : []))
}

function* patternsOfRoles({ roles }: Program): Generator<string> {
  const pending: unknown[] = roles.flatMap(({ conditions, when }) => [conditions, when])
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null) continue
    if ('op' in node && node.op === 'matches' && 'pattern' in node) yield String(node.pattern)
    for (const part of Object.values(node)) pending.push(part)
  }
}

function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    throw new PolicyLangError('invalid-program', `no RE2 pattern: ${JSON.stringify(pattern)}`, { cause })
  }
}
