import type {
  Assignment,
  ContextDeclaration,
  Declaration,
  EntityTypeDeclaration,
  FnDeclaration,
  Invariant,
  LetDeclaration,
  Name,
  PolicyFile,
  RoleCondition,
  RoleDeclaration,
  Rule,
  Test,
  TrustStoreDeclaration,
  TypeAliasDeclaration,
} from '../ast/nodes.ts'
import { RepeatedRule, type RulePattern } from '../ast/repeated-rule.ts'
import type { Span } from '../diagnostics/span.ts'
import type { CheckedRole } from './checked.ts'
import type { Report } from './report.ts'

/** All declarations of a set by name: of two alike the first. */
export interface Declarations {
  /** All of them, but of rules that are written alike one sample: for what looks at words and not at places. */
  readonly distinct: readonly Declaration[]
  readonly entityTypes: ReadonlyMap<string, EntityTypeDeclaration>
  readonly aliases: ReadonlyMap<string, TypeAliasDeclaration>
  readonly roles: ReadonlyMap<string, CheckedRole>
  readonly lets: ReadonlyMap<string, LetDeclaration>
  readonly fns: ReadonlyMap<string, FnDeclaration>
  readonly rules: ReadonlyMap<string, Rule>
  readonly context: ContextDeclaration | undefined
  readonly trustStore: TrustStoreDeclaration | undefined
  readonly assignments: readonly Assignment[]
  readonly tests: readonly Test[]
  readonly invariants: readonly Invariant[]
}

/** Sorts what the files declare into name spaces; reports `duplicate-declaration` with both places. */
export function collectDeclarations(files: readonly PolicyFile[], report: Report): Declarations {
  const all = files.length === 1 ? (files[0]?.declarations ?? []) : files.flatMap((file) => file.declarations)
  const types = createNameSpace<EntityTypeDeclaration | TypeAliasDeclaration>('type', nameOf, report)
  const values = createNameSpace<LetDeclaration | FnDeclaration>('value', nameOf, report)
  const rules = createNameSpace<Rule>('rule', nameOf, report)
  const singles = createNameSpace<ContextDeclaration | TrustStoreDeclaration>(
    undefined,
    nameOfSingle,
    report,
    hintOfSingle,
  )
  const distinct: Declaration[] = []
  const patterns = new Set<RulePattern>()
  const headers: RoleDeclaration[] = []
  const conditions: RoleCondition[] = []
  const rest = { assignments: [] as Assignment[], tests: [] as Test[], invariants: [] as Invariant[] }
  for (const declaration of all) {
    if (declaration instanceof RepeatedRule) {
      rules.add(declaration)
      if (!patterns.has(declaration.pattern)) distinct.push(declaration.pattern.sample)
      patterns.add(declaration.pattern)
      continue
    }
    distinct.push(declaration)
    switch (declaration.kind) {
      case 'entityType':
      case 'typeAlias':
        types.add(declaration)
        break
      case 'let':
      case 'fn':
        values.add(declaration)
        break
      case 'rule':
        rules.add(declaration)
        break
      case 'context':
      case 'trustStore':
        singles.add(declaration)
        break
      case 'role':
        headers.push(declaration)
        break
      case 'roleCondition':
        conditions.push(declaration)
        break
      case 'assignment':
        rest.assignments.push(declaration)
        break
      case 'test':
        rest.tests.push(declaration)
        break
      case 'invariant':
        rest.invariants.push(declaration)
        break
    }
  }
  return {
    distinct,
    entityTypes: types.ofKind('entityType'),
    aliases: types.ofKind('typeAlias'),
    lets: values.ofKind('let'),
    fns: values.ofKind('fn'),
    rules: rules.ofKind('rule'),
    context: singles.ofKind('context').get('context'),
    trustStore: singles.ofKind('trustStore').get('trust store'),
    roles: mergeRoles(headers, conditions, report),
    ...rest,
  }
}

/** Says that a name is taken, showing the first place. */
function reportDuplicate(
  report: Report,
  what: string | undefined,
  name: Name,
  first: Name,
  hint?: string,
): void {
  report({
    code: 'duplicate-declaration',
    span: name.span,
    message: `${what === undefined ? '' : `the ${what} `}\`${name.name}\` is declared twice`,
    related: [{ span: first.span, message: 'first declared here' }],
    hint: hint ?? 'rename or remove one of them',
  })
}

/** Reports every name of a list that stands in it before. */
export function checkDistinct(names: readonly Name[], what: string, report: Report): void {
  const first = new Map<string, Name>()
  for (const name of names) {
    const taken = first.get(name.name)
    if (taken === undefined) first.set(name.name, name)
    else reportDuplicate(report, what, name, taken)
  }
}

/** The word `context` alone: its block can be long. */
function toKeyword(span: Span): Span {
  return { ...span, end: Math.min(span.end, span.start + 'context'.length) }
}

interface NameSpace<T extends { readonly kind: string }> {
  add(declaration: T): void
  ofKind<K extends T['kind']>(kind: K): ReadonlyMap<string, Extract<T, { readonly kind: K }>>
}

function createNameSpace<T extends { readonly kind: string }>(
  what: string | undefined,
  toName: (declaration: T) => Name,
  report: Report,
  toHint?: (declaration: T) => string,
): NameSpace<T> {
  const byKind = new Map<string, Map<string, T>>()
  return {
    add: (declaration) => {
      const { kind } = declaration
      const name = toName(declaration)
      for (const taken of byKind.values()) {
        const first = taken.get(name.name)
        if (first !== undefined)
          return reportDuplicate(report, what, name, toName(first), toHint?.(declaration))
      }
      const known = byKind.get(kind)
      if (known === undefined) byKind.set(kind, new Map([[name.name, declaration]]))
      else known.set(name.name, declaration)
    },
    ofKind: <K extends T['kind']>(kind: K) =>
      (byKind.get(kind) ?? new Map()) as ReadonlyMap<string, Extract<T, { readonly kind: K }>>,
  }
}

function nameOf({ name }: { readonly name: Name }): Name {
  return name
}

function nameOfSingle({ kind, span }: ContextDeclaration | TrustStoreDeclaration): Name {
  return kind === 'context' ? { name: kind, span: toKeyword(span) } : { name: 'trust store', span }
}

/** They have no name of their own that could be another one. */
function hintOfSingle({ kind }: ContextDeclaration | TrustStoreDeclaration): string {
  return kind === 'context' ? 'put the attributes of both into one of them' : 'remove one of them'
}

/** A role is declared by a header or by a condition alone; bare headers may repeat. */
function mergeRoles(
  headers: readonly RoleDeclaration[],
  conditions: readonly RoleCondition[],
  report: Report,
): ReadonlyMap<string, CheckedRole> {
  const declarations = new Map<string, RoleDeclaration>()
  for (const header of headers) {
    const name = header.name.name
    const first = declarations.get(name)
    if (first === undefined || (isBare(first) && !isBare(header))) declarations.set(name, header)
    else if (!isBare(header)) reportSecondHeader(header, first, report)
  }
  const byRole = new Map<string, RoleCondition[]>()
  for (const condition of conditions) {
    const name = condition.role.name
    const known = byRole.get(name)
    if (known === undefined) byRole.set(name, [condition])
    else known.push(condition)
    if (!declarations.has(name)) declarations.set(name, toHeader(condition))
  }
  return new Map(
    [...declarations].map(([name, declaration]) => [
      name,
      { name, declaration, conditions: byRole.get(name) ?? [] },
    ]),
  )
}

function isBare(role: RoleDeclaration): boolean {
  return (
    !role.hasBody &&
    !role.isInherited &&
    role.parameters.length === 0 &&
    role.extends.length === 0 &&
    role.when === undefined
  )
}

function reportSecondHeader(header: RoleDeclaration, first: RoleDeclaration, report: Report): void {
  const hint =
    header.isInherited || first.isInherited
      ? '`inherited`, `extends`, parameters and grants belong to the one header of a role'
      : 'put all grants of a role into one body'
  reportDuplicate(report, 'role', header.name, first.name, hint)
}

function toHeader(condition: RoleCondition): RoleDeclaration {
  return {
    kind: 'role',
    name: condition.role,
    isInherited: false,
    parameters: [],
    extends: [],
    grants: [],
    hasBody: false,
    span: condition.span,
  }
}
