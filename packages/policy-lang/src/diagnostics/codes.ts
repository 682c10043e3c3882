/**
 * Every diagnostic code with one sentence on what it means: the only registry. Codes are stable, since people
 * search for them and suppress by them. Severity belongs to the code.
 */
export const DIAGNOSTIC_CODES = {
  // --- sources: `loadPolicySet` ---
  'duplicate-source': { severity: 'error', meaning: 'two sources of one name' },

  // --- syntax ---
  'unexpected-character': { severity: 'error', meaning: 'a character that starts nothing in the language' },
  'unterminated-string': {
    severity: 'error',
    meaning: 'a string without its closing quote on the same line',
  },
  'bad-escape': { severity: 'error', meaning: 'an escape in a string that JSON does not know' },
  'bad-number': {
    severity: 'error',
    meaning: 'a number or duration that is not written as the language writes them',
  },
  'unexpected-token': { severity: 'error', meaning: 'something that cannot stand in this place' },
  'unknown-declaration': {
    severity: 'error',
    meaning: 'a line that starts no declaration, often a misspelt keyword',
  },
  'unclosed-brace': { severity: 'error', meaning: 'a brace, bracket or parenthesis that is never closed' },
  'unmatched-brace': {
    severity: 'error',
    meaning: 'a closing brace, bracket or parenthesis that closes nothing',
  },
  'nesting-too-deep': { severity: 'error', meaning: 'nesting deeper than 100' },
  'mixed-coalesce': { severity: 'error', meaning: '`??` beside another operator without parentheses' },
  'chained-comparison': { severity: 'error', meaning: 'two comparisons in a row without parentheses' },
  'quantifier-position': {
    severity: 'error',
    meaning: '`some` or `every` in the middle of an expression without parentheses',
  },
  'foreign-syntax': { severity: 'error', meaning: 'a form of another language, such as `===` or `and`' },
  'duplicate-clause': { severity: 'error', meaning: 'a part that may stand once stands twice' },

  // --- names, types, rules: `check` ---
  'duplicate-declaration': { severity: 'error', meaning: 'a name declared twice in one name space' },
} as const

/** A stable kebab-case code from the registry. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES
