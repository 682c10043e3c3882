import type {
  Assignment,
  ContextDeclaration,
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
import type { Span } from '../diagnostics/span.ts'
import type { CheckedRole } from './checked.ts'
import type { Report } from './report.ts'

/** All declarations of a set by name: of two alike the first. */
export interface Declarations {
  readonly files: readonly PolicyFile[]
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
  const all = files.flatMap((file) => file.declarations)
  const types = createNameSpace<EntityTypeDeclaration | TypeAliasDeclaration>('type', report)
  const values = createNameSpace<LetDeclaration | FnDeclaration>('value', report)
  const rules = createNameSpace<Rule>('rule', report)
  const singles = createNameSpace<ContextDeclaration | TrustStoreDeclaration>(undefined, report)
  const headers: RoleDeclaration[] = []
  const conditions: RoleCondition[] = []
  const rest = { assignments: [] as Assignment[], tests: [] as Test[], invariants: [] as Invariant[] }
  for (const declaration of all) {
    switch (declaration.kind) {
      case 'entityType':
      case 'typeAlias':
        types.add(declaration.name, declaration)
        break
      case 'let':
      case 'fn':
        values.add(declaration.name, declaration)
        break
      case 'rule':
        rules.add(declaration.name, declaration)
        break
      case 'context':
        singles.add({ name: 'context', span: toKeyword(declaration.span) }, declaration)
        break
      case 'trustStore':
        singles.add({ name: 'trust store', span: declaration.span }, declaration)
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
    files,
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
  add(name: Name, declaration: T): void
  ofKind<K extends T['kind']>(kind: K): ReadonlyMap<string, Extract<T, { readonly kind: K }>>
}

function createNameSpace<T extends { readonly kind: string }>(
  what: string | undefined,
  report: Report,
): NameSpace<T> {
  const entries = new Map<string, { readonly name: Name; readonly declaration: T }>()
  return {
    add: (name, declaration) => {
      const first = entries.get(name.name)
      if (first === undefined) entries.set(name.name, { name, declaration })
      else reportDuplicate(report, what, name, first.name)
    },
    ofKind: <K extends T['kind']>(kind: K) => {
      const found = new Map<string, Extract<T, { readonly kind: K }>>()
      for (const [name, { declaration }] of entries) {
        if (declaration.kind === kind) found.set(name, declaration as Extract<T, { readonly kind: K }>)
      }
      return found
    },
  }
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
