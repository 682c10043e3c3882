import { afterEach, describe, expect, it } from 'vitest'
import { changeEntityData, type EntityDataChange } from '../entities/change-entity-data.ts'
import { loadEntityData } from '../entities/load-entity-data.ts'
import { loadPolicySet } from '../load-policy-set.ts'
import type { Answer } from '../model/answer.ts'
import type { EntityData, EntityStore } from '../model/entity-data.ts'
import type { DecisionRequest } from '../model/request.ts'
import type { PolicySet } from '../policy-set.ts'

function load(text: string): PolicySet {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'test.edict', text }])
  if (policySet === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return policySet
}

function openData(policySet: PolicySet, data: EntityData) {
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
  if (store === undefined) throw new Error(JSON.stringify(problems))
  return store
}

function ask(properties: object | undefined, action = 'read'): DecisionRequest {
  return {
    subject: { type: 'User', id: 'ann' },
    action: { name: action },
    resource: { type: 'Doc', id: 'd1', ...(properties && { properties: properties as never }) },
  }
}

/** A cell of many rules that one equality tells apart. */
function crowded(effect: 'allow' | 'deny', count = 200): string {
  const rules = Array.from(
    { length: count },
    (_, index) =>
      `rule r${index}: ${effect} read on Doc if resource.kind == "k${index}" && resource.size > ${index}`,
  )
  return `subject User\nresource Doc { kind: String  size: Number  actions read }\n${rules.join('\n')}`
}

const nameOf = ({ reasons: [reason] }: Answer) => (reason && 'rule' in reason ? reason.rule : reason?.builtin)

describe('createFastDecider', () => {
  afterEach(() => {
    Reflect.deleteProperty(Object.prototype, 'isPublic')
  })

  it('finds the rule of a crowded cell that an equality leads to', () => {
    const policySet = load(crowded('allow'))
    const answer = policySet.decide(ask({ kind: 'k17', size: 18 }))
    expect([answer.decision, nameOf(answer)]).toEqual(['allow', 'r17'])
    expect(policySet.decide(ask({ kind: 'k17', size: 17 })).decision).toBe('deny')
    expect(policySet.decide(ask({ kind: 'none', size: 1 })).reasons).toEqual([{ builtin: 'default' }])
  })

  it('tells some of the rules that wait for a missing value, and denies', () => {
    const { decision, errors, errorCount } = load(crowded('allow')).decide(ask({ size: 500 }))
    expect(decision).toBe('deny')
    expect(errors).toHaveLength(10)
    expect(errorCount).toBeLessThan(200)
    expect(errors[0]?.message).toBe('`kind` of Doc::"d1" is missing')
  })

  it('denies where the value is missing that denies of a crowded cell ask for', () => {
    const policySet = load(`${crowded('deny')}\nrule all: allow read on Doc`)
    expect(policySet.decide(ask({ kind: 'none', size: 500 })).decision).toBe('allow')
    expect(policySet.decide(ask({ kind: 'k3', size: 500 })).reasons).toEqual([{ rule: 'r3' }])
    const missing = policySet.decide(ask({ size: 500 }))
    expect([missing.decision, missing.errorCount > 0]).toEqual(['deny', true])
    // No deny can be true of a size that none is below.
    expect(policySet.decide(ask({ size: -1 })).decision).toBe('allow')
  })

  it('denies what lies below an entity that a deny of a crowded cell names in a set', () => {
    const denies = Array.from(
      { length: 60 },
      (_, index) =>
        `rule r${index}: deny read on Doc if resource.folder in [Folder::"f${index}", Folder::"g${index}"]`,
    )
    const policySet = load(
      `subject User\nentity Folder in Folder\nresource Doc { folder: Folder  actions read }\n${denies.join('\n')}\n` +
        'rule all: allow read on Doc',
    )
    const parents = [{ type: 'Folder', id: 'g7' }]
    const entities = openData(policySet, {
      entities: [
        { type: 'Folder', id: 'low', parents },
        ...['g7', 'other'].map((id) => ({ type: 'Folder', id, parents: [] })),
      ],
    })
    const decide = (folder: string) => policySet.decide(ask({ folder }), { entities })
    expect(decide('low').reasons).toEqual([{ rule: 'r7' }])
    expect(decide('g7').reasons).toEqual([{ rule: 'r7' }])
    expect(decide('other').decision).toBe('allow')
    // What lies above it is not known.
    expect(decide('nowhere').decision).toBe('deny')
  })

  it('decides in a crowded cell what entities of the request say', () => {
    const request = { ...ask({ kind: 'k4', size: 9 }), entities: [{ type: 'User', id: 'ann' }] }
    expect(load(crowded('allow')).decide(request).reasons).toEqual([{ rule: 'r4' }])
  })

  it('leads from the roles of a subject to one of many grants', () => {
    const roles = Array.from({ length: 60 }, (_, index) => `role r${index} { can read on Doc }`)
    const policySet = load(`subject User\nresource Doc { actions read, write }\n${roles.join('\n')}`)
    const entities = openData(policySet, {
      assignments: [{ role: 'r41', to: { type: 'User', id: 'ann' }, on: '*' }],
    })
    expect(policySet.decide(ask(undefined), { entities }).reasons).toEqual([{ rule: 'r41.read.Doc' }])
    expect(policySet.decide(ask(undefined, 'write'), { entities }).decision).toBe('deny')
    const sent = { ...ask(undefined), subject: { type: 'User', id: 'bob', roles: ['r7'] } }
    expect(policySet.decide(sent, { entities }).reasons).toEqual([{ rule: 'r7.read.Doc' }])
    const unknown = { ...sent, subject: { ...sent.subject, roles: ['r7', 'r99'] } }
    expect(policySet.decide(unknown, { entities }).ignored).toHaveLength(1)
  })

  it('goes on with a changed store: attributes, assignments and parents, and back again', () => {
    const policySet = load(
      'subject User in Team\nentity Team\nresource Doc { isOpen: Bool  actions read, write }\n' +
        'rule open: allow read on Doc if resource.isOpen\nrole writer { can write on Doc }',
    )
    const doc = (isOpen: boolean) => ({ type: 'Doc', id: 'd1', properties: { isOpen } })
    const toAnn = { role: 'writer', to: { type: 'User', id: 'ann' }, on: '*' as const }
    const first = openData(policySet, {
      entities: [doc(false), { type: 'Team', id: 't' }, { type: 'User', id: 'ann' }],
      assignments: [{ ...toAnn, to: { type: 'Team', id: 't' } }],
    })
    const decide = (entities: EntityStore) =>
      ['read', 'write'].map((action) => policySet.decide(ask(undefined, action), { entities }).decision)
    const change = (store: EntityStore, one: EntityDataChange): EntityStore => {
      const changed = changeEntityData(policySet.program, store, [one])
      if (changed.store === undefined) throw new Error(JSON.stringify(changed.problems))
      return changed.store
    }
    expect(decide(first)).toEqual(['deny', 'deny'])
    const opened = change(first, { kind: 'put-entity', entity: doc(true) })
    expect(decide(opened)).toEqual(['allow', 'deny'])
    const granted = change(opened, { kind: 'put-assignment', assignment: toAnn })
    expect(decide(granted)).toEqual(['allow', 'allow'])
    const revoked = change(granted, { kind: 'delete-assignment', assignment: toAnn })
    expect(decide(revoked)).toEqual(['allow', 'deny'])
    const ann = { type: 'User', id: 'ann', parents: [{ type: 'Team', id: 't' }] }
    const joined = change(revoked, { kind: 'put-entity', entity: ann })
    expect(decide(joined)).toEqual(['allow', 'allow'])
    const closed = change(joined, { kind: 'delete-entity', type: 'Doc', id: 'd1' })
    expect(decide(closed)).toEqual(['deny', 'allow'])
    expect([first, granted, joined, closed].map(decide)).toEqual([
      ['deny', 'deny'],
      ['allow', 'allow'],
      ['allow', 'allow'],
      ['deny', 'allow'],
    ])
    // A change of what others lie below reaches them.
    const team = change(joined, {
      kind: 'delete-assignment',
      assignment: { ...toAnn, to: { type: 'Team', id: 't' } },
    })
    expect(decide(team)).toEqual(['allow', 'deny'])
  })

  it('stops counting an assignment at its end, and tells until when an answer holds', () => {
    const policySet = load('subject User\nresource Doc { actions read }\nrole reader { can read on Doc }')
    const expires = '2026-01-01T12:00:00Z'
    const entities = openData(policySet, {
      assignments: [
        { role: 'reader', to: { type: 'User', id: 'ann' }, on: { type: 'Doc', id: 'd1' }, expires },
      ],
    })
    const at = (now: number) => policySet.decide(ask(undefined), { entities, now: () => now })
    const end = Date.parse(expires)
    expect([at(end - 1).decision, at(end - 1).cacheable]).toEqual(['allow', { until: expires }])
    expect([at(end).decision, at(end).cacheable]).toEqual(['deny', { until: null }])
  })

  it('sees another version of a store at once', () => {
    const policySet = load('subject User\nresource Doc { actions read }\nrole reader { can read on Doc }')
    const row = { role: 'reader', to: { type: 'User', id: 'ann' }, on: '*' } as const
    const entities = { ...openData(policySet, {}), version: '1' }
    expect(policySet.decide(ask(undefined), { entities }).decision).toBe('deny')
    entities.assignmentsTo = (target) =>
      target !== '*' && 'id' in target && target.id === 'ann' ? [row] : []
    entities.assignmentsOn = (scope) => (scope === '*' ? [row] : [])
    entities.version = '2'
    expect(policySet.decide(ask(undefined), { entities }).decision).toBe('allow')
  })

  it('takes nothing for a member that all objects inherit', () => {
    const policySet = load(
      'subject User\nresource Doc { isPublic?: Bool  constructor?: String  actions read, write }\n' +
        'rule open: allow read on Doc if resource.isPublic ?? false\n' +
        'rule built: allow write on Doc if resource has constructor',
    )
    expect(policySet.decide(ask({ isPublic: true })).decision).toBe('allow')
    expect(policySet.decide(ask({}, 'write')).decision).toBe('deny')
    expect(policySet.decide(ask({ constructor: 'x' }, 'write')).decision).toBe('allow')
    Object.assign(Object.prototype, { isPublic: true })
    expect(policySet.decide(ask({})).decision).toBe('deny')
  })

  it('takes nothing from the prototype of what a caller merged', () => {
    const policySet = load(
      'subject User { isAdmin?: Bool }\nresource Doc { owner?: User  actions read, write }\ncontext { token?: { acr?: String } }\n' +
        'rule admins: allow read on Doc if subject.isAdmin ?? false\n' +
        'rule mfa: allow write on Doc if (context.token?.acr ?? "") == "mfa"\n' +
        'rule owners: allow write on Doc if resource has owner && resource.owner == subject',
    )
    const merge = (json: string): object => Object.assign({}, JSON.parse(json))
    const { subject, action, resource } = ask(undefined)
    const poisoned: readonly object[] = [
      { subject: { ...subject, properties: merge('{"__proto__": {"isAdmin": true}}') }, action, resource },
      {
        subject,
        action: { name: 'write' },
        resource,
        context: merge('{"__proto__": {"token": {"acr": "mfa"}}}'),
      },
      {
        subject,
        action: { name: 'write' },
        resource,
        context: { token: merge('{"__proto__": {"acr": "mfa"}}') },
      },
      {
        subject,
        action: { name: 'write' },
        resource: {
          ...resource,
          properties: { owner: merge('{"__proto__": {"type": "User", "id": "ann"}}') },
        },
      },
    ]
    for (const request of poisoned) expect(policySet.decide(request as DecisionRequest).decision).toBe('deny')
    const whole = Object.assign({}, JSON.parse('{"__proto__": {"subject": {"type": "User", "id": "eve"}}}'), {
      action,
      resource,
    })
    expect(() => policySet.decide(whole)).toThrow(/malformed request/)
  })

  it('knows an entity in a set by its own members, whatever else the object has', () => {
    const policySet = load(
      'subject User\nresource Doc { blocked: Set<User>  actions read }\nrule open: allow read on Doc\n' +
        'rule block: deny read on Doc if some b in resource.blocked: b == subject',
    )
    const odd = [
      JSON.parse('{"type": "User", "id": "ann", "__proto__": {}}'),
      Object.assign(Object.create(null), { type: 'User', id: 'ann' }),
      Object.assign(Object.create({ inherited: true }), { type: 'User', id: 'ann' }),
    ]
    for (const one of odd) {
      expect(policySet.decide(ask({ blocked: [one] })).reasons).toEqual([{ rule: 'block' }])
      const entities = openData(policySet, {
        entities: [{ type: 'Doc', id: 'd1', properties: { blocked: [one] } }],
      })
      expect(policySet.decide(ask(undefined), { entities }).reasons).toEqual([{ rule: 'block' }])
    }
  })

  it('asks a store that is made of another one for its own answers', () => {
    const policySet = load('subject User\nresource Doc { actions read }\nrole reader { can read on Doc }')
    const entities = openData(policySet, {
      assignments: [{ role: 'reader', to: { type: 'User', id: 'ann' }, on: '*' }],
    })
    const decide = (store: EntityStore) => policySet.decide(ask(undefined), { entities: store }).decision
    expect(decide(entities)).toBe('allow')
    const none = { ...entities, version: 'next', assignmentsTo: () => [], assignmentsOn: () => [] }
    expect(decide(none)).toBe('deny')
    expect(decide(entities)).toBe('allow')
  })

  it('does not decide by half a store where one throws as it is opened', () => {
    const policySet = load('subject User\nresource Doc { actions read }\nrole reader { can read on Doc }')
    const granting = openData(policySet, {
      assignments: [{ role: 'reader', to: { type: 'User', id: 'ann' }, on: '*' }],
    })
    expect(policySet.decide(ask(undefined), { entities: granting }).decision).toBe('allow')
    let isBroken = true
    const broken: EntityStore = {
      ...openData(policySet, {}),
      version: 'later',
      get rolesToHolders(): readonly string[] {
        if (!isBroken) return []
        throw new Error('not now')
      },
    }
    expect(() => policySet.decide(ask(undefined), { entities: broken })).toThrow('not now')
    isBroken = false
    expect(policySet.decide(ask(undefined), { entities: broken }).decision).toBe('deny')
  })

  it('gives answers that nobody can change', () => {
    const policySet = load(
      'subject User\nresource Doc { actions read }\nrule open: allow read on Doc obligate audit(level: "high")',
    )
    const answer = policySet.decide(ask(undefined))
    expect(answer).toBe(policySet.decide(ask(undefined)))
    expect(Object.isFrozen(answer) && Object.isFrozen(answer.obligations[0]?.args)).toBe(true)
  })

  it('answers a store that asks for a decision while one is under way', () => {
    const policySet = load(
      'subject User in Team\nentity Team\nresource Doc { team: Team  actions read }\n' +
        'rule team: allow read on Doc if subject in resource.team',
    )
    const inner: string[] = []
    const entities = openData(policySet, {
      entities: [{ type: 'User', id: 'ann', parents: [{ type: 'Team', id: 't' }] }],
    })
    const asking = {
      ...entities,
      entity: (ref: { readonly type: string; readonly id: string }) => {
        inner.push(policySet.decide(ask({ team: 'other' }), { entities }).decision)
        return entities.entity(ref)
      },
    }
    expect(policySet.decide(ask({ team: 't' }), { entities: asking }).decision).toBe('allow')
    expect(new Set(inner)).toEqual(new Set(['deny']))
  })

  it.each([
    {
      what: 'properties in an array',
      request: { ...ask(undefined), resource: { type: 'Doc', id: 'd', properties: [] } },
    },
    { what: 'a context that is a text', request: { ...ask(undefined), context: 'x' } },
    { what: 'no action', request: { ...ask(undefined), action: undefined } },
    { what: 'a number for an id', request: { ...ask(undefined), subject: { type: 'User', id: 7 } } },
  ])('refuses $what as malformed', ({ request }) => {
    const policySet = load('subject User\nresource Doc { actions read }\nrule open: allow read on Doc')
    expect(() => policySet.decide(request as never)).toThrow(/malformed request/)
  })
})
