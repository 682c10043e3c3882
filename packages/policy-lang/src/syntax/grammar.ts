// The grammar. In: tokens. Out: the syntax tree, built while parsing, and problems that are no syntax errors of the
// parser library. Expressions are flat chains here; `build-expression.ts` knows precedence.
// LL(2) throughout; the test of this file proves that no choice is ambiguous.
import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain'
import type {
  ActionDeclaration,
  ActionGroupDeclaration,
  Argument,
  Assignment,
  AssignmentScope,
  AssignmentTarget,
  AttributeDeclaration,
  Clause,
  ContextDeclaration,
  Declaration,
  Duty,
  Effect,
  EntityFixture,
  EntityLiteral,
  EntityTypeDeclaration,
  Expectation,
  ExpectedAction,
  ExpectedDuty,
  Expression,
  FixtureEntry,
  FixtureRole,
  FixtureValue,
  FnDeclaration,
  Grant,
  Invariant,
  LetDeclaration,
  Name,
  NameList,
  Parameter,
  Quantifier,
  RecordType,
  RoleCondition,
  RoleDeclaration,
  Root,
  Rule,
  Test,
  TestItem,
  TrustStoreDeclaration,
  TypeAliasDeclaration,
  TypeExpression,
  Who,
} from '../ast/nodes.ts'
import { FOREIGN_METHODS, FOREIGN_NAMES, FOREIGN_TYPES } from '../diagnostics/foreign-words.ts'
import type { Span } from '../diagnostics/span.ts'
import {
  buildExpression,
  type ChainContext,
  type Operand,
  type Step,
  type TestTail,
} from './build-expression.ts'
import { type CommentTable, NO_COMMENTS } from './comments.ts'
import { readDuration } from './duration-literal.ts'
import { EXPECTED_TOKENS } from './expected-tokens.ts'
import { findTooDeep, MAX_NESTING, NestingError } from './nesting.ts'
import { postfix, type Suffix } from './postfix.ts'
import type { Problem } from './problem.ts'
import { readRawText, readText } from './text.ts'
import * as t from './tokens.ts'

type Members = {
  attributes: AttributeDeclaration[]
  actions: ActionDeclaration[]
  actionGroups: ActionGroupDeclaration[]
  storedParents?: Span
  storedRoles?: Span
}
type TestFacts = { by: Name[]; obligations: ExpectedDuty[]; advice: ExpectedDuty[]; fails: Name[] }
type RoleRest = Omit<RoleDeclaration, 'kind' | 'name' | 'isInherited' | 'span' | 'doc'>

/** A rule without arguments. */
type RuleOf<T> = ParserMethod<[], T>

/** Parses one source at a time: set it with `start`, then call a rule. */
export class PolicyGrammar extends EmbeddedActionsParser {
  /** Problems found while building the tree; the parser goes on after them. */
  problems: Problem[] = []
  private file = ''
  private comments: CommentTable = NO_COMMENTS
  private depth = 0
  private readonly report = (problem: Problem): void => {
    this.problems.push(problem)
  }
  private chain: ChainContext = { file: '', text: '', report: this.report }

  constructor({ skipValidations }: { readonly skipValidations: boolean }) {
    super(t.TOKENS, {
      maxLookahead: 2,
      recoveryEnabled: false,
      skipValidations,
      errorMessageProvider: EXPECTED_TOKENS,
    })
    this.performSelfAnalysis()
  }

  /** Takes the tokens of one source, or of a part of it. The array is changed by the parser library. */
  start(
    tokens: IToken[],
    source: { readonly file: string; readonly text: string; readonly comments: CommentTable },
  ): void {
    this.input = tokens
    this.problems = []
    this.depth = 0
    this.file = source.file
    this.comments = source.comments
    this.chain = { file: source.file, text: source.text, report: this.report }
  }

  // --- a file ---

  readonly declarations: RuleOf<Declaration[]> = this.RULE('declarations', () => {
    const found: Declaration[] = []
    this.MANY(() => {
      found.push(this.SUBRULE(this.declaration))
    })
    return found
  })

  readonly declaration: RuleOf<Declaration> = this.RULE('declaration', (): Declaration => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.entityType) },
      { ALT: () => this.SUBRULE(this.context) },
      { ALT: () => this.SUBRULE(this.typeAlias) },
      { ALT: () => this.SUBRULE(this.trustStore) },
      { ALT: () => this.SUBRULE(this.role) },
      { ALT: () => this.SUBRULE(this.assignment) },
      { ALT: () => this.SUBRULE(this.letDeclaration) },
      { ALT: () => this.SUBRULE(this.fnDeclaration) },
      { ALT: () => this.SUBRULE(this.rule) },
      { ALT: () => this.SUBRULE(this.test) },
      { ALT: () => this.SUBRULE(this.invariant) },
    ])
  })

  // --- types ---

  private readonly entityType: RuleOf<EntityTypeDeclaration> = this.RULE(
    'entityType',
    (): EntityTypeDeclaration => {
      const start = this.here()
      const doc = this.doc()
      let isSubject = false
      let isResource = false
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.SubjectKeyword)
            isSubject = true
            this.OPTION(() => {
              this.CONSUME(t.ResourceKeyword)
              isResource = true
            })
          },
        },
        {
          ALT: () => {
            this.CONSUME1(t.ResourceKeyword)
            isResource = true
          },
        },
        { ALT: () => this.CONSUME(t.EntityKeyword) },
      ])
      const name = this.SUBRULE(this.name)
      const parents = this.OPTION1(() => {
        this.CONSUME(t.InKeyword)
        return this.SUBRULE(this.names)
      })
      const members = this.OPTION2(() => this.SUBRULE(this.typeBody)) ?? noMembers()
      return {
        kind: 'entityType',
        name,
        isSubject,
        isResource,
        parents: parents ?? [],
        ...members,
        ...doc,
        span: this.since(start),
      }
    },
  )

  private readonly typeBody: RuleOf<Members> = this.RULE('typeBody', () => {
    const members = noMembers()
    this.CONSUME(t.LeftBrace)
    this.MANY(() => {
      this.SUBRULE(this.typeMember, { ARGS: [members] })
    })
    this.CONSUME(t.RightBrace)
    return members
  })

  /** One member of an entity type: an attribute, `actions …` or `stored …`. */
  readonly typeMember: ParserMethod<[Members?], Members> = this.RULE('typeMember', (given?: Members) => {
    const members = given ?? noMembers()
    this.OR([
      { ALT: () => this.SUBRULE(this.actionsLine, { ARGS: [members] }) },
      { ALT: () => this.SUBRULE(this.storedLine, { ARGS: [members] }) },
      {
        ALT: () => {
          const attribute = this.SUBRULE(this.attribute)
          members.attributes.push(attribute)
        },
      },
    ])
    return members
  })

  private readonly storedLine: ParserMethod<[Members?], void> = this.RULE(
    'storedLine',
    (members: Members = noMembers()) => {
      const start = this.here()
      const doc = this.doc()
      this.CONSUME(t.StoredKeyword)
      this.OR([
        {
          ALT: () => {
            const attribute = this.SUBRULE(this.attribute)
            this.ACTION(() => {
              members.attributes.push({
                ...attribute,
                ...doc,
                isStored: true,
                span: { ...attribute.span, start },
              })
            })
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.ParentsKeyword)
            this.once(members.storedParents, 'stored parents', start)
            members.storedParents = this.since(start)
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.RolesKeyword)
            this.once(members.storedRoles, 'stored roles', start)
            members.storedRoles = this.since(start)
          },
        },
      ])
    },
  )

  private readonly actionsLine: ParserMethod<[Members?], void> = this.RULE(
    'actionsLine',
    (members: Members = noMembers()) => {
      const start = this.here()
      const lineDoc = this.doc()
      this.CONSUME(t.ActionsKeyword)
      const ownDoc = this.doc()
      const name = this.SUBRULE(this.actionName)
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Equals)
            const names = this.SUBRULE(this.actionNames)
            members.actionGroups.push({
              kind: 'actionGroup',
              name,
              members: names,
              ...lineDoc,
              ...ownDoc,
              span: this.since(start),
            })
          },
        },
        {
          ALT: () => {
            const parameters = this.SUBRULE(this.optionalParameters)
            members.actions.push({
              kind: 'action',
              name,
              parameters,
              ...lineDoc,
              ...ownDoc,
              span: this.since(nameStart(name)),
            })
            this.MANY(() => {
              this.CONSUME(t.Comma)
              members.actions.push(this.SUBRULE(this.action, { ARGS: [lineDoc] }))
            })
          },
        },
      ])
    },
  )

  private readonly action: ParserMethod<[Doc], ActionDeclaration> = this.RULE(
    'action',
    (lineDoc: Doc): ActionDeclaration => {
      const start = this.here()
      const doc = this.doc()
      const name = this.SUBRULE(this.actionName)
      const parameters = this.SUBRULE(this.optionalParameters)
      return { kind: 'action', name, parameters, ...lineDoc, ...doc, span: this.since(start) }
    },
  )

  private readonly attribute: RuleOf<AttributeDeclaration> = this.RULE(
    'attribute',
    (): AttributeDeclaration => {
      const start = this.here()
      const doc = this.doc()
      const name = this.SUBRULE(this.word)
      const isOptional = this.OPTION(() => this.CONSUME(t.Question)) !== undefined
      this.CONSUME(t.Colon)
      const type = this.SUBRULE(this.type)
      const span = this.since(start)
      this.OPTION1(() => this.CONSUME(t.Comma))
      return { kind: 'attribute', name, type, isOptional, isStored: false, ...doc, span }
    },
  )

  private readonly attributes: RuleOf<AttributeDeclaration[]> = this.RULE('attributes', () => {
    const attributes: AttributeDeclaration[] = []
    this.CONSUME(t.LeftBrace)
    this.MANY(() => {
      attributes.push(this.SUBRULE(this.attribute))
    })
    this.CONSUME(t.RightBrace)
    return attributes
  })

  private readonly parameter: RuleOf<Parameter> = this.RULE('parameter', (): Parameter => {
    const start = this.here()
    const name = this.SUBRULE(this.word)
    const isOptional = this.OPTION(() => this.CONSUME(t.Question)) !== undefined
    this.CONSUME(t.Colon)
    const type = this.SUBRULE(this.type)
    return { kind: 'parameter', name, type, isOptional, span: this.since(start) }
  })

  private readonly parameters: RuleOf<Parameter[]> = this.RULE('parameters', () => {
    const parameters: Parameter[] = []
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => parameters.push(this.SUBRULE(this.parameter)) })
    this.CONSUME(t.RightParen)
    return parameters
  })

  private readonly optionalParameters: RuleOf<Parameter[]> = this.RULE('optionalParameters', () => {
    return this.OPTION(() => this.SUBRULE(this.parameters)) ?? []
  })

  private readonly context: RuleOf<ContextDeclaration> = this.RULE('context', (): ContextDeclaration => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.ContextKeyword)
    const attributes = this.SUBRULE(this.attributes)
    return { kind: 'context', attributes, ...doc, span: this.since(start) }
  })

  private readonly typeAlias: RuleOf<TypeAliasDeclaration> = this.RULE(
    'typeAlias',
    (): TypeAliasDeclaration => {
      const start = this.here()
      const doc = this.doc()
      this.CONSUME(t.TypeKeyword)
      const name = this.SUBRULE(this.name)
      this.CONSUME(t.Equals)
      const type = this.SUBRULE(this.type)
      return { kind: 'typeAlias', name, type, ...doc, span: this.since(start) }
    },
  )

  private readonly trustStore: RuleOf<TrustStoreDeclaration> = this.RULE(
    'trustStore',
    (): TrustStoreDeclaration => {
      const start = this.here()
      const doc = this.doc()
      this.CONSUME(t.TrustKeyword)
      this.CONSUME(t.StoreKeyword)
      return { kind: 'trustStore', ...doc, span: this.since(start) }
    },
  )

  private readonly type: RuleOf<TypeExpression> = this.RULE('type', (): TypeExpression => {
    const start = this.here()
    this.enter()
    const members: TypeExpression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Bar, DEF: () => members.push(this.SUBRULE(this.singleType)) })
    this.depth--
    const [only] = members
    if (members.length === 1 && only !== undefined) return only
    return { kind: 'unionType', members, span: this.since(start) }
  })

  private readonly singleType: RuleOf<TypeExpression> = this.RULE('singleType', (): TypeExpression => {
    return this.OR([
      {
        ALT: () => {
          const token = this.CONSUME(t.Text)
          return this.ACTION(
            (): TypeExpression => ({
              kind: 'literalType',
              value: this.read(token),
              span: this.spanOf(token),
            }),
          )
        },
      },
      { ALT: () => this.SUBRULE(this.recordType) },
      { ALT: () => this.SUBRULE(this.namedType) },
    ])
  })

  private readonly recordType: RuleOf<RecordType> = this.RULE('recordType', (): RecordType => {
    const start = this.here()
    const fields = this.SUBRULE(this.attributes)
    return { kind: 'recordType', fields, span: this.since(start) }
  })

  private readonly namedType: RuleOf<TypeExpression> = this.RULE('namedType', (): TypeExpression => {
    const token = this.CONSUME(t.NameWord)
    const argument = this.OPTION(() => {
      this.CONSUME(t.Less)
      const type = this.SUBRULE(this.type)
      this.CONSUME(t.Greater)
      return type
    })
    return this.ACTION((): TypeExpression => {
      const span = this.spanOf(token)
      if (argument === undefined) return { kind: 'namedType', name: { name: token.image, span }, span }
      const whole = this.since(token.startOffset)
      if (token.image === 'Map') return { kind: 'mapType', value: argument, span: whole }
      if (token.image !== 'Set') {
        const hint = FOREIGN_TYPES.get(token.image) ?? 'only `Set<T>` and `Map<T>` take a type'
        this.report({
          code: 'unexpected-token',
          message: `\`${token.image}\` takes no type in angle brackets`,
          span,
          hint,
        })
      }
      return { kind: 'setType', element: argument, span: whole }
    })
  })

  // --- roles and assignments ---

  private readonly role: RuleOf<RoleDeclaration | RoleCondition> = this.RULE('role', () => {
    const start = this.here()
    const doc = this.doc()
    const inherited = this.OPTION(() => this.CONSUME(t.InheritedKeyword))
    this.CONSUME(t.RoleKeyword)
    const name = this.SUBRULE(this.name)
    return this.OR([
      {
        ALT: (): RoleDeclaration | RoleCondition => {
          const types = this.OPTION1(() => {
            this.CONSUME(t.OfKeyword)
            return this.SUBRULE(this.names)
          })
          this.CONSUME(t.IfKeyword)
          const condition = this.SUBRULE(this.expression)
          if (inherited !== undefined) this.reportInheritedCondition(inherited)
          return {
            kind: 'roleCondition',
            role: name,
            types: types ?? [],
            condition,
            ...doc,
            span: this.since(start),
          }
        },
      },
      {
        ALT: (): RoleDeclaration | RoleCondition => {
          const rest = this.SUBRULE(this.roleRest)
          return {
            kind: 'role',
            name,
            isInherited: inherited !== undefined,
            ...rest,
            ...doc,
            span: this.since(start),
          }
        },
      },
    ])
  })

  private readonly roleRest: RuleOf<RoleRest> = this.RULE('roleRest', (): RoleRest => {
    const parameters = this.SUBRULE(this.optionalParameters)
    const parents = this.OPTION(() => {
      this.CONSUME(t.ExtendsKeyword)
      return this.SUBRULE(this.names)
    })
    const when = this.OPTION1(() => {
      this.CONSUME(t.WhenKeyword)
      return this.SUBRULE(this.expression)
    })
    const grants = this.OPTION2(() => this.SUBRULE(this.roleBody))
    const condition = when === undefined ? {} : { when }
    return {
      parameters,
      extends: parents ?? [],
      ...condition,
      grants: grants ?? [],
      hasBody: grants !== undefined,
    }
  })

  private readonly roleBody: RuleOf<Grant[]> = this.RULE('roleBody', () => {
    const grants: Grant[] = []
    this.CONSUME(t.LeftBrace)
    this.MANY(() => {
      grants.push(this.SUBRULE(this.grant))
    })
    this.CONSUME(t.RightBrace)
    return grants
  })

  /** One `can …` of a role's body. */
  readonly grant: RuleOf<Grant> = this.RULE('grant', (): Grant => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.CanKeyword)
    const actions = this.SUBRULE(this.actionList)
    this.CONSUME(t.OnKeyword)
    const types = this.SUBRULE(this.typeList)
    const clauses = this.SUBRULE(this.clauses)
    const duties = this.SUBRULE(this.duties)
    return { kind: 'grant', actions, types, clauses, duties, ...doc, span: this.since(start) }
  })

  private readonly assignment: RuleOf<Assignment> = this.RULE('assignment', (): Assignment => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.AssignKeyword)
    const role = this.SUBRULE(this.name)
    const args = this.SUBRULE(this.optionalArguments)
    this.CONSUME(t.ToKeyword)
    const to = this.SUBRULE(this.target)
    const on = this.OPTION(() => {
      this.CONSUME(t.OnKeyword)
      return this.SUBRULE(this.scope)
    })
    const until = this.OPTION1(() => {
      this.CONSUME(t.UntilKeyword)
      return this.SUBRULE(this.expression)
    })
    const rest = { ...(on === undefined ? {} : { on }), ...(until === undefined ? {} : { until }) }
    return { kind: 'assignment', role, arguments: args, to, ...rest, ...doc, span: this.since(start) }
  })

  private readonly target: RuleOf<AssignmentTarget> = this.RULE('target', (): AssignmentTarget => {
    const start = this.here()
    return this.OR([
      { ALT: () => this.SUBRULE(this.anyOf) },
      {
        ALT: (): AssignmentTarget => {
          this.CONSUME(t.AnyoneKeyword)
          return { kind: 'anyone', span: this.since(start) }
        },
      },
      {
        ALT: (): AssignmentTarget => {
          const name = this.SUBRULE(this.name)
          return this.OR1([
            { ALT: (): AssignmentTarget => this.SUBRULE(this.entityRest, { ARGS: [name] }) },
            {
              ALT: (): AssignmentTarget => {
                this.CONSUME(t.OfKeyword)
                const on = this.SUBRULE(this.entity)
                return { kind: 'holders', role: name, on, span: this.since(start) }
              },
            },
          ])
        },
      },
    ])
  })

  private readonly scope: RuleOf<AssignmentScope> = this.RULE('scope', (): AssignmentScope => {
    return this.OR([{ ALT: () => this.SUBRULE(this.anyOf) }, { ALT: () => this.SUBRULE(this.entity) }])
  })

  private readonly anyOf: RuleOf<{ kind: 'anyOf'; type: Name; span: Span }> = this.RULE('anyOf', () => {
    const start = this.here()
    this.CONSUME(t.AnyKeyword)
    const type = this.SUBRULE(this.name)
    return { kind: 'anyOf' as const, type, span: this.since(start) }
  })

  // --- values, functions, rules ---

  private readonly letDeclaration: RuleOf<LetDeclaration> = this.RULE(
    'letDeclaration',
    (): LetDeclaration => {
      const start = this.here()
      const doc = this.doc()
      this.CONSUME(t.LetKeyword)
      const name = this.SUBRULE(this.name)
      this.CONSUME(t.Equals)
      const value = this.SUBRULE(this.expression)
      return { kind: 'let', name, value, ...doc, span: this.since(start) }
    },
  )

  private readonly fnDeclaration: RuleOf<FnDeclaration> = this.RULE('fnDeclaration', (): FnDeclaration => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.FnKeyword)
    const name = this.SUBRULE(this.name)
    const parameters = this.SUBRULE(this.parameters)
    this.CONSUME(t.Equals)
    const body = this.SUBRULE(this.expression)
    return { kind: 'fn', name, parameters, body, ...doc, span: this.since(start) }
  })

  private readonly rule: RuleOf<Rule> = this.RULE('rule', (): Rule => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.RuleKeyword)
    const name = this.SUBRULE(this.name)
    this.CONSUME(t.Colon)
    const isAfter = this.OPTION(() => this.CONSUME(t.AfterKeyword)) !== undefined
    const effect = this.SUBRULE(this.effect)
    const actions = this.SUBRULE(this.actionList)
    this.CONSUME(t.OnKeyword)
    const types = this.SUBRULE(this.typeList)
    const who = this.SUBRULE(this.whoList)
    const clauses = this.SUBRULE(this.clauses)
    const duties = this.SUBRULE(this.duties)
    return {
      kind: 'rule',
      name,
      isAfter,
      effect,
      actions,
      types,
      who,
      clauses,
      duties,
      ...doc,
      span: this.since(start),
    }
  })

  private readonly effect: RuleOf<Effect> = this.RULE('effect', (): Effect => {
    return this.OR([{ ALT: () => this.CONSUME(t.AllowKeyword) }, { ALT: () => this.CONSUME(t.DenyKeyword) }])
      .image as Effect
  })

  private readonly whoList: RuleOf<Who[]> = this.RULE('whoList', () => {
    const who: Who[] = []
    this.OPTION(() => {
      this.CONSUME(t.ToKeyword)
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => who.push(this.SUBRULE(this.who)) })
    })
    return who
  })

  private readonly who: RuleOf<Who> = this.RULE('who', (): Who => {
    const start = this.here()
    return this.OR([
      {
        ALT: (): Who => {
          this.CONSUME(t.AnyoneKeyword)
          return { kind: 'anyone', span: this.since(start) }
        },
      },
      {
        ALT: (): Who => {
          this.CONSUME(t.RoleKeyword)
          const name = this.SUBRULE(this.name)
          return { kind: 'whoName', qualifier: 'role', name, span: this.since(start) }
        },
      },
      {
        ALT: (): Who => {
          this.CONSUME(t.TypeKeyword)
          const name = this.SUBRULE1(this.name)
          return { kind: 'whoName', qualifier: 'type', name, span: this.since(start) }
        },
      },
      {
        ALT: (): Who => {
          const name = this.SUBRULE2(this.name)
          const entity = this.OPTION(() => this.SUBRULE(this.entityRest, { ARGS: [name] }))
          return entity ?? { kind: 'whoName', name, span: this.since(start) }
        },
      },
    ])
  })

  private readonly clauses: RuleOf<Clause[]> = this.RULE('clauses', () => {
    const clauses: Clause[] = []
    this.MANY(() => {
      const start = this.here()
      const kind = this.OR([
        { ALT: () => this.CONSUME(t.IfKeyword) },
        { ALT: () => this.CONSUME(t.UnlessKeyword) },
      ]).image as Clause['kind']
      const condition = this.SUBRULE(this.expression)
      clauses.push({ kind, condition, span: this.since(start) })
    })
    return clauses
  })

  private readonly duties: RuleOf<Duty[]> = this.RULE('duties', () => {
    const duties: Duty[] = []
    this.MANY(() => {
      const start = this.here()
      const kind = this.OR([
        { ALT: () => this.CONSUME(t.ObligateKeyword) },
        { ALT: () => this.CONSUME(t.AdviseKeyword) },
      ]).image as Duty['kind']
      const name = this.SUBRULE(this.word)
      const args = this.SUBRULE(this.arguments)
      duties.push({ kind, name, arguments: args, span: this.since(start) })
    })
    return duties
  })

  private readonly argument: RuleOf<Argument> = this.RULE('argument', (): Argument => {
    const start = this.here()
    const name = this.SUBRULE(this.word)
    this.CONSUME(t.Colon)
    const value = this.SUBRULE(this.expression)
    return { kind: 'argument', name, value, span: this.since(start) }
  })

  private readonly arguments: RuleOf<Argument[]> = this.RULE('arguments', () => {
    const args: Argument[] = []
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => args.push(this.SUBRULE(this.argument)) })
    this.CONSUME(t.RightParen)
    return args
  })

  private readonly optionalArguments: RuleOf<Argument[]> = this.RULE('optionalArguments', () => {
    return this.OPTION(() => this.SUBRULE(this.arguments)) ?? []
  })

  // --- tests and invariants ---

  private readonly test: RuleOf<Test> = this.RULE('test', (): Test => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.TestKeyword)
    const name = this.SUBRULE(this.title)
    const items: TestItem[] = []
    this.CONSUME(t.LeftBrace)
    this.MANY(() => {
      items.push(this.SUBRULE(this.testItem))
    })
    this.CONSUME(t.RightBrace)
    return { kind: 'test', name, items, ...doc, span: this.since(start) }
  })

  private readonly title: RuleOf<string> = this.RULE('title', () => {
    const token = this.CONSUME(t.Text)
    return this.ACTION(() => this.read(token))
  })

  /** One line of a test. */
  readonly testItem: RuleOf<TestItem> = this.RULE('testItem', (): TestItem => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.given) },
      { ALT: () => this.SUBRULE(this.testSubject) },
      { ALT: () => this.SUBRULE(this.testResource) },
      { ALT: () => this.SUBRULE(this.testContext) },
      { ALT: () => this.SUBRULE(this.testNow) },
      { ALT: () => this.SUBRULE(this.expectation) },
    ])
  })

  private readonly given: RuleOf<TestItem> = this.RULE('given', (): TestItem => {
    const start = this.here()
    const entities: EntityFixture[] = []
    const assignments: Assignment[] = []
    this.CONSUME(t.GivenKeyword)
    this.CONSUME(t.LeftBrace)
    this.MANY(() => {
      this.SUBRULE(this.givenItem, { ARGS: [entities, assignments] })
    })
    this.CONSUME(t.RightBrace)
    return { kind: 'given', entities, assignments, span: this.since(start) }
  })

  /** One entity or assignment of a `given`. */
  readonly givenItem: ParserMethod<[EntityFixture[]?, Assignment[]?], void> = this.RULE(
    'givenItem',
    (entities: EntityFixture[] = [], assignments: Assignment[] = []) => {
      this.OR([
        { ALT: () => assignments.push(this.SUBRULE(this.assignment)) },
        { ALT: () => entities.push(this.SUBRULE(this.fixture)) },
      ])
    },
  )

  private readonly testSubject: RuleOf<TestItem> = this.RULE('testSubject', (): TestItem => {
    const start = this.here()
    this.CONSUME(t.SubjectKeyword)
    const entity = this.SUBRULE(this.fixture)
    const roles = this.OPTION(() => this.SUBRULE(this.fixtureRoles))
    return { kind: 'testSubject', entity, ...(roles === undefined ? {} : { roles }), span: this.since(start) }
  })

  private readonly testResource: RuleOf<TestItem> = this.RULE('testResource', (): TestItem => {
    const start = this.here()
    this.CONSUME(t.ResourceKeyword)
    const entity = this.SUBRULE(this.fixture)
    return { kind: 'testResource', entity, span: this.since(start) }
  })

  private readonly testContext: RuleOf<TestItem> = this.RULE('testContext', (): TestItem => {
    const start = this.here()
    this.CONSUME(t.ContextKeyword)
    const attributes = this.SUBRULE(this.fixtureEntries)
    return { kind: 'testContext', attributes, span: this.since(start) }
  })

  private readonly testNow: RuleOf<TestItem> = this.RULE('testNow', (): TestItem => {
    const start = this.here()
    this.CONSUME(t.NowKeyword)
    const value = this.SUBRULE(this.expression)
    return { kind: 'testNow', value, span: this.since(start) }
  })

  private readonly fixture: RuleOf<EntityFixture> = this.RULE('fixture', (): EntityFixture => {
    const start = this.here()
    const entity = this.SUBRULE(this.entity)
    const parents = this.OPTION(() => this.SUBRULE(this.fixtureParents))
    const attributes = this.OPTION1(() => this.SUBRULE(this.fixtureEntries))
    const rest = {
      ...(parents === undefined ? {} : { parents }),
      ...(attributes === undefined ? {} : { attributes }),
    }
    return { kind: 'entityFixture', entity, ...rest, span: this.since(start) }
  })

  private readonly fixtureParents: RuleOf<EntityLiteral[]> = this.RULE('fixtureParents', () => {
    const parents: EntityLiteral[] = []
    this.CONSUME(t.InKeyword)
    this.OR([
      { ALT: () => parents.push(this.SUBRULE(this.entity)) },
      {
        ALT: () => {
          this.CONSUME(t.LeftBracket)
          this.MANY_SEP({ SEP: t.Comma, DEF: () => parents.push(this.SUBRULE1(this.entity)) })
          this.CONSUME(t.RightBracket)
        },
      },
    ])
    return parents
  })

  private readonly fixtureEntries: RuleOf<FixtureEntry[]> = this.RULE('fixtureEntries', () => {
    const entries: FixtureEntry[] = []
    this.CONSUME(t.LeftBrace)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => entries.push(this.SUBRULE(this.fixtureEntry)) })
    this.CONSUME(t.RightBrace)
    return entries
  })

  private readonly fixtureEntry: RuleOf<FixtureEntry> = this.RULE('fixtureEntry', (): FixtureEntry => {
    const start = this.here()
    const name = this.SUBRULE(this.word)
    this.CONSUME(t.Colon)
    const value = this.SUBRULE(this.fixtureValue)
    return { kind: 'fixtureEntry', name, value, span: this.since(start) }
  })

  private readonly fixtureValue: RuleOf<FixtureValue> = this.RULE('fixtureValue', (): FixtureValue => {
    const start = this.here()
    return this.OR([
      {
        GATE: () => endsValue(this.LA(2)),
        ALT: (): FixtureValue => {
          this.CONSUME(t.IllTypedKeyword)
          return { kind: 'illTyped', span: this.since(start) }
        },
      },
      { ALT: (): FixtureValue => this.SUBRULE(this.expression) },
    ])
  })

  private readonly fixtureRoles: RuleOf<FixtureRole[]> = this.RULE('fixtureRoles', () => {
    const roles: FixtureRole[] = []
    this.CONSUME(t.RolesKeyword)
    this.CONSUME(t.LeftBracket)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => roles.push(this.SUBRULE(this.fixtureRole)) })
    this.CONSUME(t.RightBracket)
    return roles
  })

  private readonly fixtureRole: RuleOf<FixtureRole> = this.RULE('fixtureRole', (): FixtureRole => {
    const start = this.here()
    const role = this.SUBRULE(this.name)
    const args = this.SUBRULE(this.optionalArguments)
    const on = this.OPTION(() => {
      this.CONSUME(t.OnKeyword)
      return this.SUBRULE(this.scope)
    })
    return {
      kind: 'fixtureRole',
      role,
      arguments: args,
      ...(on === undefined ? {} : { on }),
      span: this.since(start),
    }
  })

  private readonly expectation: RuleOf<Expectation> = this.RULE('expectation', (): Expectation => {
    const start = this.here()
    const effect = this.SUBRULE(this.effect)
    const actions: ExpectedAction[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => actions.push(this.SUBRULE(this.expectedAction)) })
    const facts = noFacts()
    this.MANY(() => {
      this.SUBRULE(this.expectedFact, { ARGS: [facts] })
    })
    return { kind: 'expectation', effect, actions, ...facts, span: this.since(start) }
  })

  private readonly expectedFact: ParserMethod<[TestFacts?], void> = this.RULE(
    'expectedFact',
    (facts: TestFacts = noFacts()) => {
      const start = this.here()
      const seen = (list: readonly unknown[]): Span | undefined =>
        list.length > 0 ? this.since(start) : undefined
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.ByKeyword)
            this.once(seen(facts.by), 'by', start)
            this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => facts.by.push(this.SUBRULE(this.ruleId)) })
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.FailsKeyword)
            this.once(seen(facts.fails), 'fails', start)
            this.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => facts.fails.push(this.SUBRULE1(this.ruleId)) })
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.WithKeyword)
            this.once(seen(facts.obligations), 'with', start)
            this.AT_LEAST_ONE_SEP2({
              SEP: t.Comma,
              DEF: () => facts.obligations.push(this.SUBRULE(this.expectedDuty)),
            })
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.AdviceKeyword)
            this.once(seen(facts.advice), 'advice', start)
            this.AT_LEAST_ONE_SEP3({
              SEP: t.Comma,
              DEF: () => facts.advice.push(this.SUBRULE1(this.expectedDuty)),
            })
          },
        },
      ])
    },
  )

  private readonly expectedAction: RuleOf<ExpectedAction> = this.RULE('expectedAction', () => {
    const start = this.here()
    const name = this.SUBRULE(this.actionName)
    const args = this.OPTION(() => this.SUBRULE(this.fixtureArguments)) ?? []
    return { name, arguments: args, span: this.since(start) }
  })

  private readonly fixtureArguments: RuleOf<FixtureEntry[]> = this.RULE('fixtureArguments', () => {
    const entries: FixtureEntry[] = []
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => entries.push(this.SUBRULE(this.fixtureEntry)) })
    this.CONSUME(t.RightParen)
    return entries
  })

  private readonly expectedDuty: RuleOf<ExpectedDuty> = this.RULE('expectedDuty', () => {
    const start = this.here()
    const name = this.SUBRULE(this.word)
    const args = this.SUBRULE(this.optionalArguments)
    return { name, arguments: args, span: this.since(start) }
  })

  /** `default`, a rule's name, or a grant's id: `editor.edit.Document`, `editor.edit.Document#2`. */
  private readonly ruleId: RuleOf<Name> = this.RULE('ruleId', (): Name => {
    const start = this.here()
    const parts: string[] = []
    this.OR([
      { ALT: () => parts.push(this.CONSUME(t.DefaultKeyword).image) },
      {
        ALT: () => {
          parts.push(this.SUBRULE(this.name).name)
          this.MANY(() => {
            this.CONSUME(t.Dot)
            const part = this.OR1([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.Star) }])
            parts.push(`.${part.image}`)
          })
          this.OPTION(() => {
            this.CONSUME(t.Hash)
            parts.push(`#${this.CONSUME(t.NumberText).image}`)
          })
        },
      },
    ])
    return { name: parts.join(''), span: this.since(start) }
  })

  private readonly invariant: RuleOf<Invariant> = this.RULE('invariant', (): Invariant => {
    const start = this.here()
    const doc = this.doc()
    this.CONSUME(t.InvariantKeyword)
    const name = this.SUBRULE(this.title)
    this.CONSUME(t.Colon)
    const form = this.OR([
      { ALT: () => this.CONSUME(t.NeverKeyword) },
      { ALT: () => this.CONSUME(t.AlwaysKeyword) },
    ]).image as Invariant['form']
    const actions = this.SUBRULE(this.actionList)
    this.CONSUME(t.OnKeyword)
    const types = this.SUBRULE(this.typeList)
    const who = this.SUBRULE(this.whoList)
    const clauses = this.SUBRULE(this.clauses)
    return { kind: 'invariant', name, form, actions, types, who, clauses, ...doc, span: this.since(start) }
  })

  // --- expressions: the choices of rules that run often are made once, not at each call ---

  readonly expression: RuleOf<Expression> = this.RULE('expression', (): Expression => {
    const start = this.here()
    this.enter()
    const expression = this.OR([
      { ALT: () => this.SUBRULE(this.quantifier) },
      { ALT: () => this.SUBRULE(this.conditional) },
    ])
    this.depth--
    if (this.depth === 0 && !this.RECORDING_PHASE) this.checkDepth(expression, start)
    return expression
  })

  private readonly quantifier: RuleOf<Expression> = this.RULE('quantifier', (): Expression => {
    const start = this.here()
    const quantifier = this.OR([
      { ALT: () => this.CONSUME(t.SomeKeyword) },
      { ALT: () => this.CONSUME(t.EveryKeyword) },
    ]).image as Quantifier['quantifier']
    const variable = this.nameOf(this.CONSUME(t.ValueWord))
    this.CONSUME(t.InKeyword)
    const set = this.SUBRULE(this.operation)
    this.CONSUME(t.Colon)
    const body = this.SUBRULE(this.expression)
    return { kind: 'quantifier', quantifier, variable, set, body, span: this.since(start) }
  })

  private readonly conditional: RuleOf<Expression> = this.RULE('conditional', (): Expression => {
    const start = this.here()
    const test = this.SUBRULE(this.operation)
    let arms: { then: Expression; otherwise: Expression } | undefined
    this.OPTION(() => {
      this.CONSUME(t.Question)
      const then = this.SUBRULE(this.expression)
      this.CONSUME(t.Colon)
      arms = { then, otherwise: this.SUBRULE1(this.expression) }
    })
    return arms === undefined ? test : { kind: 'conditional', test, ...arms, span: this.since(start) }
  })

  /** A flat chain of operands and operators. */
  private readonly operation: RuleOf<Expression> = this.RULE('operation', (): Expression => {
    const first = this.SUBRULE(this.operand)
    const steps: Step[] = []
    this.MANY(() => {
      steps.push(this.SUBRULE(this.step))
    })
    return this.ACTION(() => buildExpression(first, steps, this.chain).node)
  })

  private readonly stepChoices: { ALT: () => Operand | TestTail }[] = [
    {
      ALT: (): Operand | TestTail => {
        this.CONSUME(t.Operator)
        return this.SUBRULE(this.operand)
      },
    },
    {
      ALT: (): Operand | TestTail => {
        this.CONSUME(t.IsKeyword)
        return { kind: 'name', name: this.SUBRULE(this.name) }
      },
    },
    {
      ALT: (): Operand | TestTail => {
        this.CONSUME(t.HasKeyword)
        return { kind: 'name', name: this.SUBRULE(this.word) }
      },
    },
    {
      ALT: (): Operand | TestTail => {
        this.OR1([{ ALT: () => this.CONSUME(t.LikeKeyword) }, { ALT: () => this.CONSUME(t.MatchesKeyword) }])
        return this.SUBRULE(this.pattern)
      },
    },
  ]

  private readonly step: RuleOf<Step> = this.RULE('step', () => {
    const token = this.LA(1)
    const right = this.OR(this.stepChoices)
    return { operator: token.image, start: token.startOffset, end: endOf(token), right }
  })

  private readonly pattern: RuleOf<TestTail> = this.RULE('pattern', (): TestTail => {
    const token = this.CONSUME(t.Text)
    return this.ACTION((): TestTail => {
      const pattern = readRawText(
        { file: this.file, image: token.image, start: token.startOffset },
        this.report,
      )
      return { kind: 'pattern', pattern, span: this.spanOf(token) }
    })
  })

  private readonly operand: RuleOf<Operand> = this.RULE('operand', (): Operand => {
    const start = this.here()
    const prefixes: IToken[] = []
    this.MANY(() => {
      prefixes.push(this.OR([{ ALT: () => this.CONSUME(t.Bang) }, { ALT: () => this.CONSUME(t.Minus) }]))
    })
    const inner = this.SUBRULE(this.chained)
    return this.ACTION((): Operand => {
      const end = endOf(this.LA(0))
      let node = inner
      for (const prefix of prefixes.toReversed()) {
        const operator = prefix.image === '!' ? '!' : '-'
        node = {
          kind: 'unary',
          operator,
          operand: node,
          span: { file: this.file, start: prefix.startOffset, end },
        }
      }
      return { node, start, end }
    })
  })

  /** `a.b?.c["k"].m(x)`. */
  private readonly chained: RuleOf<Expression> = this.RULE('chained', (): Expression => {
    const start = this.here()
    let node = this.SUBRULE(this.primary)
    this.MANY(() => {
      const suffix = this.SUBRULE(this.suffix)
      this.ACTION(() => {
        node = postfix(node, suffix, this.since(start))
      })
    })
    return node
  })

  private readonly suffixChoices: { ALT: () => Suffix }[] = [
    {
      ALT: (): Suffix => {
        this.CONSUME(t.Dot)
        return this.SUBRULE(this.memberSuffix, { ARGS: [false] })
      },
    },
    { ALT: (): Suffix => this.SUBRULE(this.indexSuffix, { ARGS: [false] }) },
    {
      ALT: (): Suffix => {
        this.CONSUME(t.QuestionDot)
        return this.OR1([
          { ALT: () => this.SUBRULE1(this.memberSuffix, { ARGS: [true] }) },
          { ALT: () => this.SUBRULE1(this.indexSuffix, { ARGS: [true] }) },
        ])
      },
    },
  ]

  private readonly suffix: RuleOf<Suffix> = this.RULE('suffix', (): Suffix => {
    return this.OR(this.suffixChoices)
  })

  private readonly memberSuffix: ParserMethod<[boolean], Suffix> = this.RULE(
    'memberSuffix',
    (isOptional: boolean): Suffix => {
      const token = this.CONSUME(t.Word)
      const open = this.here()
      const args = this.OPTION(() => this.SUBRULE(this.values))
      return this.ACTION((): Suffix => {
        if (args?.length === 0) {
          const hint = emptyCallHint(token.image)
          this.report({
            code: 'unexpected-token',
            message: 'parentheses hold at least one argument',
            span: this.since(open),
            hint,
          })
        }
        const name = this.nameOf(token)
        return args === undefined || args.length === 0 ? { name, isOptional } : { name, isOptional, args }
      })
    },
  )

  private readonly indexSuffix: ParserMethod<[boolean], Suffix> = this.RULE(
    'indexSuffix',
    (isOptional: boolean): Suffix => {
      this.CONSUME(t.LeftBracket)
      const key = this.SUBRULE(this.expression)
      this.CONSUME(t.RightBracket)
      return { key, isOptional }
    },
  )

  /** Arguments of a function or a method, which have no names. */
  private readonly values: RuleOf<Expression[]> = this.RULE('values', () => {
    const values: Expression[] = []
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => values.push(this.SUBRULE(this.expression)) })
    this.CONSUME(t.RightParen)
    return values
  })

  private readonly primaryChoices: { ALT: () => Expression }[] = [
    { ALT: () => this.SUBRULE(this.textOrEntity) },
    { ALT: () => this.SUBRULE(this.referenceOrCall) },
    { ALT: () => this.SUBRULE(this.root) },
    { ALT: () => this.SUBRULE(this.literal) },
    { ALT: () => this.SUBRULE(this.constructed) },
    { ALT: () => this.SUBRULE(this.hasRole) },
    { ALT: () => this.SUBRULE(this.setLiteral) },
    { ALT: () => this.SUBRULE(this.recordLiteral) },
    { ALT: () => this.SUBRULE(this.parenthesised) },
  ]

  private readonly primary: RuleOf<Expression> = this.RULE('primary', (): Expression => {
    return this.OR(this.primaryChoices)
  })

  private readonly parenthesised: RuleOf<Expression> = this.RULE('parenthesised', () => {
    this.CONSUME(t.LeftParen)
    const inner = this.SUBRULE(this.expression)
    this.CONSUME(t.RightParen)
    return inner
  })

  private readonly textOrEntity: RuleOf<Expression> = this.RULE('textOrEntity', (): Expression => {
    const token = this.CONSUME(t.Text)
    const name = this.nameOf(token)
    const entity = this.OPTION(() => this.SUBRULE(this.entityRest, { ARGS: [name] }))
    return entity ?? { kind: 'string', value: name.name, span: name.span }
  })

  private readonly referenceOrCall: RuleOf<Expression> = this.RULE('referenceOrCall', (): Expression => {
    const name = this.nameOf(this.CONSUME(t.ValueWord))
    const rest = this.OPTION(() => {
      return this.OR([
        { ALT: (): Expression => this.SUBRULE(this.entityRest, { ARGS: [name] }) },
        {
          ALT: (): Expression => {
            const args = this.SUBRULE(this.values)
            return { kind: 'call', name, arguments: args, span: this.since(nameStart(name)) }
          },
        },
      ])
    })
    return rest ?? { kind: 'reference', name, span: name.span }
  })

  private readonly rootChoices: { ALT: () => IToken }[] = [
    { ALT: () => this.CONSUME(t.SubjectKeyword) },
    { ALT: () => this.CONSUME(t.ResourceKeyword) },
    { ALT: () => this.CONSUME(t.ActionKeyword) },
    { ALT: () => this.CONSUME(t.ContextKeyword) },
  ]

  private readonly root: RuleOf<Expression> = this.RULE('root', (): Expression => {
    const token = this.OR(this.rootChoices)
    return { kind: 'root', root: token.image as Root['root'], span: this.spanOf(token) }
  })

  private readonly literalChoices: { ALT: () => Expression }[] = [
    {
      ALT: (): Expression => ({
        kind: 'bool',
        value: true,
        span: this.spanOf(this.CONSUME(t.TrueKeyword)),
      }),
    },
    {
      ALT: (): Expression => ({
        kind: 'bool',
        value: false,
        span: this.spanOf(this.CONSUME(t.FalseKeyword)),
      }),
    },
    {
      ALT: (): Expression => {
        const token = this.CONSUME(t.NumberText)
        return { kind: 'number', value: Number(token.image), text: token.image, span: this.spanOf(token) }
      },
    },
    {
      ALT: (): Expression => {
        const token = this.CONSUME(t.DurationText)
        return {
          kind: 'duration',
          milliseconds: readDuration(token.image),
          text: token.image,
          span: this.spanOf(token),
        }
      },
    },
  ]

  private readonly literal: RuleOf<Expression> = this.RULE('literal', (): Expression => {
    return this.OR(this.literalChoices)
  })

  /** `datetime("…")` and `ip("…")`. */
  private readonly constructed: RuleOf<Expression> = this.RULE('constructed', (): Expression => {
    const start = this.here()
    const kind = this.OR([
      { ALT: () => this.CONSUME(t.DatetimeKeyword) },
      { ALT: () => this.CONSUME(t.IpKeyword) },
    ]).image as 'datetime' | 'ip'
    this.CONSUME(t.LeftParen)
    const text = this.SUBRULE(this.title)
    this.CONSUME(t.RightParen)
    return { kind, text, span: this.since(start) }
  })

  private readonly hasRole: RuleOf<Expression> = this.RULE('hasRole', (): Expression => {
    const start = this.here()
    this.CONSUME(t.HasRoleKeyword)
    this.CONSUME(t.LeftParen)
    const role = this.SUBRULE(this.name)
    const on = this.OPTION(() => {
      this.CONSUME(t.Comma)
      return this.SUBRULE(this.expression)
    })
    this.CONSUME(t.RightParen)
    return { kind: 'hasRole', role, ...(on === undefined ? {} : { on }), span: this.since(start) }
  })

  private readonly setLiteral: RuleOf<Expression> = this.RULE('setLiteral', (): Expression => {
    const start = this.here()
    const elements: Expression[] = []
    this.CONSUME(t.LeftBracket)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => elements.push(this.SUBRULE(this.expression)) })
    this.CONSUME(t.RightBracket)
    return { kind: 'set', elements, span: this.since(start) }
  })

  private readonly recordLiteral: RuleOf<Expression> = this.RULE('recordLiteral', (): Expression => {
    const start = this.here()
    const entries: Argument[] = []
    this.CONSUME(t.LeftBrace)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => entries.push(this.SUBRULE(this.argument)) })
    this.CONSUME(t.RightBrace)
    return { kind: 'record', entries, span: this.since(start) }
  })

  // --- names ---

  private readonly entity: RuleOf<EntityLiteral> = this.RULE('entity', () => {
    const type = this.SUBRULE(this.name)
    return this.SUBRULE(this.entityRest, { ARGS: [type] })
  })

  private readonly entityRest: ParserMethod<[Name], EntityLiteral> = this.RULE(
    'entityRest',
    (type: Name): EntityLiteral => {
      this.CONSUME(t.DoubleColon)
      const id = this.SUBRULE(this.title)
      return { kind: 'entity', type, id, span: this.since(nameStart(type)) }
    },
  )

  private readonly nameChoices: { ALT: () => IToken }[] = [
    { ALT: () => this.CONSUME(t.NameWord) },
    { ALT: () => this.CONSUME(t.Text) },
  ]

  private readonly name: RuleOf<Name> = this.RULE('name', () => {
    return this.nameOf(this.OR(this.nameChoices))
  })

  private readonly word: RuleOf<Name> = this.RULE('word', () => {
    return this.nameOf(this.OR([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.Text) }]))
  })

  private readonly actionName: RuleOf<Name> = this.RULE('actionName', () => {
    return this.nameOf(
      this.OR([{ ALT: () => this.CONSUME(t.ActionWord) }, { ALT: () => this.CONSUME(t.Text) }]),
    )
  })

  private readonly names: RuleOf<Name[]> = this.RULE('names', () => {
    const names: Name[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => names.push(this.SUBRULE(this.name)) })
    return names
  })

  private readonly actionNames: RuleOf<Name[]> = this.RULE('actionNames', () => {
    const names: Name[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => names.push(this.SUBRULE(this.actionName)) })
    return names
  })

  private readonly actionList: RuleOf<NameList> = this.RULE('actionList', (): NameList => {
    const start = this.here()
    return this.OR([
      { ALT: (): NameList => ({ kind: 'all', span: this.spanOf(this.CONSUME(t.Star)) }) },
      {
        ALT: (): NameList => {
          const names = this.SUBRULE(this.actionNames)
          return { kind: 'names', names, span: this.since(start) }
        },
      },
    ])
  })

  private readonly typeList: RuleOf<NameList> = this.RULE('typeList', (): NameList => {
    const start = this.here()
    return this.OR([
      { ALT: (): NameList => ({ kind: 'all', span: this.spanOf(this.CONSUME(t.Star)) }) },
      {
        ALT: (): NameList => {
          const names = this.SUBRULE(this.names)
          return { kind: 'names', names, span: this.since(start) }
        },
      },
    ])
  })

  // --- places and texts ---

  private here(): number {
    return this.LA(1).startOffset
  }

  /** From an offset to the end of the last token read. */
  private since(start: number): Span {
    return { file: this.file, start, end: endOf(this.LA(0)) }
  }

  private spanOf(token: IToken): Span {
    return { file: this.file, start: token.startOffset, end: endOf(token) }
  }

  private nameOf(token: IToken): Name {
    const span = this.spanOf(token)
    if (this.RECORDING_PHASE) return { name: '', span }
    return { name: isText(token) ? this.read(token) : token.image, span }
  }

  private read(token: IToken): string {
    return readText({ file: this.file, image: token.image, start: token.startOffset }, this.report)
  }

  /** The doc comment in front of the next token. */
  private doc(): Doc {
    if (this.RECORDING_PHASE || this.comments.isEmpty) return NO_DOC
    const previous = this.LA(0)
    const doc = this.comments.docBetween(previous.startOffset < 0 ? -1 : endOf(previous), this.here())
    return doc === undefined ? NO_DOC : { doc }
  }

  private enter(): void {
    this.depth++
    if (this.depth > MAX_NESTING && !this.RECORDING_PHASE) throw new NestingError(this.spanOf(this.LA(1)))
  }

  private checkDepth(expression: Expression, start: number): void {
    // A level takes at least one character.
    if (endOf(this.LA(0)) - start <= MAX_NESTING) return
    const tooDeep = findTooDeep(expression)
    if (tooDeep !== undefined) throw new NestingError(tooDeep.span)
  }

  private once(earlier: Span | undefined, part: string, start: number): void {
    if (earlier === undefined || this.RECORDING_PHASE) return
    const hint = part.startsWith('stored')
      ? 'remove one of them'
      : `put all behind one \`${part}\`, with commas`
    this.report({
      code: 'duplicate-clause',
      message: `\`${part}\` stands twice`,
      span: this.since(start),
      hint,
    })
  }

  private reportInheritedCondition(inherited: IToken): void {
    if (this.RECORDING_PHASE) return
    this.report({
      code: 'unexpected-token',
      message: '`inherited` belongs to the header of a role, not to its conditions',
      span: this.spanOf(inherited),
      hint: 'write `inherited role …` once, and the conditions without it',
    })
  }
}

/** `.size()` is `.size`; `.toLowerCase()` is another word too. */
function emptyCallHint(name: string): string {
  return FOREIGN_METHODS.get(name) ?? FOREIGN_NAMES.get(name) ?? `write \`.${name}\``
}

type Doc = { readonly doc?: string }
const NO_DOC: Doc = {}

function noMembers(): Members {
  return { attributes: [], actions: [], actionGroups: [] }
}

function noFacts(): TestFacts {
  return { by: [], obligations: [], advice: [], fails: [] }
}

function nameStart(name: Name): number {
  return name?.span?.start ?? 0
}

function isText(token: IToken): boolean {
  return !/^\w/.test(token.image)
}

function endsValue(token: IToken): boolean {
  return [t.Comma, t.RightBrace, t.RightParen].includes(token.tokenType)
}

function endOf(token: IToken): number {
  // While the grammar is recorded, choices give tokens without a text.
  return token.startOffset + (token.image?.length ?? 0)
}
