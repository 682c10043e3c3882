import { describe, expect, it } from 'vitest'
import type { Expression } from '../ast/nodes.ts'
import { parsePolicyFile } from './parse.ts'

function parse(text: string): readonly unknown[] {
  const { file, diagnostics } = parsePolicyFile({ name: 'a.edict', text })
  expect(diagnostics).toEqual([])
  return file?.declarations ?? []
}

/** A tree as nested lists: the kind, then what the node says. */
function toShape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toShape)
  if (typeof node !== 'object' || node === null) return node
  const members = Object.entries(node).filter(([key]) => !key.endsWith('pan'))
  const shape = members.map(([key, value]): readonly [string, unknown] => [key, toShape(value)])
  return Object.fromEntries(shape.map(([key, value]) => [key, isName(value) ? value.name : value]))
}

function isName(value: unknown): value is { readonly name: string } {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'name'
}

/** An expression with every grouping in parentheses. */
function showGroups(text: string): string {
  const [declaration] = parse(`let x = ${text}`)
  return group((declaration as { readonly value: Expression }).value)
}

function group(node: Expression): string {
  switch (node.kind) {
    case 'reference':
      return node.name.name
    case 'number':
    case 'duration':
      return node.text
    case 'string':
      return JSON.stringify(node.value)
    case 'root':
      return `$${node.root}`
    case 'bool':
      return String(node.value)
    case 'logical':
      return `(${node.operands.map(group).join(` ${node.operator} `)})`
    case 'coalesce':
      return `(${node.operands.map(group).join(' ?? ')})`
    case 'binary':
    case 'comparison':
      return `(${group(node.left)} ${node.operator} ${group(node.right)})`
    case 'unary':
      return `(${node.operator}${group(node.operand)})`
    case 'conditional':
      return `(${group(node.test)} ? ${group(node.then)} : ${group(node.otherwise)})`
    case 'quantifier':
      return `(${node.quantifier} ${node.variable.name} in ${group(node.set)}: ${group(node.body)})`
    case 'member':
      return `(${group(node.object)}${node.isOptional ? '?.' : '.'}${node.name.name})`
    case 'index':
      return `(${group(node.object)}${node.isOptional ? '?.' : ''}[${group(node.key)}])`
    case 'methodCall':
      return `(${group(node.object)}${node.isOptional ? '?.' : '.'}${node.name.name}(${node.arguments.map(group).join(', ')}))`
    case 'call':
      return `${node.name.name}(${node.arguments.map(group).join(', ')})`
    case 'is':
      return `(${group(node.operand)} is ${node.type.name})`
    case 'has':
      return `(${group(node.operand)} has ${JSON.stringify(node.name.name)})`
    case 'like':
    case 'matches':
      return `(${group(node.operand)} ${node.kind} ${JSON.stringify(node.pattern)})`
    case 'actionTest':
      return `{action ${node.operator} ${node.names.map(({ name }) => name).join('|')}${node.isList ? ' of list' : ''}}`
    case 'entity':
      return `<${node.type.name} ${node.id}>`
    case 'set':
      return `[${node.elements.map(group).join(', ')}]`
    case 'record':
      return `{${node.entries.map(({ name, value }) => `${name.name}: ${group(value)}`).join(', ')}}`
    case 'hasRole':
      return `hasRole(${node.role.name}${node.on === undefined ? '' : `, ${group(node.on)}`})`
    case 'datetime':
    case 'ip':
      return `${node.kind}(${node.text})`
  }
}

describe('expressions', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a || b && c || d', '(a || (b && c) || d)'],
    ['a && b && c', '(a && b && c)'],
    ['(a && b) && c', '((a && b) && c)'],
    ['a && (b || c)', '(a && (b || c))'],
    ['!a && b', '((!a) && b)'],
    ['!!a', '(!(!a))'],
    ['!a.b', '(!(a.b))'],
    ['-a * b', '((-a) * b)'],
    ['a - b - c', '((a - b) - c)'],
    ['a + b * c - d', '((a + (b * c)) - d)'],
    ['a + b == c * d && e', '(((a + b) == (c * d)) && e)'],
    ['a - -1', '(a - (-1))'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ['a || b ? c && d : e', '((a || b) ? (c && d) : e)'],
    ['a ? b ? c : d : e', '(a ? (b ? c : d) : e)'],
    ['a ?? b ?? c', '(a ?? b ?? c)'],
    ['(a ?? b) == c', '((a ?? b) == c)'],
    ['a ?? b ? c : d', '((a ?? b) ? c : d)'],
    ['a.b?.c["k"]?.["l"].m(x, y)', '(((((a.b)?.c)["k"])?.["l"]).m(x, y))'],
    ['a?.b.c', '((a?.b).c)'],
    ['a.if.unless.rule', '(((a.if).unless).rule)'],
    ['some x in s: x == 1 && b', '(some x in s: ((x == 1) && b))'],
    ['every x in a || b: c ? d : e', '(every x in (a || b): (c ? d : e))'],
    ['a && (some x in s: x)', '(a && (some x in s: x))'],
    ['a ? some x in s: x : b', '(a ? (some x in s: x) : b)'],
    ['subject is User && subject in resource.team', '(($subject is User) && ($subject in ($resource.team)))'],
    ['a has b && c has "d e" && action has if', '((a has "b") && (c has "d e") && ($action has "if"))'],
    ['a is "album:object"', '(a is album:object)'],
    ['"album:object"::"7" == a', '(<album:object 7> == a)'],
    ['User::"ann" in [Team::"x", y]', '(<User ann> in [<Team x>, y])'],
    [
      'a like "*.\\*\\"x" || b matches "\\d+\\\\"',
      '((a like "*.\\\\*\\"x") || (b matches "\\\\d+\\\\\\\\"))',
    ],
    ['action == read', '{action == read}'],
    ['action != "s3:Get"', '{action != s3:Get}'],
    ['action in edit || action in [read, "x y"]', '({action in edit} || {action in read|x y of list})'],
    ['action.name == "read"', '(($action.name) == "read")'],
    ['action == subject.level', '($action == ($subject.level))'],
    ['action == "subject"', '{action == subject}'],
    ['{a: 1, "b c": {}, if: []}', '{a: 1, b c: {}, if: []}'],
    ['f() + g(1, [2])', '(f() + g(1, [2]))'],
    [
      'hasRole(viewer) && hasRole("system:user", resource.folder)',
      '(hasRole(viewer) && hasRole(system:user, ($resource.folder)))',
    ],
    ['datetime("2026-01-01") < context.now - 1h30m', '(datetime(2026-01-01) < (($context.now) - 1h30m))'],
    ['ip("10.0.0.1") in ip("10.0.0.0/8")', '(ip(10.0.0.1) in ip(10.0.0.0/8))'],
    ['rule + when + now + illTyped', '(((rule + when) + now) + illTyped)'],
    ['"\\u00e9\\n\\/"', '"é\\n/"'],
    ['true == !false', '(true == (!false))'],
  ]
  for (const [text, expected] of cases) {
    it(`groups \`${text}\``, () => {
      expect(showGroups(text)).toBe(expected)
    })
  }

  it('spans what an expression takes in the source, outer parentheses of operands included', () => {
    const [declaration] = parse('let x = (a + b) * c')
    const { span } = (declaration as { readonly value: Expression }).value
    expect([span.start, span.end]).toEqual([8, 19])
  })

  it('reads durations in milliseconds', () => {
    const [declaration] = parse('let x = 1d2h3m4s')
    expect(declaration).toMatchObject({
      value: { kind: 'duration', milliseconds: 93_784_000, text: '1d2h3m4s' },
    })
  })
})

describe('declarations', () => {
  const cases: readonly (readonly [string, object])[] = [
    [
      'entity Team',
      { kind: 'entityType', name: 'Team', isSubject: false, isResource: false, parents: [], attributes: [] },
    ],
    [
      'subject resource User in Team, Org {}',
      { isSubject: true, isResource: true, parents: [{ name: 'Team' }, { name: 'Org' }] },
    ],
    [
      'subject User { stored a?: Set<String>, b: { c: Number d?: "x" | "y" } stored roles stored parents }',
      {
        attributes: [
          { name: 'a', isOptional: true, isStored: true, type: { kind: 'setType' } },
          {
            name: 'b',
            isOptional: false,
            isStored: false,
            type: { kind: 'recordType', fields: [{ name: 'c' }, { name: 'd' }] },
          },
        ],
      },
    ],
    [
      'resource Doc { actions read, rule, export(format: "pdf" | "csv", rows?: Number) actions edit = read, "if" actions: Bool }',
      {
        attributes: [{ name: 'actions' }],
        actions: [
          { name: 'read', parameters: [] },
          { name: 'rule' },
          { name: 'export', parameters: [{ name: 'format' }, { name: 'rows', isOptional: true }] },
        ],
        actionGroups: [{ name: 'edit', members: [{ name: 'read' }, { name: 'if' }] }],
      },
    ],
    [
      'context { ip?: Ip, token: Map<String> }',
      { kind: 'context', attributes: [{ name: 'ip' }, { name: 'token' }] },
    ],
    ['type Id = "a" | User | { x: Number }', { kind: 'typeAlias', type: { kind: 'unionType' } }],
    ['trust store', { kind: 'trustStore' }],
    ['role owner', { kind: 'role', isInherited: false, hasBody: false, extends: [], grants: [] }],
    [
      'inherited role a(limit: Number) extends b, "c d" when context.x { can * on Doc if true unless false obligate o(a: 1) advise p() }',
      {
        isInherited: true,
        parameters: [{ name: 'limit' }],
        extends: [{ name: 'b' }, { name: 'c d' }],
        when: { kind: 'member' },
        hasBody: true,
        grants: [
          {
            actions: { kind: 'all' },
            clauses: [{ kind: 'if' }, { kind: 'unless' }],
            duties: [
              { kind: 'obligate', name: 'o' },
              { kind: 'advise', name: 'p', arguments: [] },
            ],
          },
        ],
      },
    ],
    [
      'role a of Doc, Folder if true',
      { kind: 'roleCondition', types: [{ name: 'Doc' }, { name: 'Folder' }] },
    ],
    ['role a if true', { kind: 'roleCondition', types: [] }],
    [
      'assign a(x: 1) to User::"u" on any Folder until datetime("2027-01-01")',
      { arguments: [{ name: 'x' }], to: { kind: 'entity' }, on: { kind: 'anyOf', type: 'Folder' } },
    ],
    ['assign a to any User', { to: { kind: 'anyOf', type: 'User' } }],
    ['assign a to anyone on Folder::"f"', { to: { kind: 'anyone' }, on: { kind: 'entity', id: 'f' } }],
    ['assign a to b of Folder::"f"', { to: { kind: 'holders', role: 'b' } }],
    [
      'fn f(a: Number, b?: User) = a',
      { kind: 'fn', parameters: [{ name: 'a' }, { name: 'b', isOptional: true }] },
    ],
    [
      'rule "r 1": after deny read, on2, "s3:Get" on Doc, "a b" to editor, role x, type User, anyone, User::"u"',
      {
        name: 'r 1',
        isAfter: true,
        effect: 'deny',
        actions: { names: [{ name: 'read' }, { name: 'on2' }, { name: 's3:Get' }] },
        who: [
          { kind: 'whoName', name: 'editor' },
          { qualifier: 'role', name: 'x' },
          { qualifier: 'type', name: 'User' },
          { kind: 'anyone' },
          { kind: 'entity', id: 'u' },
        ],
      },
    ],
    [
      'test "t" { given { User::"a" in [] { x: illTyped } assign r to anyone } subject User::"a" in T::"t" roles [v, e(n: 1) on F::"f"] }',
      {
        items: [
          {
            kind: 'given',
            entities: [{ parents: [], attributes: [{ name: 'x', value: { kind: 'illTyped' } }] }],
            assignments: [{ role: 'r' }],
          },
          {
            kind: 'testSubject',
            entity: { parents: [{ id: 't' }] },
            roles: [{ role: 'v' }, { role: 'e', arguments: [{ name: 'n' }], on: { id: 'f' } }],
          },
        ],
      },
    ],
    [
      'test "t" { allow read, export(a: 1) advice x(), y(b: 2) fails c by default, a.b.D, "a,b.c.D", operator.*.Route, e.f.G#2 with z }',
      {
        items: [
          {
            effect: 'allow',
            actions: [{ name: 'read' }, { name: 'export', arguments: [{ name: 'a' }] }],
            by: [
              { name: 'default' },
              { name: 'a.b.D' },
              { name: 'a,b.c.D' },
              { name: 'operator.*.Route' },
              { name: 'e.f.G#2' },
            ],
            obligations: [{ name: 'z' }],
            advice: [{ name: 'x' }, { name: 'y' }],
            fails: [{ name: 'c' }],
          },
        ],
      },
    ],
    [
      'invariant "i": never read on Doc to User unless true',
      { form: 'never', clauses: [{ kind: 'unless' }] },
    ],
    ['role __proto__', { name: '__proto__' }],
  ]
  for (const [text, expected] of cases) {
    it(`reads \`${text}\``, () => {
      expect(toShape(parse(text)[0])).toMatchObject(expected)
    })
  }
})

describe('doc comments', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['/// One.\n/// Two.\nrole a', 'One.\nTwo.'],
    ['/// One.\n\n// aside\n///\n///  Two.\nrole a', 'One.\n\n Two.'],
    ['//// no doc\n// no doc\nrole a', undefined],
    ['/// first\n/// also first\nrole a /// of nobody', 'first\nalso first'],
  ]
  for (const [text, expected] of cases) {
    it(`of ${JSON.stringify(text)} are ${JSON.stringify(expected)}`, () => {
      expect((parse(text)[0] as { readonly doc?: string }).doc).toBe(expected)
    })
  }

  it('belong to members as well, and one that ends a line to nothing', () => {
    const text =
      'resource Doc {\n  a: Number /// not of b\n  b: Number\n  /// c\n  c: Number\n  /// both\n  actions x,\n    /// own\n    y\n}'
    expect(toShape(parse(text)[0])).toMatchObject({
      attributes: [{ name: 'a' }, { name: 'b' }, { name: 'c', doc: 'c' }],
      actions: [
        { name: 'x', doc: 'both' },
        { name: 'y', doc: 'own' },
      ],
    })
    expect(toShape(parse(text)[0])).not.toMatchObject({ attributes: [{}, { doc: 'not of b' }, {}] })
  })
})
