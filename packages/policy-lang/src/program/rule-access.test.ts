import { expect, it, suite } from 'vitest'
import { allRules, compileText } from '../testing/compile-text.ts'
import { buildRuleTable } from './build-rule-table.ts'
import { parseProgram } from './parse-program.ts'
import type { Code, Place, Program, ProgramRule } from './program.ts'
import { cellRules, constantsAt, findRule, ruleAt, ruleCount, ruleIdAt, shapeAt } from './rule-access.ts'
import { serializeProgram } from './serialize.ts'

const model = `
subject User in Team { name: String, level: Number, born: Datetime, "x-id": String, "x-no": String }
entity Team
resource Doc { owner: User, team: Team, tags: Set<String>, size: Number, open: Bool  actions read, write, list }
resource Box { owner: User  actions read }
context { ip?: Ip }
role viewer { can list on Doc }
role editor { can list on Doc }
role maker(limit: Number) { can write on Doc if resource.size < limit }
let LIMIT = 5
fn older(age: Duration) = context.now - age > datetime("1970-01-01")
`

function compileRules(...rules: readonly string[]): Program {
  const texts = rules.map((rule, index) => `rule r${index}: ${rule}`)
  return compileText(`${model}${texts.join('\n')}`)
}

function shapesOf(...rules: readonly string[]): number {
  const program = compileRules(...rules)
  return new Set(rules.map((_, index) => shapeAt(program, findRule(program, `r${index}`) ?? -1))).size
}

const reads = (condition: string): string => `allow read on Doc if ${condition}`

suite('shapeAt', () => {
  const shared: readonly (readonly [string, readonly string[]])[] = [
    ['strings', [reads('subject.name == "a"'), reads('subject.name == "toString"')]],
    ['numbers', [reads('subject.level > 1'), reads('subject.level > 2.5')]],
    ['durations', [reads('older(1d)'), reads('older(90s)')]],
    [
      'instants',
      [reads('subject.born > datetime("2000-01-01")'), reads('subject.born > datetime("2001-01-01")')],
    ],
    [
      'addresses',
      [
        reads('(context.ip ?? ip("::1")) in ip("10.0.0.0/8")'),
        reads('(context.ip ?? ip("::2")) in ip("1.2.3.4")'),
      ],
    ],
    ['entities', [reads('resource.owner == User::"a"'), reads('resource.owner == User::"b"')]],
    ['patterns', [reads('subject.name like "a*"'), reads('subject.name like "*b"')]],
    ['expressions', [reads('subject.name matches "a+"'), reads('subject.name matches "b"')]],
    ['members of a set', [reads('subject.name in ["a", "b"]'), reads('subject.name in ["c", "d"]')]],
    ['roles', ['allow read on Doc to viewer', 'allow read on Doc to editor']],
    [
      'members of WHO',
      ['allow read on Doc to Team::"a", User::"b"', 'allow read on Doc to Team::"c", User::"d"'],
    ],
    [
      'arguments of duties',
      [`${reads('true')} obligate log(a: "x")`, `${reads('true')} obligate log(a: "y")`],
    ],
    ['where they apply', ['allow read on Doc', 'allow * on Doc, Box']],
    ['words', [reads('subject.level > LIMIT'), reads('subject.level > 7')]],
  ]
  it.each(shared)('is one for rules that differ in %s', (_, rules) => {
    expect(shapesOf(...rules)).toBe(1)
  })

  const different: readonly (readonly [string, readonly string[]])[] = [
    ['effects', ['allow read on Doc', 'deny read on Doc']],
    ['when they run', ['allow read on Doc', 'after allow read on Doc']],
    ['operators', [reads('subject.level > 1'), reads('subject.level >= 1')]],
    ['attributes', [reads('subject.name == "a"'), reads('subject["x-id"] == "a"')]],
    ['names in brackets', [reads('subject["x-no"] == "a"'), reads('subject["x-id"] == "a"')]],
    ['truth values', [reads('resource.open == true'), reads('resource.open == false')]],
    ['time zones', [reads('context.now.dayOfWeek("UTC") == "mon"'), reads('context.now.dayOfWeek == "mon"')]],
    ['types of entities', [reads('resource.owner == User::"a"'), reads('resource.team == Team::"a"')]],
    ['types', ['allow read on Doc to User', 'allow read on Doc to anyone']],
    ['names of duties', [`${reads('true')} obligate log(a: "x")`, `${reads('true')} obligate note(a: "x")`]],
    ['kinds of duties', [`${reads('true')} obligate log(a: "x")`, `${reads('true')} advise log(a: "x")`]],
    ['roles with parameters', ['allow read on Doc to maker', 'allow read on Doc to viewer']],
    ['numbers of conditions', [reads('resource.open'), reads('resource.open && subject.level > 1')]],
  ]
  it.each(different)('tells rules apart that differ in %s', (_, rules) => {
    expect(shapesOf(...rules)).toBe(2)
  })

  it('names roles with parameters, and has slots for others', () => {
    const program = compileText(model)
    const grantsOf = ['maker.write.Doc', 'viewer.list.Doc', 'editor.list.Doc'].map((id) => {
      const rule = findRule(program, id) ?? -1
      return [shapeAt(program, rule).grantOf, constantsAt(program, rule)]
    })
    expect(grantsOf).toEqual([
      ['maker', []],
      [0, ['viewer']],
      [0, ['editor']],
    ])
  })
})

suite('constantsAt', () => {
  it('gives constants in the order in which they are written, by kind', () => {
    const program = compileRules(
      `allow read on Doc to User::"u" if subject.name == "n" && subject.level > 1.5 && older(90s) && (context.ip ?? ip("::1")) in ip("10.0.0.0/8")`,
    )
    const rule = findRule(program, 'r0') ?? -1
    expect(shapeAt(program, rule).constants.map(({ kind }) => kind)).toEqual([
      'entity',
      'string',
      'number',
      'duration',
      'datetime',
      'ip',
      'ip',
    ])
    expect(constantsAt(program, rule)).toEqual(['u', 'n', 1.5, 90_000, 0, '::1', '10.0.0.0/8'])
  })
})

suite('ruleAt', () => {
  const texts: readonly string[] = [
    'subject.name == "a"',
    'subject.name == "\\u200f \\"quoted\\""',
    'subject.level > 1.50',
    'subject.level > LIMIT',
    'subject.level > 1 || subject.level < 11',
    'older(1d)',
    'older(1440m)',
    'subject.born > datetime("2000-01-01")',
    'subject.born > datetime("2000-01-01T00:00:00Z")',
    'resource.owner == User::"1"',
    'subject.name in ["b", "a", "b"]',
    'subject.name like "a\\*\\"*"',
    'subject.name matches "\\d+"',
  ]
  it.each(texts)('tells %s as it was written', (text) => {
    const program = compileRules(reads(text), reads('subject.name == "another"'))
    expect(
      ruleAt(program, findRule(program, 'r0') ?? -1)
        .conditions.map((one) => one.text)
        .join(' || '),
    ).toContain(text)
  })

  it.each(['to User::"b", Team::"a"', 'to Team::"a", User::"a"', 'to role viewer, "User", User::"viewer"'])(
    'tells %s as it was written',
    (who) => {
      const program = compileRules(`allow read on Doc ${who}`)
      expect(ruleAt(program, findRule(program, 'r0') ?? -1).whoText).toBe(who.replace('"User"', 'User'))
    },
  )

  it('gives back every rule as it was put in', () => {
    const program = compileText(`${model}
      /// Why, and
      /// why not.
      rule a: deny read on Doc to Team::"t", viewer
        unless older(5m) || subject.name matches "x+"
        obligate log(level: "high", tags: ["a", "b"], at: context.now)
        advise note(to: User::"u")
      rule b: after allow * on Doc, Box if resource.owner == subject  rule c: allow read on *`)
    const rules = allRules(program)
    const cellsOf = (rule: number): readonly number[] =>
      program.cells.flatMap((_, cell) => (Array.from(cellRules(program, cell)).includes(rule) ? [cell] : []))
    const again = buildRuleTable(
      rules.map((rule, index) => ({ rule, cells: cellsOf(index) })),
      { roles: program.roles, cellCount: program.cells.length },
    )
    expect(again).toEqual(program.rules)
    expect(allRules({ ...program, rules: again })).toEqual(rules)
    expect(rules.map(({ doc }) => doc)).toContain('Why, and\nwhy not.')
    expect(parseProgram(serializeProgram(program))).toEqual(program)
  })

  it('keeps places before the rule, far from it and in other sources', () => {
    const at = (...place: Place): Code => ({ op: 'now', at: place })
    const base = {
      effect: 'allow',
      isAfter: false,
      who: [],
      whoText: '',
      obligations: [],
      advice: [],
    } as const
    const places: readonly Place[] = [
      [1, 4, 7],
      [0, 9, 2],
      [0, 10, 4],
      [0, 10, 6],
      [0, 11, 1],
      [0, 900, 1],
    ]
    const rule: ProgramRule = {
      ...base,
      id: 'a',
      conditions: places.map((place) => ({ code: at(...place), text: 'x', at: place })),
      at: [0, 10, 5],
    }
    const options = { roles: [], cellCount: 0 }
    const rules = buildRuleTable([{ rule, cells: [] }], options)
    expect(ruleAt({ ...compileText(''), rules }, 0)).toEqual(rule)
  })

  it('refuses an index without a rule', () => {
    const program = compileText(model)
    for (const index of [-1, ruleCount(program), 0.5]) {
      expect(() => ruleAt(program, index)).toThrow(RangeError)
      expect(() => ruleIdAt(program, index)).toThrow(RangeError)
    }
  })
})

suite('findRule', () => {
  it('finds each rule by its id, and nothing else', () => {
    const program = compileRules(...Array.from({ length: 20 }, () => 'allow read on Doc'))
    for (const [index, { id }] of allRules(program).entries()) expect(findRule(program, id)).toBe(index)
    for (const id of ['', 'r', 'r20', 'toString', '\uffff']) expect(findRule(program, id)).toBeUndefined()
  })
})

suite('cellRules', () => {
  it('unites rules of all targets that hold the cell, ascending', () => {
    const program = compileRules(
      'allow * on Doc',
      'allow read on Box',
      'allow read on *',
      'deny write on Doc',
    )
    const idsOf = (cell: number): string[] =>
      Array.from(cellRules(program, cell), (rule) => ruleIdAt(program, rule))
    expect(
      program.cells.map(({ action, resourceType }, cell) => [resourceType, action, ...idsOf(cell)]),
    ).toEqual([
      ['Box', 'read', 'r1', 'r2'],
      ['Doc', 'list', 'editor.list.Doc', 'r0', 'viewer.list.Doc'],
      ['Doc', 'read', 'r0', 'r2'],
      ['Doc', 'write', 'maker.write.Doc', 'r0', 'r3'],
    ])
  })
})
