import { describe, expect, it } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import type { Answer } from '../model/answer.ts'
import type { EntityData } from '../model/entity-data.ts'
import { PolicyLangError } from '../model/errors.ts'
import type { DecisionRequest, JsonObject } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { storeOf } from './fixtures.ts'
import { linkProgram } from './link.ts'
import type { DecideOptions } from './session.ts'

const SCHEMA = `
  subject User { email?: String }
  subject resource Robot { actions read }
  entity Team
  resource Document { label?: String  actions read, write }
  context { yes?: Bool, text?: String, list?: Set<String>, number?: Number, required: Bool }
`

interface Situation {
  readonly request?: Partial<DecisionRequest>
  readonly context?: JsonObject
  readonly data?: EntityData
  readonly options?: DecideOptions
}

function ask(text: string, { request, context, data, options }: Situation = {}): Answer {
  const program = compileText(SCHEMA + text)
  const { store } = loadEntityData(program, [{ name: 'data', data: data ?? {} }])
  const asked: DecisionRequest = {
    subject: { type: 'User', id: 'ann', properties: {} },
    action: { name: 'read' },
    resource: { type: 'Document', id: 'd', properties: {} },
    ...(context && { context }),
    ...request,
  }
  return decide(linkProgram(program), asked, {
    detail: 'full',
    ...(store && { entities: store }),
    ...options,
  })
}

/** What engines are compared by. */
function comparedParts({ decision, reasons, obligations, advice, errors }: Answer): object {
  return {
    decision,
    reasons: reasons.map((reason) => ('rule' in reason ? reason.rule : reason.builtin)),
    obligations: obligations.map(({ name, args }) => ({ name, ...args })),
    advice: advice.map(({ name, args }) => ({ name, ...args })),
    errors: errors.map(({ rule, kind }) => `${rule} ${kind}`),
  }
}

interface Expected {
  readonly decision: 'allow' | 'deny'
  readonly reasons: readonly string[]
  readonly obligations?: readonly object[]
  readonly advice?: readonly object[]
  readonly errors?: readonly string[]
}

function checkDecision(text: string, expected: Expected, situation: Situation = {}): void {
  const full = { obligations: [], advice: [], errors: [], ...expected }
  expect(comparedParts(ask(text, situation))).toEqual(full)
}

const DEFAULT = ['default']

describe('decide: rules', () => {
  const cases: readonly (readonly [string, string, Expected, Situation?])[] = [
    ['denies by default', '', { decision: 'deny', reasons: DEFAULT }],
    ['allows what a rule allows', 'rule a: allow read on Document', { decision: 'allow', reasons: ['a'] }],
    [
      'names every allow that matches, in code-point order',
      'rule b: allow read on Document\nrule a: allow * on *\nrule c: allow write on Document',
      { decision: 'allow', reasons: ['a', 'b'] },
    ],
    [
      'denies where a deny matches, whatever allows',
      'rule a: allow read on Document\nrule z: deny read on *\nrule y: deny * on Document',
      { decision: 'deny', reasons: ['y', 'z'] },
    ],
    [
      'does not apply an allow that fails, and reports it',
      'rule a: allow read on Document if context.required',
      { decision: 'deny', reasons: DEFAULT, errors: ['a condition'] },
    ],
    [
      'applies a deny that fails, and reports it',
      'rule a: allow read on Document\nrule d: deny read on Document if context.required',
      { decision: 'deny', reasons: ['d'], errors: ['d condition'] },
    ],
    [
      'does not apply a deny with one false clause, whatever fails',
      'rule a: allow read on Document\nrule d: deny read on Document if context.required unless true',
      { decision: 'allow', reasons: ['a'] },
    ],
    [
      'judges WHO and clauses as one conjunction',
      'rule a: allow read on Document\nrule d: deny read on Document to Robot if context.required',
      { decision: 'allow', reasons: ['a'] },
    ],
    [
      'reports no failed allow where another allows',
      'rule a: allow read on Document\nrule b: allow read on Document if context.required',
      { decision: 'allow', reasons: ['a'] },
    ],
    [
      'reports no failed allow where a deny denies',
      'rule b: allow read on Document if context.required\nrule d: deny read on Document',
      { decision: 'deny', reasons: ['d'] },
    ],
    [
      'matches any member of WHO',
      'rule a: allow read on Document to Robot, User::"ann"',
      { decision: 'allow', reasons: ['a'] },
    ],
    [
      'matches a subject type',
      'rule a: allow read on Document to User',
      { decision: 'allow', reasons: ['a'] },
    ],
    ['matches anyone', 'rule a: allow read on Document to anyone', { decision: 'allow', reasons: ['a'] }],
    [
      'does not match another',
      'rule a: allow read on Document to Robot, User::"bob"',
      { decision: 'deny', reasons: DEFAULT },
    ],
    [
      'takes a failed member of WHO for the `||` it is',
      'role r\nrole r if context.required\nrule a: allow read on Document to r, User',
      { decision: 'allow', reasons: ['a'] },
    ],
    [
      'names a grant by its place',
      'role r { can read on Document }\nassign r to anyone',
      { decision: 'allow', reasons: ['r.read.Document'] },
    ],
  ]
  for (const [claim, text, expected, situation] of cases) {
    it(claim, () => checkDecision(text, expected, situation))
  }
})

describe('decide: patterns', () => {
  const matches = (pattern: string, text: string): string =>
    ask(`rule a: allow read on Document if (context.text ?? "") matches "${pattern}"`, { context: { text } })
      .decision
  it.each([
    ['[a-z]+-[0-9]{4}', 'abc-2026', 'allow'],
    ['[a-z]+-[0-9]{4}', 'abc-2026x', 'deny'],
    ['[a-z]+-[0-9]{4}', 'xabc-2026 ', 'deny'],
    ['a|ab', 'ab', 'allow'],
    ['(?i)abc', 'ABC', 'allow'],
    ['.*', 'a\nb', 'deny'],
    ['\\d+', '42', 'allow'],
    ['(a*)*b', 'a'.repeat(5000), 'deny'],
  ])('%j takes %j: %s', (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected))
})

describe('decide: obligations and advice', () => {
  const FAILS = 'context.text ?? (context.required ? "a" : "b")'
  const cases: readonly (readonly [string, string, Expected, Situation?])[] = [
    [
      'unites those of all matching allows, without duplicates, by name and arguments',
      `rule a: allow read on Document obligate log(n: 2) obligate log(n: 10) advise hint()
       rule b: allow read on Document obligate log(n: 2) obligate audit()
       rule c: allow read on Document if false obligate never()`,
      {
        decision: 'allow',
        reasons: ['a', 'b'],
        obligations: [{ name: 'audit' }, { name: 'log', n: 10 }, { name: 'log', n: 2 }],
        advice: [{ name: 'hint' }],
      },
    ],
    [
      'does not apply an allow whose obligation fails',
      `rule a: allow read on Document obligate o(t: ${FAILS}) advise hint()`,
      { decision: 'deny', reasons: DEFAULT, errors: ['a obligation'] },
    ],
    [
      'then another may allow, and nothing is reported',
      `rule a: allow read on Document obligate o(t: ${FAILS})\nrule b: allow read on Document`,
      { decision: 'allow', reasons: ['b'] },
    ],
    [
      'leaves out advice that fails, and reports it',
      `rule a: allow read on Document obligate o() advise bad(t: ${FAILS}) advise good()`,
      {
        decision: 'allow',
        reasons: ['a'],
        obligations: [{ name: 'o' }],
        advice: [{ name: 'good' }],
        errors: ['a advice'],
      },
    ],
    [
      'brings those of every matching deny',
      'rule d: deny read on Document obligate o()\nrule e: deny read on Document advise h()\nrule a: allow read on Document obligate never()',
      { decision: 'deny', reasons: ['d', 'e'], obligations: [{ name: 'o' }], advice: [{ name: 'h' }] },
    ],
    [
      'brings those of a failed deny',
      'rule d: deny read on Document if context.required obligate o() advise h()',
      {
        decision: 'deny',
        reasons: ['d'],
        obligations: [{ name: 'o' }],
        advice: [{ name: 'h' }],
        errors: ['d condition'],
      },
    ],
    [
      'leaves out what fails of a deny, and reports it by kind',
      `rule d: deny read on Document if context.required obligate o(t: ${FAILS}) obligate p() advise h(t: ${FAILS})`,
      {
        decision: 'deny',
        reasons: ['d'],
        obligations: [{ name: 'p' }],
        errors: ['d advice', 'd condition', 'd obligation'],
      },
    ],
    [
      'reports a kind once',
      `rule d: deny read on Document obligate o(t: ${FAILS}) obligate p(t: ${FAILS})`,
      { decision: 'deny', reasons: ['d'], errors: ['d obligation'] },
    ],
  ]
  for (const [claim, text, expected, situation] of cases) {
    it(claim, () => checkDecision(text, expected, situation))
  }

  it('writes arguments as JSON, sets sorted', () => {
    const text = `rule a: allow read on Document obligate o(
      who: subject, ips: [ip("10.0.0.0/8"), ip("::ffff:10.0.0.1")], list: context.list ?? [], at: datetime("2026-01-01T00:00:00.5Z"),
      day: datetime("2026-01-01"), long: 90s, neg: -1h, zero: -0, record: {b: 1, a: [3, 1, 2]})`
    expect(ask(text, { context: { list: ['b', 'a', 'b'] } }).obligations).toEqual([
      {
        name: 'o',
        args: {
          who: { type: 'User', id: 'ann' },
          ips: ['10.0.0.0/8', '10.0.0.1'],
          list: ['a', 'b'],
          at: '2026-01-01T00:00:00.500Z',
          day: '2026-01-01T00:00:00Z',
          long: 90,
          neg: -3600,
          zero: 0,
          record: { a: [1, 2, 3], b: 1 },
        },
      },
    ])
  })
})

describe('decide: after rules', () => {
  const FAILS = 'context.text ?? (context.required ? "a" : "b")'
  const ALLOW = 'rule a: allow read on Document obligate o() advise h()\n'
  const cases: readonly (readonly [string, string, Expected, Situation?])[] = [
    [
      'run on the side that was decided',
      `${ALLOW}rule x: after allow read on Document obligate p()\nrule y: after deny read on Document obligate q()`,
      {
        decision: 'allow',
        reasons: ['a'],
        obligations: [{ name: 'o' }, { name: 'p' }],
        advice: [{ name: 'h' }],
      },
    ],
    [
      'run on a deny by rules',
      'rule d: deny read on Document\nrule y: after deny read on Document obligate q()',
      { decision: 'deny', reasons: ['d'], obligations: [{ name: 'q' }] },
    ],
    [
      'run on a denial by default',
      'rule y: after deny read on Document obligate q()',
      { decision: 'deny', reasons: DEFAULT, obligations: [{ name: 'q' }] },
    ],
    [
      'never allow by themselves',
      'rule x: after allow read on Document',
      { decision: 'deny', reasons: DEFAULT },
    ],
    [
      'do not run where they are false',
      `${ALLOW}rule x: after allow read on Document if false obligate p()`,
      { decision: 'allow', reasons: ['a'], obligations: [{ name: 'o' }], advice: [{ name: 'h' }] },
    ],
    [
      'count as matched where they fail, and report it',
      `${ALLOW}rule x: after allow read on Document if context.required obligate p()`,
      {
        decision: 'allow',
        reasons: ['a'],
        obligations: [{ name: 'o' }, { name: 'p' }],
        advice: [{ name: 'h' }],
        errors: ['x condition'],
      },
    ],
    [
      'leave out advice that fails',
      `${ALLOW}rule x: after allow read on Document advise p(t: ${FAILS})`,
      {
        decision: 'allow',
        reasons: ['a'],
        obligations: [{ name: 'o' }],
        advice: [{ name: 'h' }],
        errors: ['x advice'],
      },
    ],
    [
      'turn an allow into a deny where an obligation fails, dropping all it brought',
      `rule a: allow read on Document obligate o() advise h() advise bad(t: ${FAILS})
       rule x: after allow read on Document obligate p(t: ${FAILS})
       rule w: after allow read on Document obligate p(t: ${FAILS})
       rule v: after allow read on Document if context.required obligate r() advise s()
       rule y: after deny read on Document obligate q()`,
      {
        decision: 'deny',
        reasons: ['w', 'x'],
        obligations: [{ name: 'q' }],
        errors: ['v condition', 'w obligation', 'x obligation'],
      },
    ],
    [
      'leave out an obligation that fails after a deny',
      `rule y: after deny read on Document obligate q(t: ${FAILS}) obligate r()`,
      { decision: 'deny', reasons: DEFAULT, obligations: [{ name: 'r' }], errors: ['y obligation'] },
    ],
    [
      'report beside failed allows',
      'rule a: allow read on Document if context.required\nrule y: after deny read on Document if context.required',
      { decision: 'deny', reasons: DEFAULT, errors: ['a condition', 'y condition'] },
    ],
    [
      'do not run on an unknown action',
      'rule y: after deny * on Document obligate q()',
      { decision: 'deny', reasons: ['unknownAction'] },
      { request: { action: { name: 'fly' } } },
    ],
  ]
  for (const [claim, text, expected, situation] of cases) {
    it(claim, () => checkDecision(text, expected, situation))
  }
})

describe('decide: types and actions that are not known', () => {
  const ALL = 'rule a: allow * on *'
  const cases: readonly (readonly [string, Partial<DecisionRequest>, string])[] = [
    ['an undeclared subject type', { subject: { type: 'Usr', id: 'x' } }, 'unknownType'],
    ['a subject type of prototype name', { subject: { type: '__proto__', id: 'x' } }, 'unknownType'],
    ['a type that is no subject', { subject: { type: 'Document', id: 'x' } }, 'unknownType'],
    ['an entity as subject', { subject: { type: 'Team', id: 'x' } }, 'unknownType'],
    ['a type that is no resource', { resource: { type: 'User', id: 'x' } }, 'unknownType'],
    ['an undeclared resource type', { resource: { type: 'toString', id: 'x' } }, 'unknownType'],
    [
      'an unknown type before an unknown action',
      { subject: { type: 'x', id: 'x' }, action: { name: 'x' } },
      'unknownType',
    ],
    ['an unknown action', { action: { name: 'fly' } }, 'unknownAction'],
    ['an action of prototype name', { action: { name: 'constructor' } }, 'unknownAction'],
    [
      'an action of another type',
      { resource: { type: 'Robot', id: 'r' }, action: { name: 'write' } },
      'unknownAction',
    ],
    ['an empty action', { action: { name: '' } }, 'unknownAction'],
  ]
  it.each(cases)('denies for %s', (_claim, request, builtin) => {
    checkDecision(ALL, { decision: 'deny', reasons: [builtin] }, { request })
    expect(ask(ALL, { request }).cacheable).toEqual({ until: null })
  })

  it('takes a group for no action', () => {
    const text = `resource Page { actions read, write  actions edit = read, write }\n${ALL}`
    const resource = { type: 'Page', id: 'p' }
    checkDecision(
      text,
      { decision: 'deny', reasons: ['unknownAction'] },
      { request: { resource, action: { name: 'edit' } } },
    )
    checkDecision(
      text,
      { decision: 'allow', reasons: ['a'] },
      { request: { resource, action: { name: 'write' } } },
    )
  })
})

describe('decide: brief and full', () => {
  const many = Array.from(
    { length: 12 },
    (_, index) => `rule r${String.fromCharCode(97 + index)}: allow read on Document if context.required`,
  ).join('\n')

  it('gives one reason and at most 10 errors with their total, unless all are asked for', () => {
    const brief = ask(many, { options: { detail: 'brief' } })
    expect(brief).toMatchObject({ reasons: [{ builtin: 'default' }], errorCount: 12 })
    expect(brief.errors).toHaveLength(10)
    expect(ask(many).errors.map(({ rule }) => rule)).toEqual(
      [...'abcdefghijkl'].map((letter) => `r${letter}`),
    )
    const two = 'rule b: deny read on Document\nrule a: deny read on Document'
    expect(ask(two, { options: { detail: 'brief' } }).reasons).toEqual([{ rule: 'a' }])
    expect(ask(two).reasons).toEqual([{ rule: 'a' }, { rule: 'b' }])
  })

  it('says where in the policy and in the request an error lies', () => {
    const { errors } = ask('\n\nrule a: allow read on Document if (context.text ?? "") == "x"', {
      context: { text: 7 },
    })
    expect(errors).toEqual([
      {
        rule: 'a',
        kind: 'condition',
        message: '$.context.text is ill-typed: expected String, got 7',
        path: '$.context.text',
        location: { file: 'p.edict', line: 9, column: 36 },
      },
    ])
  })

  it('does not grow with what the request names', () => {
    const rules = [...'abcdefgh'].map(
      (name) => `rule ${name}: allow read on Document if (resource.label ?? "") == "x"`,
    )
    const id = 'x'.repeat(100_000)
    const answer = ask(rules.join('\n'), {
      request: { subject: { type: 'User', id }, resource: { type: 'Document', id } },
    })
    expect(answer.errors).toHaveLength(8)
    expect(JSON.stringify(answer).length).toBeLessThan(5000)
    expect(answer.errors[0]?.message).toBe(`\`label\` of Document::"${'x'.repeat(100)}…" is not known`)
  })

  it('names a path only where the request could be at fault', () => {
    const data = { entities: [{ type: 'Document', id: 'd', properties: { label: 7 } }] }
    const { errors } = ask('rule a: allow read on Document if (resource.label ?? "") == "x"', { data })
    expect(errors.map((error) => Object.keys(error))).toEqual([['rule', 'kind', 'message', 'location']])
  })

  it('tells of each pair of rule and kind the first cause', () => {
    const roles = [1, 2].map((limit) => ({ role: 'r', on: '*' as const, with: { limit } }))
    const text = `role r(limit: Number) {
      can read on Document
        obligate o(a: limit == 1 ? context.required : resource has label && resource.label == "x")
    }`
    const request = {
      subject: { type: 'User', id: 'ann', roles },
      resource: { type: 'Document', id: 'd', properties: { label: 7 } },
    }
    const { errors } = ask(text, { request })
    expect(errors).toMatchObject([{ kind: 'obligation', path: '$.context.required' }])
  })

  it('carries the policy version', () => {
    expect(ask('').policyVersion).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('decide: step budget', () => {
  const text =
    'rule a: allow read on Document if every x in (context.list ?? []): x != "" obligate o()\nrule y: after deny read on Document obligate q()'
  const list = Array.from({ length: 1000 }, (_, index) => `${index}`)

  it('denies where it is used up, whatever was found before, and blames no rule', () => {
    const answer = ask(text, { context: { list }, options: { stepBudget: 1000 } })
    expect(comparedParts(answer)).toEqual({
      decision: 'deny',
      reasons: ['budgetExceeded'],
      obligations: [],
      advice: [],
      errors: [],
    })
    expect(answer.cacheable).toBe(false)
  })

  it('may be shared: decisions take from it until nothing is left', () => {
    const sharedSteps = { left: 3000 }
    const reasons = [1, 2, 3, 4].map(
      () => ask(text, { context: { list: list.slice(0, 400) }, options: { sharedSteps } }).reasons,
    )
    expect(reasons).toEqual([
      [{ rule: 'a' }],
      [{ builtin: 'budgetExceeded' }],
      [{ builtin: 'budgetExceeded' }],
      [{ builtin: 'budgetExceeded' }],
    ])
    expect(sharedSteps.left).toBeLessThan(0)
  })

  it('that is shared changes nothing while it lasts, and what is unknown or malformed never', () => {
    const alone = ask(text, { context: { list } })
    expect(ask(text, { context: { list }, options: { sharedSteps: { left: 1e6 } } })).toEqual(alone)
    const options = { sharedSteps: { left: 0 } }
    expect(ask(text, { request: { action: { name: 'no' } }, options }).reasons).toEqual([
      { builtin: 'unknownAction' },
    ])
    expect(() => ask(text, { request: { action: 7 as never }, options })).toThrow(PolicyLangError)
    expect(ask('rule a: allow read on Document', { options }).reasons).toEqual([
      { builtin: 'budgetExceeded' },
    ])
  })

  it('that is no number is used up at once', () => {
    expect(ask(text, { options: { stepBudget: Number.NaN } }).reasons).toEqual([
      { builtin: 'budgetExceeded' },
    ])
  })

  it('is all that it looks after: what a store throws is thrown on', () => {
    const entities = {
      ...storeOf(),
      entity: () => {
        throw new Error('the disk is gone')
      },
    }
    const condition = 'rule a: allow read on Document if (resource.label ?? "") == "x"'
    expect(() => ask(condition, { options: { entities } })).toThrow('the disk is gone')
  })

  it('is large enough by default', () => {
    expect(ask(text, { context: { list } }).decision).toBe('allow')
  })

  it('counts what obligations write out, for each assignment', () => {
    const roles = Array.from({ length: 400 }, (_, limit) => ({
      role: 'r',
      on: '*' as const,
      with: { limit },
    }))
    const answer = ask(
      'role r(limit: Number) { can read on Document obligate o(limit: limit, list: context.list ?? []) }',
      {
        context: { list: Array.from({ length: 3000 }, (_, index) => `${index}`) },
        request: { subject: { type: 'User', id: 'ann', roles } },
      },
    )
    expect(answer.reasons).toEqual([{ builtin: 'budgetExceeded' }])
  })

  it.each([
    [
      'the length of joined texts',
      `rule a: allow read on Document if (${Array(50).fill('(context.text ?? "")').join(' + ')}).size > 0`,
      { text: 'x'.repeat(5_000_000) },
    ],
    [
      'a search for a long piece in a long text',
      'rule a: allow read on Document if (context.text ?? "").contains((context.text ?? "") + "x")',
      { text: 'a'.repeat(500_000) },
    ],
    [
      'members of a long set',
      'rule a: allow read on Document if every x in (context.list ?? []): x in (context.list ?? [])',
      { list: Array.from({ length: 3000 }, (_, index) => `${index}`) },
    ],
  ])('counts %s', (_claim, rules, context) => {
    expect(ask(rules, { context }).reasons).toEqual([{ builtin: 'budgetExceeded' }])
  })
})

describe('decide: what was said in vain', () => {
  const text = `
    subject Clerk in Team { stored level?: Number  note?: String  stored parents }
    rule a: allow read on Document
  `
  it('reports stored members that the request sends, also in entities', () => {
    const clerk = {
      type: 'Clerk',
      id: 'c',
      properties: { level: 1, note: 'x', other: 1 },
      parents: [{ type: 'Team', id: 't' }],
    }
    const answer = ask(text, {
      request: {
        subject: clerk,
        entities: [{ ...clerk, id: 'e', parents: null as never, properties: { level: null, parents: [] } }],
      },
    })
    expect(answer.ignored).toEqual([
      { path: '$.subject.properties.level', message: '`level` of `Clerk` comes from the store alone' },
      { path: '$.subject.parents', message: '`parents` of `Clerk` comes from the store alone' },
      {
        path: '$.entities[0].properties.parents',
        message: '`parents` of `Clerk` comes from the store alone',
      },
    ])
  })

  it('is left out where there is nothing', () => {
    expect(Object.keys(ask(text))).not.toContain('ignored')
    expect(Object.keys(ask(text))).not.toContain('footprint')
    const stranger = ask(text, { request: { subject: { type: 'Stranger', id: 's' } } })
    expect(Object.keys(stranger)).not.toContain('ignored')
  })
})

describe('decide: strict', () => {
  const text = `
    subject Clerk in Team { level?: Number }
    role r
    resource Page { actions print(copies: Number) }
    rule a: allow * on *
  `
  it('refuses a request with ill-typed values, and names them all', () => {
    const request = {
      subject: {
        type: 'Clerk',
        id: 'c',
        properties: { level: 'x', other: 1 },
        parents: [{ type: 'User', id: 'u' }],
        roles: ['nope', { role: 'r' }] as never,
      },
      action: { name: 'print', properties: { copies: [] } },
      resource: { type: 'Page', id: 'p' },
      context: { yes: 7, undeclared: 7 },
      entities: [{ type: 'Document', id: 'x', properties: { label: 1 } }],
    }
    expect(ask(text, { request }).decision).toBe('allow')
    let problems: readonly { readonly path: string }[] = []
    try {
      ask(text, { request, options: { strict: true } })
    } catch (error) {
      expect(error).toBeInstanceOf(PolicyLangError)
      expect((error as PolicyLangError).code).toBe('invalid-request')
      problems = (error as PolicyLangError).problems
    }
    expect(problems.map(({ path }) => path)).toEqual([
      '$.subject.properties.level',
      '$.subject.parents[0]',
      '$.entities[0].properties.label',
      '$.subject.roles[0]',
      '$.subject.roles[1]',
      '$.action.properties.copies',
      '$.context.yes',
    ])
  })

  it.each<[string, Partial<DecisionRequest>, readonly string[]]>([
    [
      'subject and resource with different values',
      {
        subject: { type: 'Both', id: 'b', properties: { level: 1, note: 'x' } },
        resource: { type: 'Both', id: 'b', properties: { level: 2, note: 'x' } },
      },
      ['$.resource.properties.level'],
    ],
    [
      'subject and resource with different parents',
      {
        subject: { type: 'Both', id: 'b', parents: [] },
        resource: { type: 'Both', id: 'b', parents: [{ type: 'Team', id: 't' }] },
      },
      ['$.resource.parents'],
    ],
    [
      'twice among entities',
      {
        entities: [
          { type: 'User', id: 'u', properties: { email: 'a' } },
          { type: 'User', id: 'u', properties: { email: 'b' } },
        ],
      },
      ['$.entities[1].properties.email'],
    ],
  ])('refuses one entity told of as %s', (_claim, request, paths) => {
    const both = `${text}\nsubject resource Both in Team { level?: Number  note?: String  actions read }`
    expect(() => ask(both, { request })).not.toThrow()
    let problems: readonly { readonly path: string }[] = []
    try {
      ask(both, { request, options: { strict: true } })
    } catch (error) {
      problems = (error as PolicyLangError).problems
    }
    expect(problems.map(({ path }) => path)).toEqual(paths)
  })

  it('takes one entity as subject and resource with equal values, or with values of one alone', () => {
    const both = `${text}\nsubject resource Both in Team { level?: Number  note?: String  actions read }`
    const one = { type: 'Both', id: 'b', properties: { level: 1 }, parents: [] }
    const request = { subject: { ...one, properties: { level: 1, note: 'x' } }, resource: one }
    expect(ask(both, { request, options: { strict: true } }).decision).toBe('allow')
  })

  it('refuses an ill-typed clock', () => {
    const options = { strict: true, allowRequestClock: true }
    expect(() => ask(text, { context: { yes: true, now: 'soon' }, options })).toThrow(PolicyLangError)
    expect(ask(text, { context: { yes: true, now: '2026-01-01' }, options }).decision).toBe('allow')
  })

  it('decides a request without them as ever', () => {
    expect(ask(text, { context: { yes: true }, options: { strict: true } }).decision).toBe('allow')
  })
})
