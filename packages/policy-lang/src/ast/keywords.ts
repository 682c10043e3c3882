// Which words may stand where as they are. The tokens of `syntax/` and the printer share these lists.

/** Words that a type, a role, a rule, a value or a function can have as its name only in quotes. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  [
    'subject resource entity type context trust inherited role assign let fn rule test invariant',
    'stored actions action extends when can of on to anyone any until after allow deny if unless',
    'obligate advise by default true false some every hasRole has datetime ip in is like matches',
  ]
    .join(' ')
    .split(' '),
)

/** Words that mean something in a few places and are ordinary names everywhere else. */
export const SOFT_KEYWORDS: ReadonlySet<string> = new Set(
  'store parents roles given now with advice fails never always illTyped'.split(' '),
)

/** Words that stand for no `let`, parameter or variable in an expression. */
const RESERVED_IN_EXPRESSIONS: ReadonlySet<string> = new Set(
  'true false subject action resource context some every hasRole datetime ip'.split(' '),
)

/** Words that end a list of actions, and therefore name no action without quotes. */
const NO_ACTIONS: ReadonlySet<string> = new Set('on to if unless by'.split(' '))

const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/

/** May follow `.` and stand before `:` without quotes. */
export function isWord(text: string): boolean {
  return WORD.test(text)
}

/** May name a type, a role, a rule, a value or a function without quotes. */
export function isNameWord(text: string): boolean {
  return WORD.test(text) && !KEYWORDS.has(text)
}

/** May name an action without quotes. */
export function isActionWord(text: string): boolean {
  return WORD.test(text) && !NO_ACTIONS.has(text)
}

/** May stand for a value in an expression, and name an action in `action == …`. */
export function isValueWord(text: string): boolean {
  return WORD.test(text) && !RESERVED_IN_EXPRESSIONS.has(text)
}
