import { isActionWord, isNameWord, isValueWord, isWord } from './keywords.ts'
import type { Name } from './nodes.ts'

/** Invisible characters that change how the text around them looks: written as escapes, never as they are. */
const ESCAPED = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu
/** Text that needs no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/
const RULE_ID = /^(?:default|([A-Za-z_][A-Za-z0-9_]*)(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|\*))*(?:#[0-9]+)?)$/

/** A string literal. */
export function writeText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(ESCAPED, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** A string after `like` or `matches`, where only quotes are escaped. */
export function writePattern(pattern: string): string {
  // A pair of a backslash and anything else stays; what is left of quotes needs an escape.
  return `"${pattern.replace(/\\[^"]|"/gsu, (found) => (found === '"' ? '\\"' : found))}"`
}

/** The name of a type, a role, a rule, a value or a function, in quotes where it needs them. */
export function printName(name: Name | string): string {
  const text = typeof name === 'string' ? name : name.name
  return isNameWord(text) ? text : writeText(text)
}

/** The name of an attribute, a parameter, an argument or a duty. */
export function printWord(name: Name): string {
  return isWord(name.name) ? name.name : writeText(name.name)
}

export function printActionName(name: Name): string {
  return isActionWord(name.name) ? name.name : writeText(name.name)
}

/** The name of an action in `action == …`. */
export function printTestedAction(name: Name): string {
  return isValueWord(name.name) ? name.name : writeText(name.name)
}

/** What stands after `by` and `fails`. */
export function printRuleId(name: Name): string {
  const first = RULE_ID.exec(name.name)
  if (first === null) return writeText(name.name)
  const isBare = first[1] === undefined || isNameWord(first[1])
  return isBare ? name.name : writeText(name.name)
}

export function printNames(names: readonly Name[]): string {
  return names.map(printName).join(', ')
}
