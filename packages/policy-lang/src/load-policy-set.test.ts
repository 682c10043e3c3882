import { expect, it, suite } from 'vitest'
import type { SourceFile } from './diagnostics/span.ts'
import { loadEntityData } from './entities/load-entity-data.ts'
import { loadPolicySet } from './load-policy-set.ts'
import { loadProgram } from './load-program.ts'
import type { EntityData } from './model/entity-data.ts'
import type { DecisionRequest, JsonObject, RequestSubject } from './model/request.ts'
import type { PolicySet } from './policy-set.ts'
import { serializeProgram } from './program/serialize.ts'
import { runTests } from './testing/run-tests.ts'

const museum = `
/// People of the museum and its visitors.
subject Person in Crew {
  wing: String
  badge: Number
  mentor?: Person
}
subject Robot { stored certified: Bool }
entity Crew in Crew
type Access = "open" | "crew" | "sealed"

resource Hall in Hall { keeper: Person | Robot  actions enter, hang }
resource Exhibit in Hall {
  keeper: Person | Robot
  crew: Crew
  access: Access
  annex?: Hall
  tags: Map<String>
  actions view, restore, lend, scrap, print(paper: "a4" | "a3", copies: Number, pages?: Set<String>)
  actions handle = restore, lend
}
context { ip?: Ip, pass?: { rights: Set<String>, level?: String, issued?: Datetime } }
`

const roles = `
inherited role guest { can view on Exhibit  can enter on Hall }
inherited role restorer extends guest { can handle on Exhibit  can hang on Hall }
inherited role director extends restorer { can * on Exhibit, Hall }
role keeper
inherited role printer(most: Number) when context.now.time("Europe/Berlin") >= 8h {
  can print on Exhibit if action.copies <= most
}

role keeper of Exhibit, Hall if resource.keeper == subject
role crewmate of Exhibit if subject is Person && subject in resource.crew
role guest of Exhibit if resource has annex && hasRole(guest, resource.annex)

assign director to Person::"root"
assign printer(most: 100) to Crew::"staff" on Hall::"north" until datetime("2030-01-01")
assign guest to anyone on Hall::"lobby"
assign guest to restorer of Hall::"workshop" on Hall::"depot"
`

const rules = `
let HOUSE = ip("10.0.0.0/8")
fn fresh(age: Duration) = (context.pass?.issued ?? datetime("1970-01-01")) > context.now - age

rule keepersDoAll:  allow * on Exhibit, Hall to keeper
rule openView:      allow view on Exhibit if resource.access == "open"
rule crewView:      allow view on Exhibit to crewmate if resource.access != "sealed"
rule restorersPrint: allow print on Exhibit to restorer
                    unless (resource.tags["class"] ?? "") == "secret"
                    obligate stamp(text: subject.id)
/// Scrapping needs a fresh pass.
rule scrapNeedsPass: deny scrap on Exhibit unless fresh(5m)
                    advise stepUp(level: "high", maxAge: 5m)
rule viewRight:     deny view on Exhibit to Person
                    unless context.pass?.rights.contains("view") ?? false
                    advise missingRight(right: "view")
rule houseLend:     deny lend on Exhibit unless (context.ip ?? ip("0.0.0.0")) in HOUSE
rule auditScraps:   after allow scrap on Exhibit obligate audit(level: "high", by: subject.id)
`

const tests = `
test "a keeper scraps with a fresh pass, not without" {
  given { Hall::"h" { keeper: Person::"bob" }  assign guest to Person::"ann" on Hall::"h" }
  subject Person::"ann" { wing: "west", badge: 2 }
  resource Exhibit::"e1" in Hall::"h" { keeper: Person::"ann", crew: Crew::"c", access: "sealed", tags: {} }
  context { pass: { rights: ["view"], issued: datetime("2026-01-01T11:58:00Z") } }
  now datetime("2026-01-01T12:00:00Z")
  allow view by keepersDoAll, guest.view.Exhibit
  allow scrap with audit(level: "high", by: "ann")
  now datetime("2026-01-01T13:00:00Z")
  deny scrap by scrapNeedsPass advice stepUp(maxAge: 5m)
}
test "what is ill-typed fails closed" {
  subject Person::"ann" roles [restorer on Hall::"h"]
  resource Exhibit::"e1" in Hall::"h" { access: illTyped, tags: illTyped }
  deny print(paper: "a4", copies: 1) by default fails restorersPrint
  context { pass: { rights: ["view"] } }
  allow view by guest.view.Exhibit
}
invariant "nobody scraps without a fresh pass": never scrap on Exhibit if !fresh(5m)
`

const sources: readonly SourceFile[] = [
  { name: 'model.edict', text: museum },
  { name: 'roles.edict', text: roles },
  { name: 'rules.edict', text: rules },
  { name: 'museum.test.edict', text: tests },
]

const data: EntityData = {
  entities: [
    { type: 'Crew', id: 'staff' },
    { type: 'Crew', id: 'night', parents: [{ type: 'Crew', id: 'staff' }] },
    {
      type: 'Person',
      id: 'eve',
      properties: { wing: 'east', badge: 1 },
      parents: [{ type: 'Crew', id: 'night' }],
    },
    { type: 'Robot', id: 'r2', properties: { certified: true } },
    { type: 'Hall', id: 'north', properties: { keeper: { type: 'Person', id: 'max' } } },
    { type: 'Hall', id: 'workshop', properties: { keeper: { type: 'Person', id: 'max' } } },
    { type: 'Hall', id: 'depot', properties: { keeper: { type: 'Robot', id: 'r2' } } },
  ],
  assignments: [
    { role: 'restorer', to: { type: 'Person', id: 'kim' }, on: { type: 'Hall', id: 'workshop' } },
  ],
}

const NOON = Date.UTC(2026, 0, 1, 12)
const rights = { pass: { rights: ['view'] } }

function load(files: readonly SourceFile[] = sources): PolicySet {
  const { policySet, diagnostics } = loadPolicySet(files)
  expect(diagnostics).toEqual([])
  if (policySet === undefined) throw new Error('no policy set')
  return policySet
}

interface Question {
  readonly subject?: RequestSubject
  readonly action: string
  readonly arguments?: JsonObject
  readonly exhibit?: JsonObject
  readonly hall?: string
  readonly context?: JsonObject
  readonly now?: number
}

function toRequest(question: Question): DecisionRequest {
  const { subject = { type: 'Person', id: 'eve' }, hall } = question
  const properties = { keeper: { type: 'Person', id: 'max' }, crew: 'night', access: 'crew', tags: {} }
  return {
    subject,
    action: { name: question.action, ...(question.arguments && { properties: question.arguments }) },
    resource: {
      type: 'Exhibit',
      id: 'e1',
      properties: { ...properties, ...question.exhibit },
      parents: hall === undefined ? [] : [{ type: 'Hall', id: hall }],
    },
    ...(question.context && { context: question.context }),
  }
}

interface ShortAnswer {
  readonly decision: 'allow' | 'deny'
  readonly by: readonly string[]
  readonly obligations?: readonly unknown[]
  readonly advice?: readonly unknown[]
  readonly fails?: readonly string[]
}

function ask(policySet: PolicySet, question: Question): ShortAnswer {
  const { store } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
  const answer = policySet.decide(toRequest(question), {
    ...(store && { entities: store }),
    now: () => question.now ?? NOON,
    detail: 'full',
  })
  return {
    decision: answer.decision,
    by: answer.reasons.map((reason) => ('rule' in reason ? reason.rule : reason.builtin)),
    ...(answer.obligations.length > 0 && { obligations: answer.obligations }),
    ...(answer.advice.length > 0 && { advice: answer.advice }),
    ...(answer.errors.length > 0 && { fails: answer.errors.map(({ rule }) => rule) }),
  }
}

const print = (copies: number): Pick<Question, 'action' | 'arguments'> => ({
  action: 'print',
  arguments: { paper: 'a4', copies },
})
const person = (id: string): RequestSubject => ({ type: 'Person', id })

suite('loadPolicySet', () => {
  const cases: readonly (readonly [string, Question, ShortAnswer])[] = [
    [
      'allows what an attribute opens',
      { action: 'view', exhibit: { access: 'open' }, context: rights, subject: person('zoe') },
      { decision: 'allow', by: ['openView'] },
    ],
    [
      'allows by a role that follows from a group, however deep',
      { action: 'view', context: rights },
      { decision: 'allow', by: ['crewView'] },
    ],
    [
      'denies over every allow, with advice',
      { action: 'view', exhibit: { access: 'open' } },
      {
        decision: 'deny',
        by: ['viewRight'],
        advice: [{ name: 'missingRight', args: { right: 'view' } }],
      },
    ],
    ['denies by default', { action: 'restore', context: rights }, { decision: 'deny', by: ['default'] }],
    [
      'allows by an assignment in policy with a parameter, on a hall above',
      { ...print(100), hall: 'north' },
      { decision: 'allow', by: ['printer.print.Exhibit'] },
    ],
    [
      'denies beyond the parameter of an assignment',
      { ...print(101), hall: 'north' },
      { decision: 'deny', by: ['default'] },
    ],
    [
      'denies while the condition of a role with parameters is false',
      { ...print(1), hall: 'north', now: Date.UTC(2026, 0, 1, 3) },
      { decision: 'deny', by: ['default'] },
    ],
    [
      'denies after an assignment in policy has run out',
      { ...print(1), hall: 'north', now: Date.UTC(2030, 0, 1, 12) },
      { decision: 'deny', by: ['default'] },
    ],
    [
      'allows by an assignment in data, through roles that extend each other, with an obligation',
      { ...print(1), subject: person('kim'), hall: 'workshop' },
      { decision: 'allow', by: ['restorersPrint'], obligations: [{ name: 'stamp', args: { text: 'kim' } }] },
    ],
    [
      'denies where the tag of an exhibit says so',
      { ...print(1), subject: person('kim'), hall: 'workshop', exhibit: { tags: { class: 'secret' } } },
      { decision: 'deny', by: ['default'] },
    ],
    [
      'allows who holds a role elsewhere',
      { action: 'view', subject: person('kim'), hall: 'depot', context: rights },
      { decision: 'allow', by: ['guest.view.Exhibit'] },
    ],
    [
      'allows by a role on what an attribute refers to',
      { action: 'view', subject: person('zoe'), exhibit: { annex: 'lobby' }, context: rights },
      { decision: 'allow', by: ['guest.view.Exhibit'] },
    ],
    [
      'allows by a role that the request brings',
      { action: 'restore', subject: { ...person('zoe'), roles: ['restorer'] } },
      { decision: 'allow', by: ['restorer.handle.Exhibit'] },
    ],
    [
      'denies an action from outside the house to everyone',
      { action: 'lend', subject: person('root'), context: { ip: '192.168.1.1' } },
      { decision: 'deny', by: ['houseLend'] },
    ],
    [
      'allows it from inside',
      { action: 'lend', subject: person('root'), context: { ip: '::ffff:10.1.2.3' } },
      { decision: 'allow', by: ['director.*.Exhibit,Hall', 'restorer.handle.Exhibit'] },
    ],
    [
      'applies a deny that cannot be evaluated',
      { action: 'lend', subject: person('root'), context: { ip: 'nowhere' } },
      { decision: 'deny', by: ['houseLend'], fails: ['houseLend'] },
    ],
    [
      'does not apply an allow that cannot be evaluated',
      { action: 'view', subject: person('zoe'), exhibit: { access: 7 }, context: rights },
      { decision: 'deny', by: ['default'], fails: ['crewView', 'openView'] },
    ],
    [
      'adds obligations after the decision',
      {
        action: 'scrap',
        subject: person('max'),
        context: { pass: { rights: [], issued: '2026-01-01T11:56:00Z' } },
      },
      {
        decision: 'allow',
        by: ['keepersDoAll'],
        obligations: [{ name: 'audit', args: { by: 'max', level: 'high' } }],
      },
    ],
    [
      'gives durations of advice in seconds',
      { action: 'scrap', subject: person('max') },
      {
        decision: 'deny',
        by: ['scrapNeedsPass'],
        advice: [{ name: 'stepUp', args: { level: 'high', maxAge: 300 } }],
      },
    ],
    ['denies unknown actions', { action: 'toString' }, { decision: 'deny', by: ['unknownAction'] }],
    ['denies groups of actions', { action: 'handle' }, { decision: 'deny', by: ['unknownAction'] }],
    [
      'denies unknown types',
      { action: 'view', subject: { type: '__proto__', id: 'x' } },
      { decision: 'deny', by: ['unknownType'] },
    ],
  ]

  it.each(cases)('gives a policy set that %s', (_, question, expected) => {
    expect(ask(load(), question)).toEqual(expected)
  })

  it('gives the same answers from the stored Program', () => {
    const policySet = load()
    const stored = loadProgram(serializeProgram(policySet.program))
    expect(stored.version).toBe(policySet.version)
    for (const [, question, expected] of cases) expect(ask(stored, question)).toEqual(expected)
  })

  it('gives the same answers and version for any order and division of sources', () => {
    const whole = load([
      {
        name: 'z',
        text: sources
          .map(({ text }) => text)
          .reverse()
          .join('\n'),
      },
    ])
    expect(whole.version).toBe(load().version)
    for (const [, question, expected] of cases) expect(ask(whole, question)).toEqual(expected)
  })

  it('compiles the tests of the sources', () => {
    const report = runTests(load())
    expect(report.tests.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual([])
    expect(report.passed).toBe(2)
  })

  it('explains a denial by the nearest misses', () => {
    const { nearestMisses, decision } = load().explain(
      toRequest({ action: 'view', subject: person('zoe'), context: rights }),
      { now: () => NOON },
    )
    expect(decision).toBe('deny')
    expect(nearestMisses.map(({ rule }) => rule)).toContain('openView')
    const openView = nearestMisses.find(({ rule }) => rule === 'openView')
    expect(openView?.first).toMatchObject({
      text: 'resource.access == "open"',
      result: 'false',
      location: { file: 'rules.edict' },
      values: [{ expression: 'resource.access', state: 'value', value: 'crew' }],
    })
  })

  const broken: readonly (readonly [string, readonly SourceFile[], readonly string[]])[] = [
    [
      'errors of syntax alone, while there are some',
      [{ name: 'a', text: 'rule r: allow on' }],
      ['unexpected-token'],
    ],
    [
      'errors of the checker',
      [{ name: 'a', text: `${museum}\nrule r: allow view on Painting` }],
      ['unknown-type'],
    ],
    [
      'two sources of one name',
      [
        { name: 'a', text: museum },
        { name: 'a', text: '' },
      ],
      ['duplicate-source'],
    ],
    [
      'constants that are none, or out of range',
      [
        ...sources,
        {
          name: 'more',
          text: 'assign guest to anyone until true ? datetime("2026-01-01") : datetime("2027-01-01")',
        },
        {
          name: 'more.test.edict',
          text: `test "late" {
            subject Person::"p" { wing: "w", badge: 9007199254740991 + 1 }
            resource Hall::"h"
            now datetime("9999-12-31") + 2d
            deny enter
          }`,
        },
      ],
      ['not-constant', 'not-constant', 'not-constant'],
    ],
    [
      'an entity that stands twice in one `given` with different content',
      [
        ...sources,
        {
          name: 'more.test.edict',
          text: `test "twice" {
            given {
              Person::"p" { wing: "w", badge: 1 }
              Person::"p" { badge: 1, wing: "w" }
              Person::"p" { wing: "w", badge: 2 }
            }
            subject Person::"p"
            resource Hall::"h"
            deny enter
          }`,
        },
      ],
      ['duplicate-clause'],
    ],
  ]
  it.each(broken)('reports %s, and gives no policy set', (_, files, codes) => {
    const { policySet, diagnostics } = loadPolicySet(files)
    expect(policySet).toBeUndefined()
    expect(diagnostics.map(({ code }) => code)).toEqual(codes)
    expect(diagnostics.every(({ severity }) => severity === 'error')).toBe(true)
  })

  it('decides what stands behind a test that is always true, since that test may fail', () => {
    const model = 'subject Person { boss: Person }\nresource Note { actions read }'
    const ask = (rule: string) =>
      loadPolicySet([{ name: 'a.edict', text: `${model}\nrule r: ${rule}` }]).policySet?.decide({
        subject: { type: 'Person', id: 'mia', properties: { boss: 'unknown' } },
        action: { name: 'read' },
        resource: { type: 'Note', id: 'n1' },
      })
    const always = 'subject.boss.boss is Person'
    expect(ask(`allow read on Note if ${always} || subject.id.lower == "mia"`)).toMatchObject({
      decision: 'allow',
    })
    expect(ask(`deny read on Note unless ${always} if subject.id.lower == "noah"`)?.reasons).toEqual([
      { builtin: 'default' },
    ])
    expect(ask(`deny read on Note unless ${always} advise ask(whom: subject.id.lower)`)?.advice).toEqual([
      { name: 'ask', args: { whom: 'mia' } },
    ])
  })

  it('keeps warnings beside the policy set', () => {
    const { policySet, diagnostics } = loadPolicySet([...sources, { name: 'more', text: 'let UNUSED = 1' }])
    expect(policySet).toBeDefined()
    expect(diagnostics).toMatchObject([{ code: 'unused-declaration', severity: 'warning' }])
  })

  it('knows the values that only the roles of a test use', () => {
    const text = `
      subject Person
      resource Note { actions erase(count: Number) }
      let MOST = 5
      role sorter(most: Number) { can erase on Note if action.count <= most }
      test "as many as agreed" {
        subject Person::"sol" roles [sorter(most: MOST)]
        resource Note::"n1"
        allow erase(count: 5)
      }
    `
    expect(loadPolicySet([{ name: 'notes.edict', text }]).diagnostics).toEqual([])
  })

  it('gives a policy set that cannot be changed', () => {
    expect(Object.isFrozen(load())).toBe(true)
  })
})
