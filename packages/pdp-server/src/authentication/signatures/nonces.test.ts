import { describe, expect, it } from 'vitest'
import { createSigner, signRequest } from '../../test-support/sign-request.ts'
import { createNonces, type Nonces } from './nonces.ts'
import { createSignedCallers } from './signed-callers.ts'

/** Signed when they are used. */
const follow = (nonces: Nonces) => (keyId: string, nonce: string, now: number) =>
  nonces.use(keyId, nonce, now, now)

describe('createNonces', () => {
  it('remembers a nonce for as long as a signature that bears it is accepted, by key', () => {
    const use = follow(createNonces(1000))
    expect(use('a', 'one', 0)).toBe('fresh')
    expect(use('b', 'one', 0)).toBe('fresh')
    for (const at of [0, 999, 1000, 1500, 1999]) expect(use('a', 'one', at)).toBe('used')
    expect(use('a', 'two', 1999)).toBe('fresh')
    for (const at of [2000, 2998]) expect(use('a', 'two', at)).toBe('used')
    expect(use('a', 'one', 2999)).toBe('fresh')
    expect(use('a', 'two', 10_000)).toBe('fresh')
  })

  it('takes nothing of a time whose nonces it has forgotten, by key', () => {
    const { use } = createNonces(1000)
    expect(use('a', 'one', 0, 500)).toBe('fresh')
    expect(use('a', 'early', 0, 400)).toBe('fresh')
    expect(use('a', 'two', 1000, 600)).toBe('fresh')
    expect(use('a', 'one', 1000, 500)).toBe('used')
    expect(use('a', 'three', 2000, 501)).toBe('fresh')
    expect(use('a', 'one', 2000, 500)).toBe('forgotten')
    expect(use('a', 'four', 4000, 600)).toBe('forgotten')
    expect(use('a', 'four', 4000, 601)).toBe('fresh')
    expect(use('b', 'one', 4000, 500)).toBe('fresh')
  })

  it('takes no more nonces of a key than it can remember', () => {
    const use = follow(createNonces(1000, 10))
    for (let count = 0; count < 10; count++) use('a', String(count), 0)
    expect(use('a', 'one more', 0)).toBe('too-many')
    expect(use('a', '7', 0)).toBe('used')
    expect(use('b', 'one more', 0)).toBe('fresh')
    expect(use('a', 'one more', 1000)).toBe('fresh')
  })
})

describe('a signature', () => {
  it('stays as old as it is where the clock goes back', async () => {
    const signer = createSigner('billing', [], 'hmac-sha256')
    const { key } = signer
    const record = { id: signer.keyId, name: 'billing', scopes: [], algorithm: 'hmac-sha256', key } as const
    const keys = new Map([[signer.keyId, { ...record, expiresAt: Number.POSITIVE_INFINITY }]])
    const created = 1_800_000_000
    const clock = { now: created * 1000, ticks: 0 }
    const authenticate = createSignedCallers({
      keys: () => keys,
      nonces: createNonces(70_000),
      maxAgeSeconds: 60,
      startedAt: clock.now,
      now: () => clock.now,
      ticks: () => clock.ticks,
    })
    const headers = new Map(
      Object.entries(
        signRequest(signer, {
          url: 'https://a.example/decide',
          components: ['@method', '@target-uri'],
          parameters: { created },
        }),
      ),
    )
    const message = {
      method: 'POST',
      scheme: 'https',
      authority: 'a.example',
      path: '/decide',
      query: undefined,
      header: (name: string) => headers.get(name),
    }
    expect(await authenticate(message, () => true)).toHaveProperty('caller.id', 'signature:billing')
    expect(await authenticate(message, () => true)).toHaveProperty('fault', expect.stringContaining('before'))
    clock.ticks = 200_000
    expect(await authenticate(message, () => true)).toHaveProperty('fault', expect.stringContaining('older'))
  })
})
