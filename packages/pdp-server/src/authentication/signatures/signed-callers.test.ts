import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSigner, type Signer, type SignOptions, signRequest } from '../../test-support/sign-request.ts'
import { createNonces } from './nonces.ts'
import { createSignedCallers, signatureWindowMs } from './signed-callers.ts'

const CREATED = 1_800_000_000
const MAX_AGE_SECONDS = 60

const billing = createSigner('billing', ['decide'])
const ops = createSigner('ops', ['decide'], 'hmac-sha256')

const toKey = ({ keyId, algorithm, key }: Signer) => ({
  id: keyId,
  name: keyId,
  scopes: ['decide'] as const,
  algorithm,
  key: algorithm === 'ed25519' ? createPublicKey(key) : key,
  expiresAt: Number.POSITIVE_INFINITY,
})
const keys = new Map([billing, ops].map((signer) => [signer.keyId, toKey(signer)]))

function messageOf(signer: Signer, options: Partial<SignOptions> = {}) {
  const url = 'https://a.example/decide'
  const components = ['@method', '@target-uri']
  const parameters = { created: CREATED, ...options.parameters }
  const headers = { ...signRequest(signer, { url, components, ...options, parameters }), ...options.headers }
  const header = (name: string): string | undefined => (headers as Record<string, string>)[name]
  return {
    method: 'POST',
    scheme: 'https',
    authority: 'a.example',
    path: '/decide',
    query: undefined,
    header,
  }
}

function create(clock: { now: number; ticks: number }, startedAt = clock.now, findKeys = () => keys) {
  return createSignedCallers({
    keys: findKeys,
    nonces: createNonces(signatureWindowMs(MAX_AGE_SECONDS)),
    maxAgeSeconds: MAX_AGE_SECONDS,
    startedAt,
    now: () => clock.now,
    ticks: () => clock.ticks,
  })
}

describe('createSignedCallers', () => {
  const clock = { now: CREATED * 1000, ticks: 0 }
  const never = () => false

  it('refuses unread where no more may be checked, but for shared secrets and what is wrong at first sight', async () => {
    const authenticate = create(clock)
    expect(await authenticate(messageOf(billing), never)).toHaveProperty('isUnread', true)
    expect(await authenticate(messageOf(billing), () => true)).toHaveProperty('caller')
    expect(await authenticate(messageOf(ops), never)).toHaveProperty('caller')
    const over = messageOf(billing, { components: [] })
    expect(await authenticate(over, never)).not.toHaveProperty('isUnread')
  })

  it('takes nothing that was signed in the second in which it began', async () => {
    const earlier = create({ now: CREATED * 1000 + 200, ticks: 0 }, CREATED * 1000 - 3_600_000)
    const message = messageOf(ops)
    expect(await earlier(message, never)).toHaveProperty('caller')
    const later = create({ now: CREATED * 1000 + 900, ticks: 0 })
    expect(await later(message, never)).toHaveProperty(
      'fault',
      expect.stringContaining('older than this service'),
    )
    const next = messageOf(ops, { parameters: { created: CREATED + 1 } })
    expect(await later(next, never)).toHaveProperty('caller')
  })

  it('takes nothing twice where the clock was behind at the start, was put right and is set back', async () => {
    const behind = { now: CREATED * 1000 - 3_600_000, ticks: 0 }
    const authenticate = create(behind)
    const message = messageOf(ops)
    Object.assign(behind, { now: CREATED * 1000, ticks: 1000 })
    expect(await authenticate(message, never)).toHaveProperty('caller')
    Object.assign(behind, { now: CREATED * 1000 + 500_000, ticks: 501_000 })
    expect(await authenticate(message, never)).toHaveProperty(
      'fault',
      expect.stringContaining('older than 60 s'),
    )
    Object.assign(behind, { now: CREATED * 1000 + 5000, ticks: 502_000 })
    expect(await authenticate(message, never)).toHaveProperty('fault', expect.stringContaining('sign anew'))
    // Others go on.
    const next = messageOf(ops, { parameters: { created: CREATED + 5 } })
    expect(await authenticate(next, never)).toHaveProperty('caller')
  })

  it('looks for the keys of few signatures, and of none where there are more', async () => {
    let looks = 0
    const authenticate = create(clock, clock.now, () => {
      looks++
      return keys
    })
    const withOthers = (count: number) => {
      const own = messageOf(ops)
      const others = Array.from({ length: count }, (_, index) => `p${index}=();keyid="proxy"`).join(', ')
      const header = (name: string) =>
        name === 'signature-input' ? `${others}, ${own.header(name)}` : own.header(name)
      return { ...own, header }
    }
    expect(await authenticate(withOthers(7), never)).toHaveProperty('caller')
    expect(looks).toBe(8)
    expect(await authenticate(withOthers(8), never)).toHaveProperty(
      'fault',
      'the request bears more than 8 signatures',
    )
    expect(looks).toBe(8)
  })

  it('keeps no nonce of what it refused unread', async () => {
    const authenticate = create(clock)
    const message = messageOf(billing)
    await authenticate(message, never)
    expect(await authenticate(message, () => true)).toHaveProperty('caller')
  })
})
