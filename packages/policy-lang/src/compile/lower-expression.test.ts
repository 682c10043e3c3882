import { expect, it, suite } from 'vitest'
import { childrenOf } from '../program/code-children.ts'
import { describeCode } from '../program/describe.ts'
import type { Code, ProgramCondition } from '../program/program.ts'
import { allRules, compileText } from '../testing/compile-text.ts'

const model = `
subject User in Team { name: String, boss?: User, teams: Set<Team>, "x-id"?: String }
subject Bot { name: String }
entity Team in Team
resource Folder in Folder { owner: User, actions read, write, list  actions edit = write, read }
resource Doc in Folder {
  owner: User, tags: Set<String>, labels: Map<String>, size: Number, folder?: Folder, open: Bool
  actions read, write, export(rows: Number, to?: Ip)
  actions edit = write
}
context { ip?: Ip, token?: { acr?: String, scopes: Set<String> }, "x-y"?: String }
role viewer { can read on Doc, Folder }
role maker(limit: Number) { can export on Doc if action.rows <= limit && !(limit < 0) }
let HOUSE = ip("10.0.0.0/8")
let IS_OWNER = resource.owner == subject
let SIMPLE = resource.open && resource.size > 1
fn older(age: Duration, since?: Datetime) = context.now - age > (since ?? datetime("1970-01-01"))
fn both(a: Bool, b: Bool) = a && b
fn nothing(unused: Bool) = true
fn tagged(tag: String) = some t in resource.tags: t == tag
fn not(b: Bool) = !b
`

function compileClauses(clauses: string, reach = 'export on Doc', more = ''): readonly ProgramCondition[] {
  const program = compileText(`${model}\n${more}\nrule r: allow ${reach} ${clauses}`)
  return allRules(program).find(({ id }) => id === 'r')?.conditions ?? []
}

/** One conjunct a line: the text the author wrote, and what it became. */
function checkLowering(clauses: string, ...expected: readonly string[]): void {
  expect(compileClauses(clauses).map(({ code }) => describeCode(code))).toEqual(expected)
}

suite('lowerExpression', () => {
  const cases: readonly (readonly [string, string, ...string[]])[] = [
    [
      'inlines a let',
      'if (context.ip ?? ip("::1")) in HOUSE',
      '(context.ip ?? ip("::1")) in ip("10.0.0.0/8")',
    ],
    ['inlines a let with roots', 'if IS_OWNER', 'resource.owner == subject'],
    [
      'substitutes arguments',
      'if older(5m, datetime("2026-01-01"))',
      'context.now - 5m > (datetime("2026-01-01T00:00:00Z") ?? datetime("1970-01-01T00:00:00Z"))',
    ],
    [
      'makes a missing optional last argument absent',
      'if older(5m)',
      'context.now - 5m > (absent ?? datetime("1970-01-01T00:00:00Z"))',
    ],
    ['forgets an argument that is not used', 'if nothing(subject.name == "x")', 'true'],
    [
      'makes nested chains one',
      'if (IS_OWNER || both(SIMPLE, IS_OWNER))',
      'resource.owner == subject || resource.open && resource.size > 1 && resource.owner == subject',
    ],
    [
      'reads context, action and their presence',
      'if action has to && context has ip',
      'action has to',
      'context has ip',
    ],
    ['knows that the clock and the name are there', 'if context has now', 'true'],
    ['reads the name of the action', 'if action.name == "export"', 'action.name == "export"'],
    ['reads parameters of the action', 'if action.rows > -5', 'action.rows > -5'],
    ['keeps optional chains', 'if (context.token?.acr ?? "") == "x"', '(context.token?.acr ?? "") == "x"'],
    [
      'reads members of roots by string',
      'if (context["x-y"] ?? subject.name) == subject.name',
      '(context["x-y"] ?? subject.name) == subject.name',
    ],
    ['reads entries of maps', 'if (resource.labels["a"] ?? "") == ""', '(resource.labels["a"] ?? "") == ""'],
    [
      'tells methods from attributes',
      'if resource.tags.size < resource.size',
      'resource.tags.size < resource.size',
    ],
    ['keeps patterns raw', 'if subject.name like "a\\*\\"*"', 'subject.name like "a\\*\\"*"'],
    ['lowers quantifiers', 'if tagged("x")', 'some t in resource.tags: t == "x"'],
    [
      'gives each quantifier of a condition a variable of its own',
      'if (tagged("x") || tagged("y"))',
      '(some t in resource.tags: t == "x") || (some t_2 in resource.tags: t_2 == "y")',
    ],
    [
      'substitutes hygienically: a variable of the caller is not captured',
      'if some t in subject.teams: (t == Team::"a" && subject is User)',
      'some t in subject.teams: t == Team::"a" && subject is User',
    ],
    ['negates an unless', 'unless IS_OWNER', '!(resource.owner == subject)'],
    [
      'splits an unless of ||',
      'unless resource.open || resource.size > 1',
      '!resource.open',
      '!(resource.size > 1)',
    ],
    [
      'keeps an unless of && whole',
      'unless resource.open && resource.size > 1',
      '!(resource.open && resource.size > 1)',
    ],
  ]
  for (const [name, clauses, ...expected] of cases) {
    it(name, () => {
      checkLowering(clauses.includes('subject.teams') ? `to User ${clauses}` : clauses, ...expected)
    })
  }

  it('keeps the text and place of every conjunct as written', () => {
    const conditions = compileClauses(
      '\nif IS_OWNER\n  && (resource.open && resource.size > 1)\nunless tagged("x") || tagged("y")',
    )
    expect(conditions.map(({ text }) => text)).toEqual([
      'IS_OWNER',
      'resource.open',
      'resource.size > 1',
      'unless tagged("x")',
      'unless tagged("y")',
    ])
    const [, firstLine, firstColumn] = conditions[0]?.at ?? [0, 0, 0]
    expect(conditions.map(({ at: [, line, column] }) => [line - firstLine, column])).toEqual([
      [0, firstColumn],
      [1, 7],
      [1, 24],
      [2, 8],
      [2, 23],
    ])
  })

  it('expands groups of actions', () => {
    expect(compileClauses('if action in edit', '* on Doc')[0]?.code).toEqual({
      op: 'actionIn',
      actions: ['write'],
    })
    expect(compileClauses('if action != read', '* on Doc')[0]?.code).toEqual({
      op: 'not',
      operand: { op: 'actionIn', actions: ['read'] },
    })
  })

  it('asks for the type where a group means other actions on each', () => {
    const [condition] = compileClauses('if action in edit', 'read, write on Doc, Folder')
    expect(condition && describeCode(condition.code)).toBe(
      'resource is Doc && action == write || resource is Folder && action in [read, write]',
    )
    const [same] = compileClauses('if action in edit', 'write on Doc, Folder')
    expect(same && describeCode(same.code)).toBe('action == write')
  })
})

suite('isNegative', () => {
  const positive = [
    'hasRole(viewer)',
    'resource.open && (resource.size > 1 || hasRole(viewer))',
    'some t in resource.tags: hasRole(viewer)',
    'resource.open ? hasRole(viewer) : false',
    'both(true, hasRole(viewer))',
    'HOLDS',
  ]
  const negative = [
    '!hasRole(viewer)',
    '!!hasRole(viewer)',
    'hasRole(viewer) == true',
    'hasRole(viewer) ? resource.open : true',
    'not(hasRole(viewer))',
    '!HOLDS',
    '!(resource.open && hasRole(viewer))',
  ]
  const testsOf = (code: Code): readonly boolean[] =>
    code.op === 'hasRole' ? [code.isNegative] : childrenOf(code).flatMap(testsOf)

  const check = (condition: string, isNegative: boolean): void => {
    const role = `role other of Doc if ${condition}\nlet HOLDS = hasRole(viewer)\nrole other { can write on Doc }`
    const program = compileText(`${model}\n${role}`)
    const code = program.roles.find(({ name }) => name === 'other')?.conditions[0]?.condition.code
    expect(code && testsOf(code)).toEqual([isNegative])
  }
  it.each(positive)('is false in %s', (condition) => {
    check(condition, false)
  })
  it.each(negative)('is true in %s', (condition) => {
    check(condition, true)
  })

  it('is true below unless', () => {
    const [condition] = compileClauses('unless hasRole(viewer)', '* on Doc')
    expect(condition && testsOf(condition.code)).toEqual([true])
  })
})
