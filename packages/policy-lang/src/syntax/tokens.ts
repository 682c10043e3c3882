// Tokens of the policy language. Words are keywords only where the grammar asks for one: every word belongs to the
// categories that say where it may also stand as a name.
import { createToken, Lexer, type TokenType } from 'chevrotain'
import { isActionWord, isNameWord, isValueWord } from '../ast/keywords.ts'

/** Any word: after `.`, `?.` and `has`, before `:`. */
export const Word: TokenType = createToken({ name: 'Word', label: 'a name', pattern: Lexer.NA })
/** A word that may name an action. */
export const ActionWord: TokenType = createToken({
  name: 'ActionWord',
  label: 'the name of an action',
  pattern: Lexer.NA,
})
/** A word that may stand for a value in an expression. */
export const ValueWord: TokenType = createToken({ name: 'ValueWord', label: 'a name', pattern: Lexer.NA })
/** A word that may name a type, a role, a rule, a value or a function. */
export const NameWord: TokenType = createToken({ name: 'NameWord', label: 'a name', pattern: Lexer.NA })
/** An operator between two operands; which one, the builder of expressions looks up by its text. */
export const Operator: TokenType = createToken({ name: 'Operator', label: 'an operator', pattern: Lexer.NA })

const ALL_CATEGORIES = [Word, ActionWord, ValueWord, NameWord]

export const Identifier: TokenType = createToken({
  name: 'Identifier',
  label: 'a name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: ALL_CATEGORIES,
})

const wordTokens: TokenType[] = []
const wordsByText = new Map<string, TokenType>()

function keyword(text: string, extraCategories: readonly TokenType[] = []): TokenType {
  const categories = [Word, ...extraCategories]
  if (isActionWord(text)) categories.push(ActionWord)
  if (isValueWord(text)) categories.push(ValueWord)
  if (isNameWord(text)) categories.push(NameWord)
  const name = text.charAt(0).toUpperCase() + text.slice(1)
  const token = createToken({
    name: `${name}Keyword`,
    label: text,
    pattern: new RegExp(text),
    longer_alt: Identifier,
    categories,
  })
  wordTokens.push(token)
  wordsByText.set(text, token)
  return token
}

// --- declarations ---
export const SubjectKeyword: TokenType = keyword('subject')
export const ResourceKeyword: TokenType = keyword('resource')
export const EntityKeyword: TokenType = keyword('entity')
export const TypeKeyword: TokenType = keyword('type')
export const ContextKeyword: TokenType = keyword('context')
export const TrustKeyword: TokenType = keyword('trust')
export const StoreKeyword: TokenType = keyword('store')
export const InheritedKeyword: TokenType = keyword('inherited')
export const RolesKeyword: TokenType = keyword('roles')
export const RoleKeyword: TokenType = keyword('role')
export const AssignKeyword: TokenType = keyword('assign')
export const LetKeyword: TokenType = keyword('let')
export const FnKeyword: TokenType = keyword('fn')
export const RuleKeyword: TokenType = keyword('rule')
export const TestKeyword: TokenType = keyword('test')
export const InvariantKeyword: TokenType = keyword('invariant')
// --- inside declarations ---
export const StoredKeyword: TokenType = keyword('stored')
export const ParentsKeyword: TokenType = keyword('parents')
export const ActionsKeyword: TokenType = keyword('actions')
export const ActionKeyword: TokenType = keyword('action')
export const ExtendsKeyword: TokenType = keyword('extends')
export const WhenKeyword: TokenType = keyword('when')
export const CanKeyword: TokenType = keyword('can')
export const OfKeyword: TokenType = keyword('of')
export const OnKeyword: TokenType = keyword('on')
export const ToKeyword: TokenType = keyword('to')
export const AnyoneKeyword: TokenType = keyword('anyone')
export const AnyKeyword: TokenType = keyword('any')
export const UntilKeyword: TokenType = keyword('until')
export const AfterKeyword: TokenType = keyword('after')
export const AllowKeyword: TokenType = keyword('allow')
export const DenyKeyword: TokenType = keyword('deny')
export const IfKeyword: TokenType = keyword('if')
export const UnlessKeyword: TokenType = keyword('unless')
export const ObligateKeyword: TokenType = keyword('obligate')
export const AdviseKeyword: TokenType = keyword('advise')
// --- tests and invariants ---
export const GivenKeyword: TokenType = keyword('given')
export const NowKeyword: TokenType = keyword('now')
export const ByKeyword: TokenType = keyword('by')
export const DefaultKeyword: TokenType = keyword('default')
export const WithKeyword: TokenType = keyword('with')
export const AdviceKeyword: TokenType = keyword('advice')
export const FailsKeyword: TokenType = keyword('fails')
export const NeverKeyword: TokenType = keyword('never')
export const AlwaysKeyword: TokenType = keyword('always')
export const IllTypedKeyword: TokenType = keyword('illTyped')
// --- expressions ---
export const TrueKeyword: TokenType = keyword('true')
export const FalseKeyword: TokenType = keyword('false')
export const SomeKeyword: TokenType = keyword('some')
export const EveryKeyword: TokenType = keyword('every')
export const HasRoleKeyword: TokenType = keyword('hasRole')
export const HasKeyword: TokenType = keyword('has')
export const DatetimeKeyword: TokenType = keyword('datetime')
export const IpKeyword: TokenType = keyword('ip')
export const InKeyword: TokenType = keyword('in', [Operator])
export const IsKeyword: TokenType = keyword('is')
export const LikeKeyword: TokenType = keyword('like')
export const MatchesKeyword: TokenType = keyword('matches')

// --- literals ---
// A backslash always takes the next character along, whatever it means: so the end of a string does not depend on
// what stands before it.
const STRING_BODY = '[^"\\\\\\n\\r]*(?:\\\\[^\\n\\r][^"\\\\\\n\\r]*)*'
export const Text: TokenType = createToken({
  name: 'Text',
  label: 'a string',
  pattern: new RegExp(`"${STRING_BODY}"`),
})
export const UnterminatedText: TokenType = createToken({
  name: 'UnterminatedText',
  pattern: new RegExp(`"${STRING_BODY}\\\\?`),
  categories: Text,
})
/** Never right. The grammar takes it for a string, so that nothing else is reported. */
export const SingleQuotedText: TokenType = createToken({
  name: 'SingleQuotedText',
  pattern:
    /'[^'\n\r]*'?|`[^`\n\r]*`|[\u201c\u201d\u201e\u00ab\u2018\u2019][^\u201c\u201d\u00bb\u2018\u2019"\n\r]*[\u201c\u201d\u00bb\u2018\u2019]/,
  categories: Text,
})
const DURATION =
  /(?:[0-9]+d(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?|[0-9]+h(?:[0-9]+m)?(?:[0-9]+s)?|[0-9]+m(?:[0-9]+s)?|[0-9]+s)(?![A-Za-z0-9_])/
export const DurationText: TokenType = createToken({
  name: 'DurationText',
  label: 'a duration',
  pattern: DURATION,
})
export const NumberText: TokenType = createToken({
  name: 'NumberText',
  label: 'a number',
  pattern: /[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_]|\.[0-9])/,
})
export const BadNumber: TokenType = createToken({
  name: 'BadNumber',
  pattern: /[0-9][A-Za-z0-9_]*(?:\.[0-9][A-Za-z0-9_]*)?/,
  categories: NumberText,
})

// --- punctuation ---
function sign(name: string, text: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, label: text, pattern: text, categories })
}
export const LeftBrace: TokenType = sign('LeftBrace', '{')
export const RightBrace: TokenType = sign('RightBrace', '}')
export const LeftParen: TokenType = sign('LeftParen', '(')
export const RightParen: TokenType = sign('RightParen', ')')
export const LeftBracket: TokenType = sign('LeftBracket', '[')
export const RightBracket: TokenType = sign('RightBracket', ']')
export const Comma: TokenType = sign('Comma', ',')
export const DoubleColon: TokenType = sign('DoubleColon', '::')
export const Colon: TokenType = sign('Colon', ':')
export const QuestionDot: TokenType = sign('QuestionDot', '?.')
export const DoubleQuestion: TokenType = sign('DoubleQuestion', '??', [Operator])
export const Question: TokenType = sign('Question', '?')
export const Dot: TokenType = sign('Dot', '.')
export const Equals: TokenType = sign('Equals', '=')
export const Bang: TokenType = sign('Bang', '!')
export const Minus: TokenType = sign('Minus', '-', [Operator])
export const Star: TokenType = sign('Star', '*', [Operator])
export const Bar: TokenType = sign('Bar', '|')
export const Less: TokenType = sign('Less', '<', [Operator])
export const Greater: TokenType = sign('Greater', '>', [Operator])
export const Hash: TokenType = createToken({ name: 'Hash', label: '#', pattern: /#(?=[0-9])/ })
const OrOr = sign('OrOr', '||', [Operator])
const AndAnd = sign('AndAnd', '&&', [Operator])
export const Plus: TokenType = sign('Plus', '+', [Operator])
const EqualsEquals = sign('EqualsEquals', '==', [Operator])
const NotEquals = sign('NotEquals', '!=', [Operator])
const LessOrEqual = sign('LessOrEqual', '<=', [Operator])
const GreaterOrEqual = sign('GreaterOrEqual', '>=', [Operator])

// --- slips of other languages, read as what was meant and reported ---
export const TripleEquals: TokenType = sign('TripleEquals', '===', [Operator])
export const NotDoubleEquals: TokenType = sign('NotDoubleEquals', '!==', [Operator])
export const SingleAnd: TokenType = sign('SingleAnd', '&', [Operator])
export const Semicolon: TokenType = createToken({ name: 'Semicolon', pattern: ';', group: 'slips' })
export const BlockComment: TokenType = createToken({
  name: 'BlockComment',
  pattern: /\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/)?/,
  group: 'slips',
  line_breaks: true,
})
export const HashComment: TokenType = createToken({
  name: 'HashComment',
  pattern: /#(?![0-9])[^\n\r]*/,
  group: 'slips',
})

const Comment = createToken({ name: 'Comment', pattern: /\/\/[^\n\r]*/, group: 'comments' })
const WhiteSpace = createToken({
  name: 'WhiteSpace',
  pattern: /[ \t\r\n\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
})

function labelLength(token: TokenType): number {
  return token.LABEL?.length ?? 0
}

/** In the order in which the lexer tries them. */
export const TOKENS: TokenType[] = [
  WhiteSpace,
  Comment,
  BlockComment,
  // Longest first: `store` must not be found in `stored`.
  ...wordTokens.toSorted((a, b) => labelLength(b) - labelLength(a)),
  Identifier,
  Text,
  UnterminatedText,
  SingleQuotedText,
  DurationText,
  NumberText,
  BadNumber,
  LeftBrace,
  RightBrace,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  Comma,
  Semicolon,
  DoubleColon,
  Colon,
  QuestionDot,
  DoubleQuestion,
  Question,
  Dot,
  TripleEquals,
  EqualsEquals,
  Equals,
  NotDoubleEquals,
  NotEquals,
  Bang,
  LessOrEqual,
  Less,
  GreaterOrEqual,
  Greater,
  OrOr,
  Bar,
  AndAnd,
  SingleAnd,
  Plus,
  Minus,
  Star,
  Hash,
  HashComment,
  Word,
  ActionWord,
  ValueWord,
  NameWord,
  Operator,
]

/** The token of a keyword, or none for any other word. */
export function keywordOf(text: string): TokenType | undefined {
  return wordsByText.get(text)
}
