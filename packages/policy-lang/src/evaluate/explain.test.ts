import { describe, expect, it } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import type { Explanation } from '../model/answer.ts'
import type { EntityData } from '../model/entity-data.ts'
import type { DecisionRequest } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { type ExplainOptions, explain } from './explain.ts'
import { linkProgram } from './link.ts'

const SCHEMA = `
  subject User in Team { level?: Number }
  entity Team in Team
  resource Folder in Folder { owner?: User }
  resource Document in Folder { owner: User  tags: Set<String>  actions read, write }
  context { token?: { acr?: String }, "x-id"?: String }
`

interface Situation {
  readonly request?: Partial<DecisionRequest>
  readonly data?: EntityData
  readonly options?: ExplainOptions
}

const ann = { type: 'User', id: 'ann', parents: [] }
const folder = (id: string) => ({ type: 'Folder', id })
const NOW = { now: () => Date.parse('2026-01-01T12:00:00Z') }

function ask(text: string, { request, data, options }: Situation = {}): Explanation {
  const program = compileText(SCHEMA + text)
  const { store, problems } = loadEntityData(program, [{ name: 'data', data: data ?? {} }])
  expect(problems).toEqual([])
  const asked: DecisionRequest = {
    subject: ann,
    action: { name: 'read' },
    resource: {
      type: 'Document',
      id: 'd',
      properties: { owner: 'bob', tags: ['a'] },
      parents: [folder('f')],
    },
    ...request,
  }
  const all = { ...(store && { entities: store }), ...options }
  const explanation = explain(linkProgram(program), asked, all)
  expect(explanation).toMatchObject(decide(linkProgram(program), asked, { ...all, detail: 'full' }))
  return explanation
}

describe('explain: nearest misses', () => {
  const misses = (text: string, situation?: Situation): readonly string[] =>
    ask(text, situation).nearestMisses.map(
      ({ rule, unmet, first }) => `${rule} ${unmet} ${first.text} ${first.result}`,
    )

  it('come with the fewest unmet conjuncts first, WHO counting as the first', () => {
    const text = `
      role editor
      rule far: allow read on Document to editor if resource.owner == subject if "x" in resource.tags
      rule near: allow read on Document if resource.owner == subject && "a" in resource.tags
      rule missing: allow read on Document to editor if "a" in resource.tags
      rule other: allow write on Document
      rule never: deny read on Document if false
    `
    expect(misses(text)).toEqual([
      'missing 1 to editor false',
      'near 1 resource.owner == subject false',
      'far 3 to editor false',
    ])
  })

  it('are at most 20', () => {
    const text = Array.from({ length: 30 }, (_, index) => `rule r${index}: allow read on Document if false`)
    expect(misses(text.join('\n'))).toHaveLength(20)
  })

  it('are there for a deny by rules, not for an allow', () => {
    const text = 'rule a: allow read on Document if resource.owner == subject'
    expect(misses(`${text}\nrule d: deny read on Document`)).toHaveLength(1)
    expect(misses(`${text}\nrule b: allow read on Document`)).toEqual([])
  })

  it('show what the condition saw', () => {
    const text = `rule a: allow read on Document
      if resource.owner == User::"ann" && "b" in resource.tags || (context.token?.acr ?? context["x-id"] ?? "none") == "mfa" || (subject.level ?? 0) > 1`
    expect(ask(text).nearestMisses[0]?.first.values).toEqual([
      { expression: 'resource.owner', state: 'value', value: { type: 'User', id: 'bob' } },
      { expression: 'context.token.acr', state: 'absent' },
      { expression: 'context["x-id"]', state: 'absent' },
      { expression: 'subject.level', state: 'failed', message: '`level` of User::"ann" is not known' },
    ])
  })

  it('show what was seen on the way to a role only where it means the same', () => {
    const text = `
      inherited role owner
      role owner of Folder if resource has owner && resource.owner == subject
      role owner of Document if resource.owner == subject && hasRole(owner)
      rule a: allow read on Document to owner
    `
    const data: EntityData = {
      entities: [{ ...folder('f'), properties: { owner: { type: 'User', id: 'cy' } } }],
    }
    expect(ask(text, { data }).nearestMisses[0]?.first.values).toEqual([
      { expression: 'hasRole(owner)', state: 'value', value: false },
      { expression: 'resource.owner', state: 'value', value: { type: 'User', id: 'bob' } },
    ])
  })

  it('show names that are no identifiers in quotes', () => {
    const text = `
      subject "acme:agent"
      role "system:user"
      rule a: allow read on Document if hasRole("system:user", "acme:agent"::"x")
    `
    expect(ask(text).nearestMisses[0]?.first.values.map(({ expression }) => expression)).toEqual([
      'hasRole("system:user", "acme:agent"::"x")',
    ])
  })

  it('name the grant of a role with parameters whether it is held or not', () => {
    const text = `role exporter(limit: Number) { can read on Document if limit > 5 }`
    const held = (limit: number) => ({ role: 'exporter', to: '*', on: '*', with: { limit } }) as const
    expect(misses(text)).toEqual(['exporter.read.Document 2 role exporter false'])
    expect(misses(text, { data: { assignments: [held(1), held(2)] } })).toEqual([
      'exporter.read.Document 1 limit > 5 false',
    ])
  })
})

describe('explain: roles', () => {
  const text = `
    inherited role viewer { can read on Document }
    inherited role editor extends viewer
    role owner of Folder if resource has owner && resource.owner == subject
    assign viewer to any User on Folder::"public"
    assign editor to owner of Folder::"mine" on Folder::"shared"
  `
  const at = (...parents: string[]): Partial<DecisionRequest> => ({
    resource: { type: 'Document', id: 'd', properties: {}, parents: parents.map(folder) },
  })
  const steps = (situation: Situation): readonly string[] =>
    ask(text, situation).roles.flatMap(({ role, on, because }) => [
      `${role} on ${on.type}::${on.id}`,
      ...because.map((step) => `${step.kind}: ${step.text}`),
    ])

  it('tell of inheritance and an assignment in policy', () => {
    expect(steps({ request: at('public') })).toEqual([
      'viewer on Document::d',
      'inherited: inherited from Folder::"public"',
      'assignment: assigned to any User on Folder::"public"',
    ])
    const [held] = ask(text, { request: at('public') }).roles
    expect(held?.because.at(-1)?.location).toMatchObject({ line: expect.any(Number), column: 5 })
  })

  it('tell of extension and an assignment in data, with its end', () => {
    const data: EntityData = {
      entities: [{ ...folder('f'), parents: [folder('top')] }, folder('top')],
      assignments: [
        { role: 'editor', to: { type: 'Team', id: 't' }, on: folder('top'), expires: '2027-01-01' },
      ],
    }
    const subject = { ...ann, parents: [{ type: 'Team', id: 't' }] }
    expect(steps({ request: { ...at('f'), subject }, data, options: NOW })).toEqual([
      'viewer on Document::d',
      'extends: editor extends viewer',
      'inherited: inherited from Folder::"f"',
      'inherited: inherited from Folder::"top"',
      'assignment: assigned to Team::"t" on Folder::"top" until 2027-01-01T00:00:00Z, in entity data',
    ])
  })

  it('tell of the holders of another role and of conditions', () => {
    const entities = [{ ...folder('mine'), properties: { owner: 'ann' } }]
    expect(steps({ request: { ...at('shared'), entities } })).toEqual([
      'viewer on Document::d',
      'extends: editor extends viewer',
      'inherited: inherited from Folder::"shared"',
      'assignment: assigned to owner of Folder::"mine" on Folder::"shared"',
      'condition: role owner of Folder if resource has owner && resource.owner == subject',
    ])
  })

  it('tell of roles sent with the request, and of those that conditions ask for', () => {
    const asking = `role editor\nrule a: allow read on Document if hasRole(editor, Folder::"x") if true`
    const subject = { ...ann, roles: [{ role: 'editor', on: folder('x') }] }
    expect(ask(asking, { request: { subject } }).roles).toEqual([
      {
        role: 'editor',
        on: folder('x'),
        because: [
          { kind: 'assignment', text: 'assigned to User::"ann" on Folder::"x", sent with the request' },
        ],
      },
    ])
  })
})

describe('explain: trace', () => {
  const text = `
    rule yes: allow read on Document
    rule no: allow read on Document to User if "x" in resource.tags
    rule unsure: deny read on Document if (context.token?.acr ?? "") == "low" unless (subject.level ?? 0) > 1
    rule bad: after deny read on Document obligate log()
    rule good: after allow read on Document obligate log()
  `
  const trace = (situation: Situation): readonly string[] =>
    (ask(text, { ...situation, options: { trace: true } }).trace ?? []).map(
      ({ rule, result, applied, conditions }) =>
        `${rule} ${result}${applied ? ' applied' : ''}: ${conditions.map((each) => each.result).join(' ')}`,
    )

  it('tells what every rule did, by id', () => {
    expect(trace({})).toEqual([
      'bad true: ',
      'good true applied: ',
      'no false: true false',
      'unsure false: false failed',
      'yes true applied: ',
    ])
  })

  it('tells that a deny silenced the allows', () => {
    expect(trace({ request: { context: { token: { acr: 'low' } } } })).toEqual([
      'bad true applied: ',
      'good true: ',
      'no false: true false',
      'unsure failed applied: true failed',
      'yes true: ',
    ])
  })

  it('is there only when asked for', () => {
    expect(Object.keys(ask(text))).not.toContain('trace')
    expect(ask('', { request: { action: { name: 'fly' } }, options: { trace: true } })).toMatchObject({
      reasons: [{ builtin: 'unknownAction' }],
      trace: [],
      nearestMisses: [],
      roles: [],
    })
  })
})

describe('explain: bounds', () => {
  it('asks the clock once', () => {
    let asked = 0
    const now = (): number => {
      asked += 1
      return 0
    }
    const program = linkProgram(
      compileText(`${SCHEMA}rule a: allow read on Document if context.now > datetime("2026-01-01")`),
    )
    const request = { subject: ann, action: { name: 'read' }, resource: { type: 'Document', id: 'd' } }
    explain(program, request, { now, trace: true })
    expect(asked).toBe(1)
  })

  it('is cut short by the step budget without touching the decision', () => {
    const rules = Array.from(
      { length: 20 },
      (_, index) => `rule r${index}: allow read on Document if "x" in resource.tags`,
    )
    const explanation = ask(rules.join('\n'), { options: { stepBudget: 150, trace: true } })
    expect(explanation.reasons).toEqual([{ builtin: 'default' }])
    expect(explanation.trace?.length).toBeLessThan(20)
  })
})
