import { describe, expect, it } from 'vitest'
import { createTestKey, readD, signTestBundle } from '../test-support/bundles.ts'
import type { AdmissionRules } from './admit-bundle.ts'
import { admitInThread } from './admit-in-thread.ts'
import { runAdmission } from './run-admission.ts'

const key = createTestKey()
const NOW = Date.UTC(2026, 5, 1)
const rulesOf = (rules: Partial<AdmissionRules> = {}): AdmissionRules => ({
  keys: key.keys,
  bundleName: 'docs',
  takesData: true,
  floor: undefined,
  now: NOW,
  ...rules,
})
const never = new AbortController().signal

describe('runAdmission', () => {
  const run = (bytes: Uint8Array, rules: Partial<AdmissionRules> = {}, knownData?: string) =>
    runAdmission({ bytes, rules: rulesOf(rules), knownData }).result

  it('says why it refuses', () => {
    const floor = { serial: 2, digest: '', notAfter: undefined }
    expect(run(signTestBundle(key), { floor })).toMatchObject({
      kind: 'refused',
      message: 'the bundle has serial 1, and 2 was seen before: it is an older one',
    })
    expect(run(signTestBundle(createTestKey()))).toMatchObject({ kind: 'refused', problems: [] })
    const ended = run(signTestBundle(key, { notAfter: NOW }))
    expect(ended).toMatchObject({ kind: 'refused', isForNow: true })
  })

  it('sends no entity data that is there already', () => {
    const first = run(signTestBundle(key))
    if (first.kind !== 'admitted') throw new Error(first.message)
    expect(first.state.data?.rows).toBeDefined()
    const next = run(signTestBundle(key, { serial: 2 }), {}, first.state.data?.version)
    expect(next).toMatchObject({ kind: 'admitted', state: { data: { version: first.state.data?.version } } })
    expect(next).not.toHaveProperty('state.data.rows')
  })
})

describe('admitInThread', () => {
  it('gives what decides, and the bytes back', async () => {
    const bundle = signTestBundle(key, { serial: 4 })
    const admitted = await admitInThread(Uint8Array.from(bundle), {
      rules: rulesOf(),
      known: undefined,
      signal: never,
      inlineBytes: 0,
    })
    expect(admitted).toMatchObject({ keyId: key.signer.id, seen: { serial: 4 } })
    expect(Buffer.from(admitted.bytes).equals(bundle)).toBe(true)
    const { policySet, entities, counts } = admitted.state
    expect(policySet.decide(readD, entities && { entities })).toMatchObject({ decision: 'allow' })
    expect(counts).toEqual({ rules: 2, roles: 1, entities: 1, assignments: 1 })
  })

  it('ends at once when the service stops', async () => {
    const stopping = new AbortController()
    const admitting = admitInThread(signTestBundle(key), {
      rules: rulesOf(),
      known: undefined,
      signal: stopping.signal,
      inlineBytes: 0,
    })
    stopping.abort()
    await expect(admitting).rejects.toThrow('the thread ended without a result')
  })
})
