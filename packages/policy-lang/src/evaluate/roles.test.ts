import { describe, expect, it } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import type { Answer } from '../model/answer.ts'
import type { AssignmentRecord, EntityData, EntityStore } from '../model/entity-data.ts'
import type { DecisionRequest, RequestEntity, RequestSubject } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { storeOf } from './fixtures.ts'
import { linkProgram } from './link.ts'

interface Situation {
  readonly subject?: RequestSubject
  readonly resource?: RequestEntity
  readonly data?: EntityData
  /** Not validated. */
  readonly store?: EntityStore
  readonly entities?: readonly RequestEntity[]
  readonly context?: DecisionRequest['context']
  readonly action?: DecisionRequest['action']
  readonly now?: string
}

const SCHEMA = `
  subject User in Team { email?: String }
  subject Robot
  entity Team in Team
  resource Folder in Folder { owner?: User  folder?: Folder  actions read }
  resource Document in Folder { owner?: User  folder?: Folder  peers?: Set<Folder>  actions read }
  context { flag?: Bool, required: Bool }
`
const ann = { type: 'User', id: 'ann' }
const team = (id: string) => ({ type: 'Team', id })
const folder = (id: string) => ({ type: 'Folder', id })
const document = { type: 'Document', id: 'd' }

function ask(text: string, situation: Situation): Answer {
  const program = compileText(SCHEMA + text)
  const { now } = situation
  const { store, problems } = loadEntityData(program, [{ name: 'data', data: situation.data ?? {} }])
  expect(problems).toEqual([])
  const request: DecisionRequest = {
    subject: situation.subject ?? { ...ann, parents: [] },
    action: situation.action ?? { name: 'read' },
    resource: situation.resource ?? { ...document, parents: [] },
    ...(situation.context && { context: situation.context }),
    ...(situation.entities && { entities: situation.entities }),
  }
  const entities = situation.store ?? store
  return decide(linkProgram(program), request, {
    detail: 'full',
    ...(entities && { entities }),
    ...(now !== undefined && { now: () => Date.parse(now) }),
  })
}

/** Whether the subject holds `r` on the resource. */
function holds(text: string, situation: Situation): boolean | 'failed' {
  const answer = ask(`${text}\nrule r: allow read on * to r`, situation)
  if (answer.decision === 'allow') return true
  return answer.errorCount === 0 ? false : 'failed'
}

type Case = readonly [claim: string, text: string, situation: Situation, expected: boolean | 'failed']

function checkAll(cases: readonly Case[]): void {
  for (const [claim, text, situation, expected] of cases) {
    it(claim, () => expect(holds(text, situation)).toBe(expected))
  }
}

const assign = (...assignments: Partial<AssignmentRecord>[]): EntityData => ({
  assignments: assignments.map((one) => ({ role: 'r', to: '*', on: '*', ...one })),
})
const inFolder = (...parents: string[]): RequestEntity => ({ ...document, parents: parents.map(folder) })

describe('roles: an assignment', () => {
  const R = 'role r'
  checkAll([
    ['on the entity counts', R, { data: assign({ on: document }) }, true],
    ['on another does not', R, { data: assign({ on: { ...document, id: 'x' } }) }, false],
    [
      'on an entity of the same id and another type does not',
      R,
      { data: assign({ on: folder('d') }) },
      false,
    ],
    ['on its type counts', R, { data: assign({ on: { type: 'Document' } }) }, true],
    ['on another type does not', R, { data: assign({ on: { type: 'Folder' } }) }, false],
    ['on everything counts', R, { data: assign({}) }, true],
    ['in policy text without `on` is on everything', `${R}\nassign r to anyone`, {}, true],
    ['in policy text on a type', `${R}\nassign r to anyone on any Document`, {}, true],
    [
      'of another role does not count',
      `${R}\nrole other\nassign r to User::"x"`,
      { data: assign({ role: 'other' }) },
      false,
    ],
    ['to the subject counts', R, { data: assign({ to: ann }) }, true],
    ['to another does not', R, { data: assign({ to: { ...ann, id: 'bob' } }) }, false],
    ['to its type counts', R, { data: assign({ to: { type: 'User' } }) }, true],
    ['to another type does not', R, { data: assign({ to: { type: 'Robot' } }) }, false],
    [
      'to a group reaches everyone in it',
      R,
      { data: assign({ to: team('t') }), subject: { ...ann, parents: [team('t')] } },
      true,
    ],
    [
      'and below it',
      R,
      {
        data: { ...assign({ to: team('top') }), entities: [{ ...team('t'), parents: [team('top')] }] },
        subject: { ...ann, parents: [team('t')] },
      },
      true,
    ],
    [
      'to a group fails where the groups are unknown',
      R,
      { data: assign({ to: team('t') }), subject: ann },
      'failed',
    ],
    [
      'to a group does not fail for who can be in none',
      R,
      { data: assign({ to: team('t') }), subject: { type: 'Robot', id: 'x' } },
      false,
    ],
    [
      'another true one covers a failed one',
      R,
      { data: assign({ to: team('t') }, { to: ann }), subject: ann },
      true,
    ],
  ])
})

describe('roles: expiry', () => {
  const R = 'role r'
  const until = (expires: string | number): EntityData => assign({ expires })
  const now = '2026-01-01T00:00:00Z'
  checkAll([
    ['counts while now is before', R, { data: until('2026-01-01T00:00:00.001Z'), now }, true],
    ['not from that instant on', R, { data: until('2026-01-01T00:00:00Z'), now }, false],
    ['in epoch seconds', R, { data: until(1767225601), now }, true],
    ['fails without a clock', R, { data: until('2026-01-01') }, 'failed'],
    [
      'needs no clock where the assignment is to another',
      R,
      { data: assign({ to: { ...ann, id: 'x' }, expires: 0 }) },
      false,
    ],
    ['in policy text', `${R}\nassign r to anyone until datetime("2026-01-02")`, { now }, true],
    ['in the past, in policy text', `${R}\nassign r to anyone until datetime("2025-12-31")`, { now }, false],
  ])
})

describe('roles: the holders of a role', () => {
  const R = 'role r\nrole editor'
  const toEditors = { to: { role: 'editor', on: folder('f') } }
  checkAll([
    ['get it', R, { data: assign(toEditors, { role: 'editor', on: folder('f') }) }, true],
    ['others do not', R, { data: assign(toEditors, { role: 'editor', on: folder('g') }) }, false],
    [
      'a failed holding fails',
      R,
      { data: assign(toEditors, { role: 'editor', to: team('t'), on: folder('f') }), subject: ann },
      'failed',
    ],
    [
      'in a circle without ground hold nothing',
      R,
      { data: assign(toEditors, { role: 'editor', to: { role: 'r', on: folder('f') }, on: '*' }) },
      false,
    ],
    [
      'in a circle with ground do',
      R,
      {
        data: assign(
          toEditors,
          { role: 'editor', to: { role: 'r', on: folder('f') }, on: '*' },
          { on: folder('f') },
        ),
      },
      true,
    ],
  ])
})

describe('roles: conditions', () => {
  const owned: RequestEntity = { ...document, parents: [], properties: { owner: 'ann' } }
  const owner = 'role r of Document if resource has owner && resource.owner == subject'
  checkAll([
    ['true on the entity', owner, { resource: owned }, true],
    ['false on another', owner, { resource: { ...owned, properties: { owner: 'bob' } } }, false],
    ['failed where it is unknown', owner, { resource: document }, 'failed'],
    [
      'only for the types after `of`',
      owner,
      { resource: { ...folder('f'), properties: { owner: 'ann' } } },
      false,
    ],
    ['for every type without `of`', 'role r if context.flag ?? false', { context: { flag: true } }, true],
    ['several are one `||`', `${owner}\nrole r of Document if context.required`, { resource: owned }, true],
    [
      'a false one does not cover a failed one',
      `${owner}\nrole r of Document if context.required`,
      { resource: { ...owned, properties: {} } },
      'failed',
    ],
    [
      '`resource` is the entity asked for',
      'role s\nrole s of Folder if resource has owner && resource.owner == subject\nrole r of Document if resource has folder && hasRole(s, resource.folder)',
      {
        resource: { ...document, parents: [], properties: { folder: 'f' } },
        entities: [{ ...folder('f'), properties: { owner: 'ann' } }],
      },
      true,
    ],
    [
      '`hasRole` without an entity asks for the same one',
      'role s\nassign s to anyone on Document::"d"\nrole r if hasRole(s)',
      {},
      true,
    ],
    [
      'a quantifier over role tests',
      'role s\nassign s to anyone on Folder::"g"\nrole r of Document if resource has peers && (some f in resource.peers: hasRole(s, f))',
      { resource: { ...document, parents: [], properties: { peers: ['f', 'g'] } } },
      true,
    ],
  ])
})

describe('roles: extension', () => {
  checkAll([
    [
      'who holds an extender holds the role',
      'role r\nrole s extends r',
      { data: assign({ role: 's' }) },
      true,
    ],
    ['through several', 'role r\nrole s extends r\nrole t extends s', { data: assign({ role: 't' }) }, true],
    ['not the other way', 'role s\nrole r extends s', { data: assign({ role: 's' }) }, false],
    [
      'a failed extender fails',
      'role r\nrole s extends r',
      { data: assign({ role: 's', to: team('t') }), subject: ann },
      'failed',
    ],
    [
      'a condition of the extender counts',
      'role r\nrole s extends r\nrole s if context.flag ?? false',
      { context: { flag: true } },
      true,
    ],
    [
      'a circle of extension and condition gives nobody the role',
      'role r\nrole s extends r\nrole s if hasRole(r)',
      {},
      false,
    ],
    [
      'and fails where the way into it does',
      'role r\nrole s extends r\nrole s if hasRole(r)\nrole r if context.required',
      {},
      'failed',
    ],
    [
      'a role with parameters may extend one without',
      'role r\nrole s(limit: Number) extends r',
      { data: assign({ role: 's', with: { limit: 1 } }) },
      true,
    ],
  ])
})

describe('roles: inheritance', () => {
  const R = 'inherited role r'
  const folders: EntityData = { entities: [{ ...folder('f'), parents: [folder('top')] }, folder('top')] }
  const on = (id: string, rest: Partial<AssignmentRecord> = {}): EntityData => ({
    ...folders,
    ...assign({ on: folder(id), ...rest }),
  })
  checkAll([
    ['from the parent', R, { data: on('f'), resource: inFolder('f') }, true],
    ['from further up', R, { data: on('top'), resource: inFolder('f') }, true],
    ['not where the role is not inherited', 'role r', { data: on('f'), resource: inFolder('f') }, false],
    ['not from elsewhere', R, { data: on('x'), resource: inFolder('f') }, false],
    ['any of several parents', R, { data: on('top'), resource: inFolder('x', 'top') }, true],
    ['unknown parents fail', R, { data: on('f'), resource: document }, 'failed'],
    ['unknown ancestors fail', R, { data: on('other'), resource: inFolder('x') }, 'failed'],
    ['unless it is held anyway', R, { data: assign({ on: document }), resource: document }, true],
    [
      'not failed where the type has no parents',
      `${R}\nresource Thing { actions read }`,
      { resource: { type: 'Thing', id: 't' } },
      false,
    ],
    [
      'an assignment on the type of an ancestor counts',
      R,
      { data: { ...folders, ...assign({ on: { type: 'Folder' } }) }, resource: inFolder('f') },
      true,
    ],
    [
      'however it came to be held: by condition',
      `${R}\nrole r of Folder if resource has owner && resource.owner == subject`,
      { resource: inFolder('f'), data: { entities: [{ ...folder('f'), properties: { owner: 'ann' } }] } },
      true,
    ],
    [
      'however it came to be held: by extension',
      `${R}\nrole s extends r`,
      { data: on('top', { role: 's' }), resource: inFolder('f') },
      true,
    ],
    [
      'an inherited role that extends one that is not',
      'role r\ninherited role s extends r',
      { data: on('top', { role: 's' }), resource: inFolder('f') },
      true,
    ],
    [
      'a circle of parents in the request holds nothing',
      R,
      {
        resource: inFolder('x'),
        entities: [
          { ...folder('x'), parents: [folder('y')] },
          { ...folder('y'), parents: [folder('x')] },
        ],
      },
      false,
    ],
    [
      'but what is held in it is inherited',
      R,
      {
        data: assign({ on: folder('y') }),
        resource: inFolder('x'),
        entities: [
          { ...folder('x'), parents: [folder('y')] },
          { ...folder('y'), parents: [folder('x')] },
        ],
      },
      true,
    ],
  ])

  it('follows 20,000 parents without recursion', () => {
    const last = folder('20000')
    const chain = Array.from({ length: 20_000 }, (_, index) => ({
      ...folder(`${index}`),
      parents: [folder(`${index + 1}`)],
    }))
    const store = storeOf({ entities: [...chain, last], ...assign({ on: last }) })
    expect(holds(R, { store, resource: inFolder('0') })).toBe(true)
    const none = storeOf({ entities: [...chain, last] })
    expect(holds(R, { store: none, resource: inFolder('0') })).toBe(false)
  })
})

describe('roles: negation', () => {
  const text = `
    role blocked
    role member
    role r if hasRole(member) && !hasRole(blocked)
  `
  checkAll([
    ['holds where the other is not held', text, { data: assign({ role: 'member' }) }, true],
    ['does not where it is', text, { data: assign({ role: 'member' }, { role: 'blocked' }) }, false],
    [
      'fails where it is not known',
      text,
      { data: assign({ role: 'member' }, { role: 'blocked', to: team('t') }), subject: ann },
      'failed',
    ],
    [
      'of a recursive role waits for its end',
      'inherited role blocked\nrole r if !hasRole(blocked)',
      {
        resource: inFolder('f'),
        data: {
          entities: [{ ...folder('f'), parents: [folder('g')] }, folder('g')],
          ...assign({ role: 'blocked', on: folder('g') }),
        },
      },
      false,
    ],
    [
      'in several layers',
      'role a\nrole b if !hasRole(a)\nrole c if !hasRole(b)\nrole r if !hasRole(c)',
      {},
      true,
    ],
  ])

  it('fails where unvalidated data closes a circle through it', () => {
    const store = storeOf(assign({ role: 'blocked', to: { role: 'r', on: document } }))
    expect(holds('role blocked\nrole r if !hasRole(blocked)', { store })).toBe('failed')
  })
})

describe('roles: when', () => {
  checkAll([
    [
      'an assignment counts while it is true',
      'role r when context.flag ?? false',
      { data: assign({}), context: { flag: true } },
      true,
    ],
    ['not where it is false', 'role r when context.flag ?? false', { data: assign({}) }, false],
    ['fails where it fails', 'role r when context.required', { data: assign({}) }, 'failed'],
    ['without an assignment it gives nothing', 'role r when true', {}, false],
    [
      'it does not bind conditions',
      'role r when false\nrole r if context.flag ?? false',
      { context: { flag: true } },
      true,
    ],
    [
      'it may ask for a role elsewhere',
      'role s\nassign s to anyone on Folder::"f"\nrole r when hasRole(s, Folder::"f")',
      { data: assign({}) },
      true,
    ],
    [
      'parameters of each assignment',
      'role r(limit: Number) when limit > 5',
      { data: assign({ with: { limit: 1 } }, { with: { limit: 9 } }) },
      true,
    ],
    ['none of them', 'role r(limit: Number) when limit > 5', { data: assign({ with: { limit: 1 } }) }, false],
    ['an optional one left out', 'role r(limit?: Number) when (limit ?? 9) > 5', { data: assign({}) }, true],
  ])
})

describe('roles: parameters in grants', () => {
  const text = `
    resource Report in Folder { rows: Number  actions export }
    inherited role r(limit: Number, note?: String) {
      can export on Report if resource.rows <= limit obligate mark(limit: limit) advise hint(note: note ?? "none")
    }
  `
  const report = (rows: number, ...parents: string[]): Situation => ({
    action: { name: 'export' },
    resource: { type: 'Report', id: 'x', properties: { rows }, parents: parents.map(folder) },
  })
  const limits = (...numbers: number[]): EntityData =>
    assign(...numbers.map((limit) => ({ with: { limit } })))

  it('grants by any assignment, names the rule once, unites the duties of those that match', () => {
    const answer = ask(text, { ...report(5), data: limits(1, 7, 9) })
    expect(answer).toMatchObject({
      decision: 'allow',
      reasons: [{ rule: 'r.export.Report' }],
      obligations: [
        { name: 'mark', args: { limit: 7 } },
        { name: 'mark', args: { limit: 9 } },
      ],
      advice: [{ name: 'hint', args: { note: 'none' } }],
    })
  })

  it('denies where none is enough', () => {
    expect(ask(text, { ...report(50), data: limits(1, 7, 9) })).toMatchObject({
      decision: 'deny',
      errors: [],
    })
  })

  it('takes parameters from an ancestor', () => {
    const data = { entities: [folder('f')], ...assign({ on: folder('f'), with: { limit: 9 } }) }
    expect(ask(text, { ...report(5, 'f'), data })).toMatchObject({ decision: 'allow' })
  })

  it('fails where parents are unknown: there may be an assignment above', () => {
    const { resource } = report(5)
    const unknown = {
      ...report(5),
      resource: { type: 'Report', id: 'x', properties: resource?.properties ?? {} },
    }
    expect(ask(text, unknown)).toMatchObject({
      decision: 'deny',
      errors: [{ rule: 'r.export.Report', kind: 'condition' }],
    })
    expect(ask(text, { ...unknown, data: limits(9) })).toMatchObject({ decision: 'allow', errors: [] })
    expect(ask(text, unknown).errors[0]?.message).toBe('parents of Report::"x" are not known')
  })

  it('comes to an end where folders form a circle', () => {
    const circle = ['a', 'b'].map((id) => ({ ...folder(id), parents: [folder(id === 'a' ? 'b' : 'a')] }))
    const store = storeOf({ entities: circle, ...assign({ on: folder('b'), with: { limit: 9 } }) })
    expect(ask(text, { ...report(5, 'a'), store })).toMatchObject({ decision: 'allow' })
    const none = storeOf({ entities: circle })
    expect(ask(text, { ...report(5, 'a'), store: none }).reasons).toEqual([{ builtin: 'default' }])
  })

  it('counts no assignment that has ended or is to another', () => {
    const data = assign({ with: { limit: 9 }, expires: 0 }, { with: { limit: 9 }, to: { ...ann, id: 'bob' } })
    expect(ask(text, { ...report(5), data, now: '2026-01-01' })).toMatchObject({
      decision: 'deny',
      errors: [],
    })
  })

  it('an instance whose obligation fails does not apply, others do', () => {
    const failing = `
      resource Report { actions export }
      role r(limit: Number) { can export on Report obligate mark(limit: limit * 9007199254740991) }
    `
    const situation = { action: { name: 'export' }, resource: { type: 'Report', id: 'x' } }
    const some = ask(failing, { ...situation, data: limits(1, 2) })
    expect(some).toMatchObject({
      decision: 'allow',
      obligations: [{ args: { limit: 9007199254740991 } }],
      errors: [],
    })
    const none = ask(failing, { ...situation, data: limits(2, 3) })
    expect(none).toMatchObject({ decision: 'deny', errors: [{ kind: 'obligation' }], errorCount: 1 })
  })

  it('another rule may name the role: any assignment will do', () => {
    expect(holds('role r(limit: Number)', { data: limits(1) })).toBe(true)
    expect(holds('role r(limit: Number)', {})).toBe(false)
  })
})

describe('roles: sent with the request', () => {
  const sent = (...roles: unknown[]): Situation => ({
    subject: { ...ann, parents: [], roles: roles as never },
  })
  const R = 'role r\nrole s(limit: Number) extends r'
  const withLimit = { role: 's', on: '*', with: { limit: 1 } }
  checkAll([
    ['a name is the role on everything', R, sent('r'), true],
    ['an object is an assignment', R, sent({ role: 'r', on: document }), true],
    ['on its type', R, sent({ role: 'r', on: { type: 'Document' } }), true],
    ['on another', R, sent({ role: 'r', on: folder('f') }), false],
    ['with parameters', R, sent(withLimit), true],
    ['added to stored ones', R, { ...sent('s'), data: assign({}) }, true],
    ['that has ended', R, { ...sent({ role: 'r', on: '*', expires: 5 }), now: '2026-01-01' }, false],
    ['that has not ended', R, { ...sent({ role: 'r', on: '*', expires: 2e9 }), now: '2026-01-01' }, true],
    ['inside properties', R, { subject: { ...ann, parents: [], properties: { roles: ['r'] } } }, true],
    [
      'beside beats inside',
      R,
      { subject: { ...ann, parents: [], roles: [], properties: { roles: ['r'] } } },
      false,
    ],
    [
      'not where the type declares such an attribute',
      `${R}\nsubject Clerk { roles?: Set<String> }`,
      { subject: { type: 'Clerk', id: 'c', properties: { roles: ['r'] } } },
      false,
    ],
    [
      'only of the subject',
      R,
      { resource: { ...document, parents: [], properties: { roles: ['r'] } } },
      false,
    ],
  ])

  it('are ignored as a whole where they are no array', () => {
    const properties = { roles: { role: 'r', on: '*' } } as never
    const answer = ask(`${R}\nrule r: allow read on * to r`, { subject: { ...ann, parents: [], properties } })
    expect(answer).toMatchObject({
      decision: 'deny',
      errorCount: 0,
      ignored: [{ path: '$.subject.properties.roles', message: 'must be an array' }],
    })
  })

  const ignored: readonly (readonly [string, unknown, string])[] = [
    ['an unknown role', 'toString', '$.subject.roles[0]'],
    ['no role', 7, '$.subject.roles[0]'],
    ['null', null, '$.subject.roles[0]'],
    ['an assignment without `on`', { role: 'r' }, '$.subject.roles[0]'],
    ['an assignment with a null `on`', { role: 'r', on: null }, '$.subject.roles[0]'],
    ['an assignment on an undeclared type', { role: 'r', on: { type: 'Nothing' } }, '$.subject.roles[0]'],
    ['an assignment on no reference', { role: 'r', on: { type: 'Document', id: 7 } }, '$.subject.roles[0]'],
    [
      'an assignment on a misspelt id',
      { role: 'r', on: { type: 'Document', ID: 'x' } },
      '$.subject.roles[0]',
    ],
    ['an assignment on a null id', { role: 'r', on: { type: 'Document', id: null } }, '$.subject.roles[0]'],
    ['an ill-typed expiry', { role: 'r', on: '*', expires: 'soon' }, '$.subject.roles[0]'],
    ['a missing parameter', 's', '$.subject.roles[0]'],
    ['an ill-typed parameter', { role: 's', on: '*', with: { limit: 'x' } }, '$.subject.roles[0]'],
    ['parameters that are no object', { role: 's', on: '*', with: [] }, '$.subject.roles[0]'],
    ['no role in an object', { on: '*' }, '$.subject.roles[0]'],
    ['a misspelt expiry', { role: 'r', on: '*', expire: '2020-01-01' }, '$.subject.roles[0]'],
    ['a null member that means nothing', { role: 'r', on: '*', toString: null }, '$.subject.roles[0]'],
    ['another target', { role: 'r', on: '*', to: '*' }, '$.subject.roles[0]'],
    [
      'a member beside type and id',
      { role: 'r', on: { type: 'Document', id: 'd', idd: 1 } },
      '$.subject.roles[0]',
    ],
    [
      'a parameter that the role does not have',
      { role: 's', on: '*', with: { limit: 1, limti: 2 } },
      '$.subject.roles[0]',
    ],
  ]
  it.each(ignored)('ignores and reports %s', (_claim, role, path) => {
    const answer = ask(`${R}\nrule r: allow read on * to r`, sent(role))
    expect(answer).toMatchObject({ decision: 'deny', errorCount: 0, ignored: [{ path }] })
  })

  it.each([
    [{ role: 'r', on: '*', expire: 7 }, 'has a member `expire` that means nothing; did you mean `expires`?'],
    [{ role: 'r', on: '*', lemon: 7 }, /that means nothing$/],
    [7, 'is no role'],
    [{ on: '*' }, 'names no role'],
    [{ role: 'r' }, 'has no `on` that is an entity, a type or "*"'],
    [{ role: 'r', on: '*', expires: 'soon' }, 'has an ill-typed `expires`'],
    [{ role: 's', on: '*', with: [] }, 'has a `with` that is no object'],
    [{ role: 's', on: '*', with: { limit: 1, limti: 2 } }, /^has a `with` that has a member `limti`/],
    [{ role: 's', on: '*' }, 'lacks parameters of `s`: $.limit is missing'],
    [{ role: 's', on: '*', with: { limit: 'x' } }, /\$\.limit is ill-typed: expected Number, got "x"/],
    ['x'.repeat(1000), /^there is no role `x{100}…`$/],
  ])('says why it ignores %j', (role, message) => {
    const { ignored: [first] = [] } = ask(`${R}\nrule r: allow read on * to r`, sent(role))
    expect(first?.message).toMatch(message)
  })

  it('takes the others where one is ignored, and reports at most 10', () => {
    const answer = ask(
      `${R}\nrule r: allow read on * to r`,
      sent(...Array.from({ length: 30 }, () => 'x'), 'r'),
    )
    expect(answer.decision).toBe('allow')
    expect(answer.ignored).toHaveLength(10)
  })

  it('are ignored and reported where the type says `stored roles`', () => {
    const text = `role r\nsubject Clerk { stored roles }\nrule r: allow read on * to r`
    const answer = ask(text, { subject: { type: 'Clerk', id: 'c', roles: ['r'] } })
    expect(answer).toMatchObject({
      decision: 'deny',
      ignored: [{ path: '$.subject.roles', message: 'roles of `Clerk` come from the store alone' }],
    })
    const stored = ask(text, { subject: { type: 'Clerk', id: 'c', properties: { roles: ['r'] } } })
    expect(stored).toMatchObject({ decision: 'deny', ignored: [{ path: '$.subject.properties.roles' }] })
    expect(ask(text, { subject: { type: 'Clerk', id: 'c' }, data: assign({}) })).toMatchObject({
      decision: 'allow',
    })
  })
})

describe('roles: rows of a store that should have been refused', () => {
  it('are reported where the policy no longer declares their role, each role once', () => {
    const rows = ['gone', 'r', 'gone', 'lost'].map((role) => ({ role, to: '*' as const, on: '*' as const }))
    const store = storeOf({ assignments: rows })
    const answer = ask('role r\nrole s\nrule r: allow read on * to r\nrule s: allow read on * to s', {
      store,
    })
    expect(answer).toMatchObject({ decision: 'allow' })
    expect(answer.ignored).toEqual([
      {
        path: 'store.assignments',
        message: 'there is no role `gone`: stored assignments of it are left out',
      },
      {
        path: 'store.assignments',
        message: 'there is no role `lost`: stored assignments of it are left out',
      },
    ])
  })

  const raw = (row: object): EntityStore =>
    storeOf({ assignments: [{ role: 'r', to: '*', on: '*', ...row }] } as EntityData)
  checkAll([
    [
      'a role that the policy no longer declares is left out',
      'role r',
      { store: raw({ role: 'gone' }) },
      false,
    ],
    [
      'an ill-typed expiry is not known to count',
      'role r',
      { store: raw({ expires: 'soon' }), now: '2026-01-01' },
      'failed',
    ],
    ['nor are ill-typed parameters', 'role r(limit: Number)', { store: raw({ with: {} }) }, 'failed'],
    ['an undeclared target is nobody', 'role r', { store: raw({ to: { type: 'Gone', id: 'x' } }) }, false],
    [
      'holders of an undeclared role are nobody',
      'role r',
      { store: raw({ to: { role: 'gone', on: document } }) },
      false,
    ],
  ])
})
