import { describe, expect, it } from 'vitest'
import { checkPolicySet } from './check-policy-set.ts'
import { checkSet, findInText } from './fixtures/check-text.ts'

describe('checkPolicySet', () => {
  it('takes no files as a policy set that allows nothing', () => {
    const { checked, diagnostics } = checkPolicySet([])
    expect(diagnostics).toEqual([])
    expect(checked?.rules).toEqual([])
  })

  it('expands groups and `*` into pairs, sorted by type then action', () => {
    const { rules } = checkSet('rule r: allow edit, read on Folder, Doc')
    expect(rules[0]?.pairs.map(({ action, resourceType }) => `${resourceType}.${action}`)).toEqual([
      'Doc.read',
      'Doc.share',
      'Doc.write',
      'Folder.read',
    ])
  })

  it('tells roles, types and entities after `to` apart', () => {
    const { rules } = checkSet('rule r: allow read on Doc to editor, Service, Team::"t", anyone')
    expect(rules[0]?.who).toEqual([
      { kind: 'role', role: 'editor' },
      { kind: 'type', type: 'Service' },
      { kind: 'entity', type: 'Team', id: 't' },
      { kind: 'anyone' },
    ])
  })

  it('notes which members are methods', () => {
    const { methods } = checkSet(
      'rule r: allow read on Doc if resource.tags.size > 1 && resource.tags.contains("x")',
    )
    expect([...methods].map((node) => node.kind)).toEqual(['member', 'methodCall'])
  })

  it('spreads `trust store` over the types', () => {
    const { schema } = checkSet('trust store')
    expect(schema.entityTypes.every((type) => type.hasStoredParents && type.hasStoredRoles)).toBe(true)
  })

  it('resolves aliases and sorts what it declares', () => {
    const { schema } = checkSet(
      'type Key = "b" | "a"\ntype Keys = Set<Key>\nsubject Bot { zone: String  keys: Keys }',
    )
    expect(schema.entityTypes.find((type) => type.name === 'Bot')?.attributes).toEqual([
      {
        name: 'keys',
        type: { kind: 'set', element: { kind: 'enum', values: ['a', 'b'] } },
        isOptional: false,
        isStored: false,
      },
      { name: 'zone', type: { kind: 'string' }, isOptional: false, isStored: false },
    ])
  })

  it('agrees on one type for the arguments of a duty', () => {
    const { duties } = checkSet('rule r: allow read on Doc obligate log(to: subject, why: "x", tags: [])')
    expect(duties.get('log')).toEqual(
      new Map([
        ['to', { kind: 'entity', types: ['Service', 'User'] }],
        ['why', { kind: 'string' }],
        ['tags', { kind: 'set', element: { kind: 'string' } }],
      ]),
    )
  })

  it('merges headers, body and conditions of a role', () => {
    const { roles } = checkSet(
      'role boss\nrole boss { can read on Doc }\nrole boss of Doc if resource.owner == subject\nrole lone of Doc if resource.owner == subject\nrule r: allow write on Doc to lone',
    )
    expect(roles.get('boss')?.declaration.grants).toHaveLength(1)
    expect(roles.get('boss')?.conditions).toHaveLength(1)
    expect(roles.get('lone')?.declaration.hasBody).toBe(false)
  })

  it('takes prototype names as names', () => {
    const text = `
      subject "__proto__" { "constructor": String  "toString"?: Number  boss: "__proto__" }
      resource "constructor" { owner: "__proto__"  actions "toString", "__proto__"  actions "valueOf" = "toString" }
      role "__proto__" { can "valueOf" on "constructor" }
      rule "hasOwnProperty": allow "__proto__" on "constructor" to type "__proto__"
        if subject["constructor"] == "x" && resource.owner == subject
        obligate "__proto__"("constructor": 1)
    `
    expect(findInText(text, { alone: true })).toEqual([])
  })

  it.each([
    ['a second context', 'context { a: String }', ['duplicate-declaration at context']],
    ['an attribute twice', 'subject Bot { a: String  a: Number }', ['duplicate-declaration at a']],
    ['`trust store` twice', 'trust store\ntrust store', ['duplicate-declaration at trust store']],
    [
      'an action and a group of one name',
      'resource R { actions a  actions a = a }\nrule r: allow a on R',
      ['duplicate-declaration at a'],
    ],
    ['a second body', 'role editor { can share on Doc }', ['duplicate-declaration at editor']],
    [
      'a key twice',
      'rule r: allow read on Doc if resource.labels == { a: "x", a: "y" }',
      ['duplicate-declaration at a'],
    ],
    ['a type of the language', 'entity Set\nsubject Bot in Set', ['reserved-name at Set']],
    ['actions on what is no resource', 'subject Bot { actions go }', ['wrong-kind-of-type at go']],
    ['an unknown parent', 'subject Bot in Usr', ['unknown-type at Usr']],
    ['a missing argument of a role', 'assign exporter to User::"u"', ['wrong-arguments at exporter']],
    ['an argument of another type', 'assign exporter(limit: "3") to User::"u"', ['type-mismatch at "3"']],
    [
      'a root in an assignment',
      'assign exporter(limit: subject.level) to User::"u"',
      ['root-not-allowed at subject'],
    ],
    ['a text for `until`', 'assign editor to User::"u" until "2027"', ['type-mismatch at "2027"']],
    [
      'an assignment on a type without grants',
      'assign editor to User::"u" on any Tag',
      ['idle-assignment at any Tag'],
    ],
    [
      'an assignment above a role that is not inherited',
      'role only { can write on Doc }\nassign only to User::"u" on Folder::"f"',
      ['idle-assignment at Folder::"f"'],
    ],
    [
      'a group where a test names an action',
      'test "t" { subject User::"u" resource Doc::"d" deny edit }',
      ['group-as-action at edit'],
    ],
    [
      'an unknown attribute in a fixture',
      'test "t" { subject User::"u" { lvl: 3 } resource Doc::"d" allow read }',
      ['unknown-attribute at lvl'],
    ],
    [
      'a fixture of another type',
      'test "t" { subject User::"u" { level: "3" } resource Doc::"d" allow read }',
      ['type-mismatch at "3"'],
    ],
    [
      'a subject that is none',
      'test "t" { subject Team::"u" resource Doc::"d" allow read }',
      ['wrong-kind-of-type at Team'],
    ],
    [
      'a parent that cannot be',
      'test "t" { subject User::"u" in [Folder::"f"] resource Doc::"d" allow read }',
      ['type-mismatch at Folder::"f"'],
    ],
    [
      '`hasRole` without an entity in `when`',
      'role w when hasRole(viewer) { can read on Doc }',
      ['root-not-allowed at hasRole(viewer)'],
    ],
    ['extending a role with parameters', 'role big extends exporter', ['parameterised-role at exporter']],
    [
      'a scalar beside `has`',
      'rule r: allow read on Doc if resource.kind has x',
      ['type-mismatch at resource.kind'],
    ],
  ])('refuses %s', (_claim, text, expected) => {
    expect(findInText(text).map((line) => line.slice(0, line.indexOf(': ')))).toEqual(expected)
  })

  it('lets a fixture leave attributes out and be ill-typed', () => {
    const text = `
      test "t" {
        given { Doc::"d" in [Folder::"f"] { kind: illTyped }  assign exporter(limit: 3) to Team::"t" on Doc::"d" }
        subject User::"u" in [Team::"t"] { level: illTyped, teams: [Team::"t"] } roles [viewer, exporter(limit: 3) on Folder::"f"]
        resource Doc::"d" { labels: { a: "x" }, tags: [] }
        context { region: "eu" }
        now datetime("2026-01-01")
        allow export(rows: 2) by exporter.export.Doc
        deny write by default
      }
    `
    expect(findInText(text)).toEqual([])
  })
})

describe('limits', () => {
  /** A chain in which each value uses the one before. */
  function chain(length: number, write: (index: number) => string): string {
    return Array.from({ length }, (_, index) => write(index)).join('\n')
  }

  it.each([
    [
      '`let`',
      chain(20_000, (index) => `let l${index} = ${index === 0 ? 'true' : `l${index - 1}`}`),
      'l19999',
    ],
    [
      '`fn`',
      chain(5000, (index) => `fn f${index}(b: Bool) = ${index === 0 ? 'b' : `f${index - 1}(b)`}`),
      'f4999(true)',
    ],
  ])('refuse a chain of %s that would nest without end', (_claim, values, use) => {
    const found = findInText(`${values}\nrule r: allow read on Doc if ${use}`)
    expect(found.map((line) => line.split(' ')[0])).toEqual(['expansion-too-large'])
  })

  it('let calls in calls be looked at in time', () => {
    const nested = `${'id('.repeat(90)}resource.owner == subject${')'.repeat(90)}`
    expect(findInText(`fn id(b: Bool) = b\nrule r: allow read on Doc if ${nested}`)).toEqual([])
  })

  it('let a chain of 20,000 aliases be', () => {
    const aliases = chain(20_000, (index) => `type T${index} = ${index === 0 ? 'String' : `T${index - 1}`}`)
    expect(findInText(`${aliases}\nsubject Bot { name: T19999 }`)).toEqual([])
  })
})
