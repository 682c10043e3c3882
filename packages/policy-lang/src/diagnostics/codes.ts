/**
 * Every diagnostic code with one sentence on what it means: the only registry. Codes are stable, since people
 * search for them and suppress by them. Severity belongs to the code.
 */
export const DIAGNOSTIC_CODES = {
  // --- sources: `loadPolicySet` ---
  'duplicate-source': { severity: 'error', meaning: 'two sources of one name' },
  'not-constant': { severity: 'error', meaning: 'a constant that cannot be computed when policies load' },

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
  'reserved-name': {
    severity: 'error',
    meaning: 'a name that the language has already given a meaning in this place',
  },
  'declaration-in-test-file': {
    severity: 'error',
    meaning: 'something other than a test or an invariant in a `*.test.edict` file',
  },
  'unknown-name': { severity: 'error', meaning: 'a name that is no `let`, `fn`, parameter or variable' },
  'unknown-type': { severity: 'error', meaning: 'a type that nothing declares' },
  'unknown-role': { severity: 'error', meaning: 'a role that nothing declares' },
  'unknown-action': {
    severity: 'error',
    meaning: 'an action or group that none of the types in question has',
  },
  'unknown-attribute': { severity: 'error', meaning: 'an attribute that none of the types in question has' },
  'unknown-parameter': {
    severity: 'error',
    meaning: 'a parameter that none of the actions in question, or not the role, has',
  },
  'unknown-method': { severity: 'error', meaning: 'a method that the type does not have' },
  'absent-attribute': { severity: 'error', meaning: 'an attribute that one of the types in question lacks' },
  'absent-parameter': { severity: 'error', meaning: 'a parameter that one of the actions in question lacks' },
  'ambiguous-name': {
    severity: 'error',
    meaning: 'a name that means two things in its place, such as a role and a type after `to`',
  },
  'wrong-kind-of-type': {
    severity: 'error',
    meaning: 'a type that cannot stand in this place, such as one that is no resource',
  },
  'mixed-union': { severity: 'error', meaning: 'a union of anything but string literals or entity types' },
  'type-cycle': { severity: 'error', meaning: 'a type that is made of itself' },
  'type-too-large': { severity: 'error', meaning: 'a type with too many parts' },
  'recursive-value': { severity: 'error', meaning: 'a `let` or `fn` that uses itself' },
  'expansion-too-large': {
    severity: 'error',
    meaning: 'an expression that grows beyond the limits once `let` and `fn` are put in',
  },
  'nested-quantifier': {
    severity: 'error',
    meaning: '`some` or `every` inside another one, also through a `fn`',
  },
  'root-not-allowed': { severity: 'error', meaning: 'a root such as `action` where it has no meaning' },
  'root-as-value': { severity: 'error', meaning: '`context` or `action` used as a value of its own' },
  'type-mismatch': { severity: 'error', meaning: 'a value of one type where another one is needed' },
  'unguarded-optional': {
    severity: 'error',
    meaning: 'an optional value that is used without saying what holds where it is absent',
  },
  'impossible-comparison': {
    severity: 'error',
    meaning: 'a comparison that has the same result in every environment',
  },
  'literal-outside-union': {
    severity: 'error',
    meaning: 'a string literal that is no member of the union it is compared with',
  },
  'in-on-strings': { severity: 'error', meaning: '`in` between two strings' },
  'unquoted-key': { severity: 'error', meaning: 'a key of a Map after `has` without quotes' },
  'group-as-action': { severity: 'error', meaning: 'a group of actions where one action is meant' },
  'action-as-group': { severity: 'error', meaning: 'one action where a group is meant' },
  'parameter-order': { severity: 'error', meaning: 'a required parameter of a `fn` after an optional one' },
  'wrong-arguments': { severity: 'error', meaning: 'arguments that do not fit what is called' },
  'bad-literal': {
    severity: 'error',
    meaning: 'a datetime, address, number or time zone that does not exist',
  },
  'bad-pattern': { severity: 'error', meaning: 'a pattern after `matches` that is no RE2 pattern' },
  'type-without-action': { severity: 'error', meaning: 'a type after `on` that has none of the actions' },
  'impossible-subject': {
    severity: 'error',
    meaning: 'a member of `to` that no subject can ever be or lie in',
  },
  'no-subject-type': { severity: 'error', meaning: 'rules in a set that declares no subject type' },
  'rule-named-like-grant': { severity: 'error', meaning: 'a rule that has the id of a grant' },
  'duty-mismatch': {
    severity: 'error',
    meaning: 'an obligation or advice whose arguments differ in type between uses',
  },
  'role-cycle': { severity: 'error', meaning: 'roles that extend each other in a circle' },
  'negative-role-cycle': { severity: 'error', meaning: 'a role that rests on its own negation' },
  'parameterised-role': {
    severity: 'error',
    meaning: 'a role with parameters that has a condition or is extended',
  },
  'impossible-assignment': { severity: 'error', meaning: 'an assignment that no subject can ever hold' },
  'idle-assignment': {
    severity: 'error',
    meaning: 'an assignment whose role grants nothing on its scope and is tested nowhere',
  },
  'incomplete-test': {
    severity: 'error',
    meaning: 'an expectation of a test without a subject or a resource before it, or a test without one',
  },
  'unknown-rule': { severity: 'error', meaning: 'an id in a test that no rule and no grant has' },
  'unknown-duty': { severity: 'error', meaning: 'an obligation or advice in a test that no rule names' },
  'exact-membership': {
    severity: 'warning',
    meaning: '`in` with a set of addresses, which looks into none of its ranges',
  },
  'unused-declaration': { severity: 'warning', meaning: 'a declaration that nothing uses' },
  'repeated-member': { severity: 'warning', meaning: 'a member that stands twice in a list' },
  'repeated-title': { severity: 'warning', meaning: 'two tests or two invariants of one title' },
  'constant-condition': { severity: 'warning', meaning: 'a condition that is always true or always false' },
  'shadowed-rule': {
    severity: 'warning',
    meaning: 'a rule that can never take effect because a deny without conditions covers it',
  },
  'every-as-only-guard': {
    severity: 'warning',
    meaning: 'an `every` that alone guards an allow, and is true of an empty set',
  },
  'replaceable-input': {
    severity: 'warning',
    meaning: 'a deny or a negation that reads roles or parents which a request may replace',
  },
  'stored-in-request': {
    severity: 'warning',
    meaning: 'a stored member that a test sends in its request, where it is ignored',
  },
} as const

/** A stable kebab-case code from the registry. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES
