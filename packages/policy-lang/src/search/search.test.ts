import { describe, expect, it } from 'vitest'
import { changeEntityData } from '../entities/change-entity-data.ts'
import { loadEntityData } from '../entities/load-entity-data.ts'
import { loadPolicySet } from '../load-policy-set.ts'
import type { EntityData, EntityStore } from '../model/entity-data.ts'
import type { ActionSearch, ResourceSearch, SearchPage, SubjectSearch } from '../model/search.ts'
import type { PolicySet } from '../policy-set.ts'
import type { SearchOptions } from './search-options.ts'

const POLICY = `
subject User in Team { level: Number }
subject Bot
entity Team in Team
resource Folder in Folder { actions list }
resource Doc in Folder {
  owner?: User
  isOpen: Bool
  actions read, write, delete
  actions send(to: String, note?: String)
}
subject resource Account { actions close }
context { hour?: Number }

inherited role viewer { can read on Doc  can list on Folder }
role owner of Doc if resource has owner && resource.owner == subject
rule ownersDoAll: allow * on Doc to owner
rule openIsRead: allow read on Doc to User if resource.isOpen && (context.hour ?? 12) > 8
rule highSends: allow send on Doc if subject is User && subject.level > 5 && action.to like "*@acme.com"
rule watched: allow write on Doc to User if subject.level > 8 obligate watch(who: subject.id) advise tell(what: "it")
rule noDeletes: deny delete on Doc to User if subject.level < 3
rule ownAccount: allow close on Account if subject == resource
rule botsSeeAccounts: allow close on Account to Bot
`

const DATA: EntityData = {
  entities: [
    { type: 'Team', id: 'all' },
    { type: 'Team', id: 'red', parents: [{ type: 'Team', id: 'all' }] },
    { type: 'User', id: 'ann', properties: { level: 2 }, parents: [{ type: 'Team', id: 'red' }] },
    { type: 'User', id: 'bob', properties: { level: 9 } },
    { type: 'User', id: '\u{1f600}', properties: { level: 4 } },
    { type: 'User', id: '\uff5e', properties: { level: 4 } },
    { type: 'User', id: '', properties: { level: 1 } },
    { type: 'User', id: '__proto__', properties: { level: 6 } },
    { type: 'User', id: 'nobody knows', properties: {} },
    { type: 'Folder', id: 'top' },
    { type: 'Folder', id: 'sub', parents: [{ type: 'Folder', id: 'top' }] },
    { type: 'Doc', id: 'd1', properties: { owner: 'ann', isOpen: false } },
    { type: 'Doc', id: 'd2', properties: { owner: 'bob', isOpen: true } },
    { type: 'Doc', id: 'd3', properties: { isOpen: false }, parents: [{ type: 'Folder', id: 'sub' }] },
    { type: 'Doc', id: 'd4', properties: {} },
    { type: 'Account', id: 'ann' },
    { type: 'Account', id: 'bob' },
  ],
  assignments: [
    { role: 'viewer', to: { type: 'Team', id: 'all' }, on: { type: 'Folder', id: 'top' } },
    { role: 'viewer', to: { type: 'User', id: 'stranger' }, on: '*' },
  ],
}

const { policySet, store } = load()

function load(): { readonly policySet: PolicySet; readonly store: EntityStore } {
  const loaded = loadPolicySet([{ name: 'policy.edict', text: POLICY }])
  if (loaded.policySet === undefined) throw new Error(JSON.stringify(loaded.diagnostics))
  const { store, problems } = loadEntityData(loaded.policySet.program, [{ name: 'data.json', data: DATA }])
  if (store === undefined) throw new Error(JSON.stringify(problems))
  return { policySet: loaded.policySet, store }
}

const user = (id: string, more = {}) => ({ type: 'User', id, ...more })
const doc = (id: string, more = {}) => ({ type: 'Doc', id, ...more })

const who = (action: string, resource: object, options: SearchOptions = {}, more = {}): SearchPage<object> =>
  policySet.searchSubjects(
    { subject: { type: 'User' }, action: { name: action }, resource, ...more } as SubjectSearch,
    { entities: store, ...options },
  )
const where = (subject: object, action: string, options: SearchOptions = {}, more = {}): SearchPage<object> =>
  policySet.searchResources(
    { subject, action: { name: action }, resource: { type: 'Doc' }, ...more } as ResourceSearch,
    { entities: store, ...options },
  )
const what = (
  subject: object,
  resource: object,
  options: SearchOptions = {},
  more = {},
): SearchPage<object> =>
  policySet.searchActions({ subject, resource, ...more } as ActionSearch, { entities: store, ...options })

const ids = ({ results }: SearchPage<object>) =>
  results.map((one) => ('id' in one ? one.id : 'name' in one ? one.name : one))

describe('searchSubjects', () => {
  it('finds all that may, by id in code-point order', () => {
    expect(who('read', doc('d2')).results).toEqual(
      ['', '__proto__', 'ann', 'bob', 'nobody knows', '\uff5e', '\u{1f600}'].map((id) => ({
        type: 'User',
        id,
      })),
    )
  })

  it('finds by roles through groups and folders, of stored subjects alone', () => {
    expect(ids(who('read', doc('d3')))).toEqual(['ann'])
    expect(ids(who('read', doc('d1')))).toEqual(['ann'])
  })

  it('leaves out whom a rule fails on', () => {
    expect(
      ids(who('send', doc('d3'), {}, { action: { name: 'send', properties: { to: 'x@acme.com' } } })),
    ).toEqual(['__proto__', 'bob'])
    expect(ids(who('delete', doc('d1')))).toEqual([])
  })

  it('takes the properties of the resource, and no word on the side that is looked for', () => {
    expect(ids(who('read', doc('d3', { properties: { owner: 'bob' } })))).toEqual(['ann', 'bob'])
    const said = { type: 'User', id: 'bob', properties: { level: 9 }, roles: ['owner'], parents: [] }
    expect(ids(who('write', doc('d3'), {}, { subject: said }))).toEqual(['bob'])
    expect(ids(who('read', doc('d3'), {}, { subject: said }))).toEqual(['ann'])
  })

  it('takes the context', () => {
    expect(ids(who('read', doc('d2'), {}, { context: { hour: 7 } }))).toEqual(['bob'])
  })

  it('says what an allow asks for', () => {
    expect(who('write', doc('d3')).results).toEqual([
      {
        type: 'User',
        id: 'bob',
        obligations: [{ name: 'watch', args: { who: 'bob' } }],
        advice: [{ name: 'tell', args: { what: 'it' } }],
      },
    ])
  })

  it('asks about an entity that is both sides', () => {
    const request = {
      subject: { type: 'Account' },
      action: { name: 'close' },
      resource: { type: 'Account', id: 'bob' },
    }
    expect(ids(policySet.searchSubjects(request, { entities: store }))).toEqual(['bob'])
  })

  it.each([
    ['an unknown resource', doc('none')],
    ['a resource of an unknown type', { type: 'Ship', id: 'd2' }],
    ['a resource of a type that is none', { type: 'Team', id: 'red' }],
  ])('finds nobody for %s', (_, resource) => {
    expect(who('read', resource)).toEqual({ results: [], steps: 0 })
  })

  it('finds nobody of a type that is no subject, or for an action that is none', () => {
    for (const type of ['Ship', 'Doc', 'Team', '__proto__']) {
      expect(ids(who('read', doc('d2'), {}, { subject: { type } }))).toEqual([])
    }
    expect(ids(who('fly', doc('d2')))).toEqual([])
    expect(ids(who('toString', doc('d2')))).toEqual([])
  })

  it('finds nobody without a store', () => {
    const request = {
      subject: { type: 'User' },
      action: { name: 'read' },
      resource: doc('d2', { properties: { isOpen: true } }),
    }
    expect(policySet.searchSubjects(request)).toEqual({ results: [], steps: 0 })
  })
})

describe('searchResources', () => {
  it('finds all on which the subject may', () => {
    expect(ids(where(user('ann'), 'read'))).toEqual(['d1', 'd2', 'd3'])
    expect(ids(where(user('bob'), 'write'))).toEqual(['d1', 'd2', 'd3', 'd4'])
  })

  it.each([
    ['nobody describes', user('stranger'), []],
    ['describes itself', user('stranger', { properties: {} }), ['d1', 'd2', 'd3', 'd4']],
    ['`entities` describe', user('stranger'), ['d1', 'd2', 'd3', 'd4'], { entities: [user('stranger')] }],
    ['has a type of which there is nothing to know', { type: 'Bot', id: 'b' }, []],
    ['has an unknown type', { type: 'Ship', id: 'ann' }, []],
  ])('for a subject that %s', (_, subject, expected, more: object = {}) => {
    expect(ids(where(subject, 'read', {}, more))).toEqual(expected)
  })

  it('knows a subject whose type has nothing to know', () => {
    const request = {
      subject: { type: 'Bot', id: 'b' },
      action: { name: 'close' },
      resource: { type: 'Account' },
    }
    expect(ids(policySet.searchResources(request, { entities: store }))).toEqual(['ann', 'bob'])
  })

  it('takes a subject that the store cannot tell of for unknown, unless it says itself who it is', () => {
    const shy: EntityStore = {
      ...store,
      entity: (ref) => (ref.id === 'bob' ? 'unavailable' : store.entity(ref)),
    }
    const options = { entities: shy }
    expect(ids(where(user('bob'), 'write', options))).toEqual([])
    expect(ids(where(user('bob'), 'write', options, { entities: [user('bob')] }))).toEqual([])
    expect(ids(where(user('bob', { properties: { level: 9 } }), 'write', options))).toEqual([
      'd1',
      'd2',
      'd3',
      'd4',
    ])
  })
})

describe('searchActions', () => {
  it('finds actions by name, those that need arguments left out', () => {
    expect(what(user('bob'), doc('d2')).results).toEqual([
      { name: 'delete' },
      { name: 'read' },
      { name: 'send' },
      expect.objectContaining({ name: 'write' }),
    ])
    expect(ids(what(user('__proto__'), doc('d3')))).toEqual([])
  })

  it('goes on behind a name', () => {
    const first = what(user('bob'), doc('d2'), { limit: 2 })
    expect([ids(first), first.next]).toEqual([['delete', 'read'], 'read'])
    expect(ids(what(user('bob'), doc('d2'), { after: 'read' }))).toEqual(['send', 'write'])
    expect(ids(what(user('bob'), doc('d2'), { after: 'zzz' }))).toEqual([])
  })

  it('finds nothing where it does not know one of both', () => {
    expect(ids(what(user('stranger'), doc('d2')))).toEqual([])
    expect(ids(what(user('bob'), doc('none')))).toEqual([])
    expect(ids(what(user('bob'), { type: 'Ship', id: 'd2' }))).toEqual([])
  })

  it('knows an entity that is both sides by what either says of it', () => {
    const { policySet: both } = loadPolicySet([
      {
        name: 'both.edict',
        text: `
          subject resource Both { n: Number  actions read, write }
          rule r: allow read on Both if resource.n == 1 && subject.n == 1
        `,
      },
    ])
    const plain = { type: 'Both', id: 'b' }
    const described = { ...plain, properties: { n: 1 } }
    const found = (subject: object, resource: object) =>
      both && ids(both.searchActions({ subject, resource } as ActionSearch, {}))
    expect(found(described, plain)).toEqual(['read'])
    expect(found(plain, described)).toEqual(['read'])
    expect(found(plain, plain)).toEqual([])
    expect(found(described, { type: 'Both', id: 'c' })).toEqual([])
    expect(found({ type: 'Both', id: 'c' }, described)).toEqual([])
  })

  it('reads no action of the request', () => {
    expect(ids(what(user('ann'), doc('d2'), {}, { action: 7 }))).toEqual(['read'])
  })
})

describe('a search', () => {
  function readAll(options: SearchOptions): readonly (readonly [unknown[], string | undefined])[] {
    const pages: [unknown[], string | undefined][] = []
    let after: string | undefined
    do {
      const page = who('read', doc('d2'), { ...options, ...(after !== undefined && { after }) })
      pages.push([ids(page), page.next])
      after = page.next
    } while (after !== undefined)
    return pages
  }

  it('ends a page that is full, and says where to go on', () => {
    expect(readAll({ limit: 3 })).toEqual([
      [['', '__proto__', 'ann'], 'ann'],
      [['bob', 'nobody knows', '\uff5e'], '\uff5e'],
      [['\u{1f600}'], undefined],
    ])
  })

  it('knows that a full page is the last', () => {
    expect(readAll({ limit: 7 })).toHaveLength(1)
  })

  it('ends a page that has taken its steps, with one decision at least', () => {
    const pages = readAll({ maxSteps: 1 })
    expect(pages).toHaveLength(7)
    expect(pages.flatMap(([found]) => found)).toEqual(readAll({})[0]?.[0])
  })

  it('stays with its store, whatever is written and decided between two parts of it', () => {
    const readAllFrom = (entities: EntityStore, between: () => void): readonly unknown[] => {
      const found: unknown[] = []
      let after: string | undefined
      do {
        const page = where(user('ann'), 'read', {
          entities,
          maxSteps: 1,
          ...(after !== undefined && { after }),
        })
        found.push(...ids(page))
        after = page.next
        between()
      } while (after !== undefined)
      return found
    }
    const { store: old } = load()
    let newest: EntityStore = old
    let round = 0
    const write = (): void => {
      round++
      const closed = { type: 'Doc', id: 'd2', properties: { isOpen: false } }
      const added = { type: 'Doc', id: `d0 ${round}`, properties: { isOpen: true } }
      const { store, problems } = changeEntityData(policySet.program, newest, [
        { kind: 'put-entity', entity: closed },
        { kind: 'put-entity', entity: added },
        { kind: 'delete-entity', type: 'Doc', id: 'd3' },
      ])
      if (store === undefined) throw new Error(JSON.stringify(problems))
      newest = store
      expect(ids(where(user('ann'), 'read', { entities: newest, limit: 1 }))).toEqual(['d0 1'])
    }
    expect(readAllFrom(old, write)).toEqual(['d1', 'd2', 'd3'])
    expect(round).toBe(4)
    expect(readAllFrom(newest, () => {})).toEqual(['d0 1', 'd0 2', 'd0 3', 'd0 4', 'd1'])
    expect(ids(where(user('ann'), 'read', { entities: old }))).toEqual(['d1', 'd2', 'd3'])
  })

  it('counts for each candidate what it is told', () => {
    const plain = who('read', doc('d2')).steps
    expect(who('read', doc('d2'), { stepsPerCandidate: 101 }).steps).toBe(plain + 700)
    const { results, next } = who('read', doc('d2'), { stepsPerCandidate: 101, maxSteps: 250 })
    expect([results.length, next]).toEqual([3, 'ann'])
  })

  it('goes on behind an id that is no longer there', () => {
    expect(ids(who('read', doc('d2'), { after: 'az' }))).toEqual([
      'bob',
      'nobody knows',
      '\uff5e',
      '\u{1f600}',
    ])
    expect(ids(who('read', doc('d2'), { after: '' }))[0]).toBe('__proto__')
  })

  it('decides all at one instant', () => {
    let calls = 0
    const text = `subject User  resource Doc { actions read }  rule r: allow read on Doc if context.now > datetime("2020-01-01")`
    const { policySet } = loadPolicySet([{ name: 'clock.edict', text }])
    const options = { entities: store, now: () => Date.UTC(2021, 0, ++calls) }
    const page = policySet?.searchSubjects(
      { subject: { type: 'User' }, action: { name: 'read' }, resource: doc('x') },
      options,
    )
    expect([page?.results.length, calls]).toEqual([7, 1])
  })

  it('takes a decision that exceeds its own budget for a deny', () => {
    expect(ids(who('read', doc('d2'), { stepBudget: 1 }))).toEqual([])
  })

  it.each([
    ['is no object', null, '$'],
    ['has no resource', { subject: { type: 'User' }, action: { name: 'read' } }, '$.resource'],
    [
      'has a resource without id',
      { subject: { type: 'User' }, action: { name: 'read' }, resource: { type: 'Doc' } },
      '$.resource.id',
    ],
    ['has no action', { subject: { type: 'User' }, resource: doc('d2') }, '$.action'],
    ['has no subject', { action: { name: 'read' }, resource: doc('d2') }, '$.subject'],
    ['looks for no type', { subject: {}, action: { name: 'read' }, resource: doc('d2') }, '$.subject.type'],
    [
      'sets the clock',
      { subject: { type: 'User' }, action: { name: 'read' }, resource: doc('d2'), context: { now: 0 } },
      '$.context.now',
    ],
  ])('refuses a request that %s, whatever there is to find', (_, request, path) => {
    for (const options of [{ entities: store }, {}]) {
      expect(() => policySet.searchSubjects(request as SubjectSearch, options)).toThrow(
        expect.objectContaining({ problems: [expect.objectContaining({ path })] }),
      )
    }
  })

  it('refuses ill-typed values where it is strict', () => {
    const request = {
      subject: { type: 'User' },
      action: { name: 'read' },
      resource: doc('d2', { properties: { isOpen: 1 } }),
    }
    expect(ids(policySet.searchSubjects(request, { entities: store }))).toEqual(['bob'])
    expect(() => policySet.searchSubjects(request, { strict: true })).toThrow(/ill-typed/)
  })
})
