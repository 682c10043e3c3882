// The syntax tree: what the author wrote, without comments and layout.
// In: made by `syntax/`. Out: read by `check/`, `compile/` and the printer.
// Nodes are readonly plain data told apart by `kind`; they hold no tokens and know nothing of meaning.
import type { Span } from '../diagnostics/span.ts'

/** A name as written: an identifier or the content of a quoted string. */
export interface Name {
  readonly name: string
  readonly span: Span
}

export type Declaration =
  | EntityTypeDeclaration
  | TypeAliasDeclaration
  | ContextDeclaration
  | TrustStoreDeclaration
  | RoleDeclaration
  | RoleCondition
  | Assignment
  | LetDeclaration
  | FnDeclaration
  | Rule
  | Test
  | Invariant

/** One parsed source. Declarations stand in source order. */
export interface PolicyFile {
  readonly kind: 'policyFile'
  readonly file: string
  readonly declarations: readonly Declaration[]
  readonly span: Span
}

interface DeclarationBase {
  readonly span: Span
  /** Text of the `///` lines in front, joined by newlines, without the slashes and one leading blank. */
  readonly doc?: string
}

// --- types ---

/** `subject N`, `resource N`, `subject resource N` or `entity N`, with what may stand in its braces. */
export interface EntityTypeDeclaration extends DeclarationBase {
  readonly kind: 'entityType'
  readonly name: Name
  readonly isSubject: boolean
  readonly isResource: boolean
  /** Types after `in`: what an entity of this type may lie below. */
  readonly parents: readonly Name[]
  readonly attributes: readonly AttributeDeclaration[]
  readonly actions: readonly ActionDeclaration[]
  readonly actionGroups: readonly ActionGroupDeclaration[]
  /** Span of the line `stored parents`, where it stands. */
  readonly storedParents?: Span
  /** Span of the line `stored roles`, where it stands. */
  readonly storedRoles?: Span
}

/** `stored? name?: Type` in an entity type or in `context`. `stored` is never set in records and `context`. */
export interface AttributeDeclaration extends DeclarationBase {
  readonly kind: 'attribute'
  readonly name: Name
  readonly type: TypeExpression
  readonly isOptional: boolean
  readonly isStored: boolean
}

/** One action of an `actions a, b(p: T)` line. */
export interface ActionDeclaration extends DeclarationBase {
  readonly kind: 'action'
  readonly name: Name
  readonly parameters: readonly Parameter[]
}

/** `actions edit = write, share`. */
export interface ActionGroupDeclaration extends DeclarationBase {
  readonly kind: 'actionGroup'
  readonly name: Name
  readonly members: readonly Name[]
}

/** A parameter of an action, a role or a `fn`. */
export interface Parameter {
  readonly kind: 'parameter'
  readonly name: Name
  readonly type: TypeExpression
  readonly isOptional: boolean
  readonly span: Span
}

/** `type N = T`. */
export interface TypeAliasDeclaration extends DeclarationBase {
  readonly kind: 'typeAlias'
  readonly name: Name
  readonly type: TypeExpression
}

/** `context { … }`. A set may declare it once. */
export interface ContextDeclaration extends DeclarationBase {
  readonly kind: 'context'
  readonly attributes: readonly AttributeDeclaration[]
}

/** `trust store`. */
export interface TrustStoreDeclaration extends DeclarationBase {
  readonly kind: 'trustStore'
}

export type TypeExpression = NamedType | SetType | MapType | RecordType | LiteralType | UnionType

/** A primitive (`Bool`, `String`, …), an entity type or an alias; which one, the checker decides. */
export interface NamedType {
  readonly kind: 'namedType'
  readonly name: Name
  readonly span: Span
}
export interface SetType {
  readonly kind: 'setType'
  readonly element: TypeExpression
  readonly span: Span
}
export interface MapType {
  readonly kind: 'mapType'
  readonly value: TypeExpression
  readonly span: Span
}
export interface RecordType {
  readonly kind: 'recordType'
  readonly fields: readonly AttributeDeclaration[]
  readonly span: Span
}
/** One string literal of a union such as `"public" | "team"`. */
export interface LiteralType {
  readonly kind: 'literalType'
  readonly value: string
  readonly span: Span
}
/** Two or more members, none of them a union. */
export interface UnionType {
  readonly kind: 'unionType'
  readonly members: readonly TypeExpression[]
  readonly span: Span
}

// --- roles and assignments ---

/** `inherited? role N(params) extends a, b when E { can … }`. */
export interface RoleDeclaration extends DeclarationBase {
  readonly kind: 'role'
  readonly name: Name
  readonly isInherited: boolean
  readonly parameters: readonly Parameter[]
  readonly extends: readonly Name[]
  readonly when?: Expression
  readonly grants: readonly Grant[]
  /** False for a bare header (`role owner`): then a body may stand elsewhere. */
  readonly hasBody: boolean
}

/** `can ACTIONS on TYPES {if | unless} {obligate | advise}` in a role's body. */
export interface Grant extends DeclarationBase {
  readonly kind: 'grant'
  readonly actions: NameList
  readonly types: NameList
  readonly clauses: readonly Clause[]
  readonly duties: readonly Duty[]
}

/** `*` or a list of names. */
export type NameList =
  | { readonly kind: 'all'; readonly span: Span }
  | { readonly kind: 'names'; readonly names: readonly Name[]; readonly span: Span }

/** `role R of T, U if E`; without `of`, for every declared type. */
export interface RoleCondition extends DeclarationBase {
  readonly kind: 'roleCondition'
  readonly role: Name
  /** Empty: every declared type. */
  readonly types: readonly Name[]
  readonly condition: Expression
}

/** `assign R(args) to TARGET [on SCOPE] [until E]`. Also stands in the `given` of a test. */
export interface Assignment extends DeclarationBase {
  readonly kind: 'assignment'
  readonly role: Name
  readonly arguments: readonly Argument[]
  readonly to: AssignmentTarget
  /** Left out: on everything. */
  readonly on?: AssignmentScope
  readonly until?: Expression
}

export type AssignmentTarget =
  | EntityLiteral
  | { readonly kind: 'anyOf'; readonly type: Name; readonly span: Span }
  | { readonly kind: 'anyone'; readonly span: Span }
  | { readonly kind: 'holders'; readonly role: Name; readonly on: EntityLiteral; readonly span: Span }

/** `on Folder::"f"` or `on any Folder`. */
export type AssignmentScope =
  | EntityLiteral
  | { readonly kind: 'anyOf'; readonly type: Name; readonly span: Span }

/** `name: E` in a call of an action, a role, an obligation or an advice. */
export interface Argument {
  readonly kind: 'argument'
  readonly name: Name
  readonly value: Expression
  readonly span: Span
}

// --- values, functions, rules ---

export interface LetDeclaration extends DeclarationBase {
  readonly kind: 'let'
  readonly name: Name
  readonly value: Expression
}

export interface FnDeclaration extends DeclarationBase {
  readonly kind: 'fn'
  readonly name: Name
  readonly parameters: readonly Parameter[]
  readonly body: Expression
}

export type Effect = 'allow' | 'deny'

export interface Rule extends DeclarationBase {
  readonly kind: 'rule'
  readonly name: Name
  /** True for `after allow` and `after deny`. */
  readonly isAfter: boolean
  readonly effect: Effect
  readonly actions: NameList
  readonly types: NameList
  /** Any of them; empty where there is no `to`. */
  readonly who: readonly Who[]
  readonly clauses: readonly Clause[]
  readonly duties: readonly Duty[]
}

export type Who =
  | EntityLiteral
  | { readonly kind: 'anyone'; readonly span: Span }
  /** `qualifier` is set where the author wrote `role x` or `type x`. */
  | {
      readonly kind: 'whoName'
      readonly qualifier?: 'role' | 'type'
      readonly name: Name
      readonly span: Span
    }

export interface Clause {
  readonly kind: 'if' | 'unless'
  readonly condition: Expression
  readonly span: Span
}

/** `obligate n(args)` or `advise n(args)`. */
export interface Duty {
  readonly kind: 'obligate' | 'advise'
  readonly name: Name
  readonly arguments: readonly Argument[]
  readonly span: Span
}

// --- tests and invariants ---

export interface Test extends DeclarationBase {
  readonly kind: 'test'
  readonly name: string
  /** In source order: a line takes effect from where it stands. */
  readonly items: readonly TestItem[]
}

export type TestItem =
  | {
      readonly kind: 'given'
      readonly entities: readonly EntityFixture[]
      readonly assignments: readonly Assignment[]
      readonly span: Span
    }
  | {
      readonly kind: 'testSubject'
      readonly entity: EntityFixture
      readonly roles?: readonly FixtureRole[]
      readonly span: Span
    }
  | { readonly kind: 'testResource'; readonly entity: EntityFixture; readonly span: Span }
  | { readonly kind: 'testContext'; readonly attributes: readonly FixtureEntry[]; readonly span: Span }
  | { readonly kind: 'testNow'; readonly value: Expression; readonly span: Span }
  | Expectation

/** `User::"ann" in Team::"t" { department: "eng" }`. */
export interface EntityFixture {
  readonly kind: 'entityFixture'
  readonly entity: EntityLiteral
  /** Left out: no `in` written. `in []`: an empty list. */
  readonly parents?: readonly EntityLiteral[]
  /** Left out: no braces written. */
  readonly attributes?: readonly FixtureEntry[]
  readonly span: Span
}

export interface FixtureEntry {
  readonly kind: 'fixtureEntry'
  readonly name: Name
  readonly value: FixtureValue
  readonly span: Span
}

/** Any expression without roots, or the word `illTyped`. */
export type FixtureValue = Expression | { readonly kind: 'illTyped'; readonly span: Span }

/** One of `roles [viewer, editor on Folder::"f"]`. */
export interface FixtureRole {
  readonly kind: 'fixtureRole'
  readonly role: Name
  readonly arguments: readonly Argument[]
  readonly on?: AssignmentScope
  readonly span: Span
}

/** `(allow | deny) ACTIONS [by …] [with …] [advice …] [fails …]`. */
export interface Expectation {
  readonly kind: 'expectation'
  readonly effect: Effect
  readonly actions: readonly ExpectedAction[]
  /** Rule and grant ids; `default` stands for the builtin reason. */
  readonly by: readonly Name[]
  readonly obligations: readonly ExpectedDuty[]
  readonly advice: readonly ExpectedDuty[]
  /** Ids of rules whose error is expected. */
  readonly fails: readonly Name[]
  readonly span: Span
}
export interface ExpectedAction {
  readonly name: Name
  readonly arguments: readonly FixtureEntry[]
  readonly span: Span
}
export interface ExpectedDuty {
  readonly name: Name
  readonly arguments: readonly Argument[]
  readonly span: Span
}

export interface Invariant extends DeclarationBase {
  readonly kind: 'invariant'
  readonly name: string
  readonly form: 'never' | 'always'
  readonly actions: NameList
  readonly types: NameList
  readonly who: readonly Who[]
  readonly clauses: readonly Clause[]
}

// --- expressions ---

export type Expression =
  | BoolLiteral
  | StringLiteral
  | NumberLiteral
  | DurationLiteral
  | DatetimeLiteral
  | IpLiteral
  | EntityLiteral
  | SetLiteral
  | RecordLiteral
  | Root
  | Reference
  | Call
  | HasRole
  | Member
  | Index
  | MethodCall
  | Unary
  | Logical
  | Binary
  | Comparison
  | ActionTest
  | IsTest
  | HasTest
  | TextTest
  | Coalesce
  | Conditional
  | Quantifier

export interface BoolLiteral {
  readonly kind: 'bool'
  readonly value: boolean
  readonly span: Span
}
export interface StringLiteral {
  readonly kind: 'string'
  readonly value: string
  readonly span: Span
}
/** `text` is what stands in the source: the checker refuses literals beyond ±(2^53−1). */
export interface NumberLiteral {
  readonly kind: 'number'
  readonly value: number
  readonly text: string
  readonly span: Span
}
/** `90s`, `1h30m`. */
export interface DurationLiteral {
  readonly kind: 'duration'
  readonly milliseconds: number
  readonly text: string
  readonly span: Span
}
/** `datetime("…")`; the text is checked by the checker. */
export interface DatetimeLiteral {
  readonly kind: 'datetime'
  readonly text: string
  readonly span: Span
}
/** `ip("…")`; the text is checked by the checker. */
export interface IpLiteral {
  readonly kind: 'ip'
  readonly text: string
  readonly span: Span
}
/** `User::"ann"`. */
export interface EntityLiteral {
  readonly kind: 'entity'
  readonly type: Name
  readonly id: string
  readonly span: Span
}
export interface SetLiteral {
  readonly kind: 'set'
  readonly elements: readonly Expression[]
  readonly span: Span
}
export interface RecordLiteral {
  readonly kind: 'record'
  readonly entries: readonly Argument[]
  readonly span: Span
}
export interface Root {
  readonly kind: 'root'
  readonly root: 'subject' | 'action' | 'resource' | 'context'
  readonly span: Span
}
/** A `let`, a parameter of a `fn` or a role, or the variable of a quantifier; which one, scope decides. */
export interface Reference {
  readonly kind: 'reference'
  readonly name: Name
  readonly span: Span
}
/** `f(a, b)`: a `fn`. */
export interface Call {
  readonly kind: 'call'
  readonly name: Name
  readonly arguments: readonly Expression[]
  readonly span: Span
}
/** `hasRole(R)` or `hasRole(R, E)`. */
export interface HasRole {
  readonly kind: 'hasRole'
  readonly role: Name
  readonly on?: Expression
  readonly span: Span
}
/** `a.b` or `a?.b`. Methods without arguments (`.size`) are members too. */
export interface Member {
  readonly kind: 'member'
  readonly object: Expression
  readonly name: Name
  readonly isOptional: boolean
  readonly span: Span
}
/** `a["k"]` or `a?.["k"]`. On an entity, record, action or context the key must be a literal. */
export interface Index {
  readonly kind: 'index'
  readonly object: Expression
  readonly key: Expression
  readonly isOptional: boolean
  readonly span: Span
}
/** `a.m(x, …)`; at least one argument. */
export interface MethodCall {
  readonly kind: 'methodCall'
  readonly object: Expression
  readonly name: Name
  readonly arguments: readonly Expression[]
  readonly isOptional: boolean
  readonly span: Span
}
export interface Unary {
  readonly kind: 'unary'
  readonly operator: '!' | '-'
  readonly operand: Expression
  readonly span: Span
}
/** A whole chain of one operator: two or more operands, none a `Logical` of the same operator unless parenthesised. */
export interface Logical {
  readonly kind: 'logical'
  readonly operator: '&&' | '||'
  readonly operands: readonly Expression[]
  readonly span: Span
}
export interface Binary {
  readonly kind: 'binary'
  readonly operator: '+' | '-' | '*'
  readonly left: Expression
  readonly right: Expression
  readonly span: Span
}
export interface Comparison {
  readonly kind: 'comparison'
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in'
  readonly left: Expression
  readonly right: Expression
  readonly span: Span
}
/** `action == read`, `action != read`, `action in edit`, `action in [read, write]`. */
export interface ActionTest {
  readonly kind: 'actionTest'
  readonly operator: '==' | '!=' | 'in'
  /** One name, but for the list form. */
  readonly names: readonly Name[]
  readonly isList: boolean
  readonly span: Span
}
export interface IsTest {
  readonly kind: 'is'
  readonly operand: Expression
  readonly type: Name
  readonly span: Span
}
/** `e has a`, `m has "k"`. */
export interface HasTest {
  readonly kind: 'has'
  readonly operand: Expression
  readonly name: Name
  /** Keys of maps must be written in quotes, so that none is taken for a variable. */
  readonly isQuoted: boolean
  readonly span: Span
}
/** `like` and `matches`. `pattern` is raw: only `\"` was an escape. */
export interface TextTest {
  readonly kind: 'like' | 'matches'
  readonly operand: Expression
  readonly pattern: string
  readonly patternSpan: Span
  readonly span: Span
}
/** `a ?? b ?? c`: two or more operands. */
export interface Coalesce {
  readonly kind: 'coalesce'
  readonly operands: readonly Expression[]
  readonly span: Span
}
export interface Conditional {
  readonly kind: 'conditional'
  readonly test: Expression
  readonly then: Expression
  readonly otherwise: Expression
  readonly span: Span
}
export interface Quantifier {
  readonly kind: 'quantifier'
  readonly quantifier: 'some' | 'every'
  readonly variable: Name
  readonly set: Expression
  readonly body: Expression
  readonly span: Span
}
