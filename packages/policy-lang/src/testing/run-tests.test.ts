import { expect, it, suite } from 'vitest'
import { loadPolicySet } from '../load-policy-set.ts'
import { runTests } from './run-tests.ts'
import type { TestReport } from './test-report.ts'

const policy = `
subject Person in Crew { age: Number, nick?: String }
entity Crew
resource Note in Shelf { author: Person, tags: Set<String>, due?: Datetime, "__proto__"?: String  actions read, erase(count: Number) }
resource Shelf { actions open }
context { wait?: Duration, ip?: Ip }
role reader { can read on Note }
role sorter(most: Number) { can erase on Note if action.count <= most }
rule authors: allow * on Note if resource.author == subject obligate log(after: 90s, tags: resource.tags)
rule late: deny read on Note if resource has due && resource.due < context.now advise hint(text: "late")
rule patient: allow open on Shelf if (context.wait ?? 0s) == 90s && (context.ip ?? ip("::1")) in ip("10.0.0.0/8")
`

function run(body: string): TestReport {
  const { policySet, diagnostics } = loadPolicySet([
    { name: 'notes.edict', text: policy },
    { name: 'notes.test.edict', text: `test "t" {\n${body}\n}` },
  ])
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  if (policySet === undefined) throw new Error('no policy set')
  return runTests(policySet)
}

function checkPasses(body: string): void {
  const report = run(body)
  expect(report.tests.flatMap(({ failures }) => failures)).toEqual([])
  expect(report).toMatchObject({ passed: 1, failed: 0 })
}

function checkFails(body: string, ...messages: readonly string[]): TestReport {
  const report = run(body)
  expect(report.tests.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual(messages)
  expect(report).toMatchObject({ passed: 0, failed: 1 })
  return report
}

const ann = 'subject Person::"ann" { age: 3 }'
const hers = 'resource Note::"n" in [] { author: Person::"ann", tags: ["b", "a"] }'
const bobs = 'resource Note::"n" in [] { author: Person::"bob", tags: [] }'

suite('runTests', () => {
  const passing: readonly (readonly [string, string])[] = [
    ['holds a decision', `${ann} ${hers} allow read`],
    ['holds deciding rules', `${ann} ${bobs} deny read by default`],
    ['holds several actions of one line', `${ann} ${hers} allow read, erase(count: 1) by authors`],
    [
      'compares obligations by the arguments named, durations and sets alike',
      `${ann} ${hers} allow read with log(after: 90s), log(tags: ["a", "b", "a"]), log()`,
    ],
    [
      'sends an ill-typed argument of an action',
      `subject Person::"sol" { age: 3 } roles [sorter(most: 5)] ${bobs}
       allow erase(count: 1) deny erase(count: illTyped) fails "sorter.erase.Note"`,
    ],
    [
      'sets the clock',
      `${ann} resource Note::"n" in [] { author: Person::"ann", tags: [], due: datetime("2026-01-02") }
       now datetime("2026-01-02") allow read
       now datetime("2026-01-02T00:00:00.001Z") deny read by late advice hint(text: "late")`,
    ],
    [
      'lets every line take effect from where it stands',
      `${ann} ${bobs} deny read
       subject Person::"bob" { age: 1 } allow read
       resource Note::"n" { author: Person::"ann", tags: [] } deny read`,
    ],
    [
      'replaces the context as a whole',
      `${ann} resource Shelf::"s" {}
       context { wait: 90s } deny open
       context { ip: ip("10.0.0.1") } deny open
       context { wait: 1m30s, ip: ip("10.0.0.1") } allow open by patient`,
    ],
    [
      'reads stored entities and assignments from given',
      `given { Person::"ann" in [Crew::"c"] { age: 1 }  assign reader to Crew::"c" on any Note }
       subject Person::"ann" ${bobs} allow read by reader.read.Note`,
    ],
    [
      'takes the later of two entities alike in given',
      `given { Note::"n" { author: Person::"bob", tags: [] } }
       given { Note::"n" { author: Person::"ann", tags: [] } }
       ${ann} resource Note::"n" allow read`,
    ],
    [
      'sends roles with the subject',
      `${ann} roles [reader, sorter(most: 2) on Note::"n"] ${bobs}
       allow read by reader.read.Note
       allow erase(count: 2) by sorter.erase.Note
       deny erase(count: 3)`,
    ],
    [
      'ends assignments of given in time',
      `given { assign sorter(most: 1) to any Person until datetime("2026-01-01") } ${ann} ${bobs}
       now datetime("2025-12-31T23:59:59Z") allow erase(count: 1)
       now datetime("2026-01-01") deny erase(count: 1)`,
    ],
    [
      'sends what is ill-typed',
      `${ann} resource Note::"n" { author: illTyped, tags: illTyped } deny read by default fails authors`,
    ],
    ['leaves required attributes out', `${ann} resource Note::"n" {} deny read fails authors`],
    ['leaves an entity unknown without braces', `${ann} resource Note::"n" deny read by late fails late`],
    [
      'sends names of the prototype as data',
      `${ann} resource Note::"n" { author: Person::"ann", tags: [], "__proto__": "x" } allow read`,
    ],
  ]
  it.each(passing)('%s', (_, body) => {
    checkPasses(body)
  })

  const failing: readonly (readonly [string, string, string])[] = [
    [
      'says what came instead of a decision',
      `${ann} ${bobs} allow read by authors`,
      'read: expected allow and by authors, got deny by default',
    ],
    [
      'says what was missing of obligations',
      `${ann} ${hers} allow read with log(after: 91s)`,
      'read: expected with log(after: 91), got allow by authors with log(after: 90, tags: ["a","b"])',
    ],
    [
      'says what failed',
      `${ann} resource Note::"n" { tags: [] } allow read`,
      'read: expected allow, got deny by default; authors failed: ',
    ],
    [
      'says that an error did not come',
      `${ann} ${hers} allow read fails authors`,
      'read: expected an error of authors, got allow by authors with log(after: 90, tags: ["a","b"])',
    ],
    [
      'refuses to read a clock that the test does not set',
      `${ann} resource Note::"n" in [] { author: Person::"ann", tags: [], due: datetime("2026-01-02") } allow read`,
      'the rules read the clock, and the test sets no `now`',
    ],
  ]
  it.each(failing)('%s', (_, body, message) => {
    const report = run(body)
    const [failure] = report.tests.flatMap(({ failures }) => failures)
    expect(failure?.message.startsWith(message) ? message : failure?.message).toBe(message)
    expect(report).toMatchObject({ passed: 0, failed: 1 })
  })

  it('says in which kind a rule failed, where it did so in several', () => {
    const { policySet } = loadPolicySet([
      {
        name: 'notes.edict',
        text: `
          subject Person
          resource Note { author: Person  actions read }
          rule d: deny read on Note if resource.author == subject
            obligate log(who: resource.author.id) advise tell(who: resource.author.id)
          test "t" { subject Person::"ann" resource Note::"n" {} allow read }
        `,
      },
    ])
    const [failure] = policySet ? (runTests(policySet).tests[0]?.failures ?? []) : []
    const why = '`author` of Note::"n" is missing'
    expect(failure?.message).toBe(
      [
        'read: expected allow, got deny by d',
        `d failed in advice: ${why}`,
        `d failed: ${why}`,
        `d failed in an obligation: ${why}`,
      ].join('; '),
    )
  })

  it('names the place of each expectation that does not hold, and what came', () => {
    const report = checkFails(
      `${ann}\n${bobs}\nallow read\ndeny read`,
      'read: expected allow, got deny by default',
    )
    expect(report.tests[0]).toMatchObject({
      name: 't',
      at: { file: 'notes.test.edict', line: 1, column: 1 },
      failures: [
        {
          at: { file: 'notes.test.edict', line: 4, column: 7 },
          action: 'read',
          expected: { decision: 'allow' },
          got: { decision: 'deny', by: ['default'], errors: [] },
        },
      ],
    })
  })
})
