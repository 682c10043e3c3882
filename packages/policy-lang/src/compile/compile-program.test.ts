import { expect, it, suite } from 'vitest'
import type { Program, ProgramRule } from '../program/program.ts'
import { cellRules, ruleCount } from '../program/rule-access.ts'
import { serializeProgram } from '../program/serialize.ts'
import { allRules, compileSources, compileText } from '../testing/compile-text.ts'

const model = `
/// A person.
subject User in Team { name: String }
entity Team
resource Doc in Box { owner: User  actions read, write  actions edit = read, write }
resource Box { actions read, open }
`

function ruleIds(text: string): readonly string[] {
  return allRules(compileText(`${model}\n${text}`)).map(({ id }) => id)
}

function rulesOf(text: string): readonly ProgramRule[] {
  return allRules(compileText(text))
}

suite('compileProgram', () => {
  it('makes a cell for every declared pair, with the rules that apply', () => {
    const program = compileText(`${model}
      rule z: allow read on *
      rule a: deny edit on Doc`)
    expect(allRules(program).map(({ id }) => id)).toEqual(['a', 'z'])
    const cells = program.cells.map(({ resourceType, action }, cell) => {
      return [resourceType, action, [...Array.from(cellRules(program, cell))]]
    })
    expect(cells).toEqual([
      ['Box', 'open', []],
      ['Box', 'read', [1]],
      ['Doc', 'read', [0, 1]],
      ['Doc', 'write', [0]],
    ])
  })

  it('names grants after role, actions and types, each sorted', () => {
    expect(
      ruleIds('role r { can write, read on Doc  can * on Doc, Box  can "edit" on Doc  can read on * }'),
    ).toEqual(['r.*.Box,Doc', 'r.edit.Doc', 'r.read,write.Doc', 'r.read.*'])
  })

  it('numbers grants alike in the order of their printed form, not of the text', () => {
    const grants = [
      'can read on Doc if subject.name == "b"',
      'can read on Doc if subject.name == "a"',
      'can read on Doc',
    ]
    const idsByText = (text: string) =>
      allRules(compileText(`${model}\n${text}`)).map(({ id, conditions }) => [id, conditions[0]?.text])
    const expected = [
      ['r.read.Doc', undefined],
      ['r.read.Doc#2', 'subject.name == "a"'],
      ['r.read.Doc#3', 'subject.name == "b"'],
    ]
    expect(idsByText(`role r { ${grants.join('\n')} }`)).toEqual(expected)
    expect(idsByText(`role r { ${grants.toReversed().join('\n')} }`)).toEqual(expected)
  })

  it('makes grants rules of their role', () => {
    const rules = rulesOf(`${model}
      role "my role"(limit: Number) {
        /// Why.
        can read on Doc if limit > 1 && resource.owner == subject obligate log(n: limit)
      }`)
    expect(rules).toMatchObject([
      {
        id: 'my role.read.Doc',
        effect: 'allow',
        isAfter: false,
        grantOf: 'my role',
        who: [{ kind: 'role', role: 'my role' }],
        whoText: 'role "my role"',
        conditions: [{ text: 'limit > 1' }, { text: 'resource.owner == subject' }],
        obligations: [{ name: 'log', args: [{ name: 'n', code: { op: 'roleParameter', name: 'limit' } }] }],
        advice: [],
        doc: 'Why.',
      },
    ])
  })

  it('keeps who as resolved and as written', () => {
    const rules = rulesOf(`${model}
      role viewer { can read on Doc }
      rule r: deny read on Doc to viewer, User::"a\\"b", Team::"t", type User, role viewer, anyone`)
    expect(rules[0]).toMatchObject({
      id: 'r',
      whoText: 'to viewer, User::"a\\"b", Team::"t", type User, role viewer, anyone',
      who: [
        { kind: 'entity', type: 'Team', id: 't' },
        { kind: 'entity', type: 'User', id: 'a"b' },
        { kind: 'role', role: 'viewer' },
        { kind: 'type', type: 'User' },
        { kind: 'anyone' },
      ],
    })
  })

  it('writes assignments as data', () => {
    const { assignments } = compileText(`${model}
      role viewer { can read on Doc }
      role timed(age: Duration, from: Datetime, nets: Set<Ip>, who: User) { can write on Doc if age > 0s && from < context.now && !nets.isEmpty && who == subject }
      let START = datetime("2026-01-01")
      assign viewer to anyone
      assign viewer to any User on any Doc until START
      assign viewer to viewer of Doc::"d" on Doc::"b"
      assign timed(age: -90s, from: START, nets: [ip("10.0.0.0/8")], who: User::"u") to Team::"t" on Doc::"b"`)
    expect(assignments.map(({ at: _, ...record }) => record)).toEqual([
      { role: 'viewer', to: { type: 'User' }, on: { type: 'Doc' }, expires: '2026-01-01T00:00:00Z' },
      { role: 'viewer', to: '*', on: '*' },
      {
        role: 'timed',
        to: { type: 'Team', id: 't' },
        on: { type: 'Doc', id: 'b' },
        with: {
          age: '-90s',
          from: '2026-01-01T00:00:00Z',
          nets: ['10.0.0.0/8'],
          who: { type: 'User', id: 'u' },
        },
      },
      {
        role: 'viewer',
        to: { role: 'viewer', on: { type: 'Doc', id: 'd' } },
        on: { type: 'Doc', id: 'b' },
      },
    ])
  })

  it('counts places into the sources that hold policy', () => {
    const program = compileSources([
      { name: 'z.test.edict', text: 'invariant "i": never write on Doc' },
      { name: 'b.edict', text: 'rule r: allow read on Doc\r\n  rule s: allow write on Doc' },
      { name: 'a.edict', text: model },
      { name: 'empty.edict', text: '// nothing' },
    ])
    expect(program.sources).toEqual(['a.edict', 'b.edict'])
    expect(allRules(program).map(({ at }) => at)).toEqual([
      [1, 1, 1],
      [1, 2, 3],
    ])
  })

  it('gives an empty set a program without rules', () => {
    const program = compileText('')
    expect(program).toMatchObject({ sources: [], cells: [], roles: [] })
    expect(ruleCount(program)).toBe(0)
  })

  const base = `${model}
    role viewer extends base { can read on Doc  can read on Box if subject.name == "x" }
    role base { can open on Box }
    role base of Doc if resource.owner == subject
    role base of Box if subject.name == "y"
    assign viewer to User::"a"
    assign base to Team::"t"
    rule a: allow read on Doc
    rule b: deny write on Doc if subject.name == "z"`

  it('is the same text for any order of declarations', () => {
    const declarations = base.split(/\n(?=\s*(?:\/\/\/|subject|entity|resource|role|assign|rule))/)
    const shuffled = declarations.toReversed().join('\n')
    const withoutPlaces = (program: Program): string =>
      serializeProgram(program)
        .replaceAll(/"at":\[\d+,\d+,\d+\]/g, '"at":0')
        .replaceAll(/"(line|column)":\[[\d,]*\]/g, '"$1":[]')
    // The doc comment stays with its declaration only by chance of the split: the types come without it.
    const plain = (text: string) => withoutPlaces(compileText(text.replace('/// A person.', '')))
    expect(plain(shuffled.replace('/// A person.', ''))).toBe(plain(base))
  })

  it('grows in step with the policy', () => {
    const count = 3000
    const many = Array.from(
      { length: count },
      (_, i) => `rule r${i}: allow read on Doc if subject.name == "${i}"`,
    )
    const program = compileText(`${model}\n${many.join('\n')}`)
    expect(ruleCount(program)).toBe(count)
    expect(serializeProgram(program).length / count).toBeLessThan(60)
  })
})

suite('policyVersion', () => {
  const text = `${model}
    role viewer { can write on Doc  can read on Doc }
    rule a: allow read on Doc to viewer if subject.name == "x" && resource.owner == subject`
  const version = (changed: string): string => compileText(changed).policyVersion

  it('is a SHA-256 in lower-case hex', () => {
    expect(version(text)).toMatch(/^[0-9a-f]{64}$/)
  })

  const same: readonly (readonly [string, string])[] = [
    ['comments', `// hello\n${text} // end`],
    ['doc comments', text.replace('/// A person.', '/// Somebody else.')],
    ['layout', text.replaceAll('\n', '\n\n   ').replaceAll('  ', '\n')],
    [
      'tests and invariants',
      `${text}\ninvariant "i": never write on Doc\n test "t" { subject User::"u" {} resource Doc::"d" {} deny read }`,
    ],
    [
      'the order of grants',
      text.replace('can write on Doc  can read on Doc', 'can read on Doc  can write on Doc'),
    ],
    ['names in quotes', text.replace('subject User', 'subject "User"')],
  ]
  it.each(same)('stays for other %s', (_, changed) => {
    expect(version(changed)).toBe(version(text))
  })

  it('stays for other files in another order', () => {
    const [first, second] = [text.slice(0, text.indexOf('rule a')), text.slice(text.indexOf('rule a'))]
    const split = compileSources([
      { name: 'x', text: second },
      { name: 'y', text: first },
    ])
    expect(split.policyVersion).toBe(version(text))
  })

  const other: readonly (readonly [string, string])[] = [
    ['effect', text.replace('allow read', 'deny read')],
    ['rule name', text.replace('rule a', 'rule b')],
    ['literal', text.replace('"x"', '"y"')],
    ['declaration', `${text}\nentity Other`],
  ]
  it.each(other)('changes with the %s', (_, changed) => {
    expect(version(changed)).not.toBe(version(text))
  })
})
