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

function create(clock: { now: number; ticks: number }, startedAt = clock.now) {
  return createSignedCallers({
    keys: () => keys,
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

  it('keeps no nonce of what it refused unread', async () => {
    const authenticate = create(clock)
    const message = messageOf(billing)
    await authenticate(message, never)
    expect(await authenticate(message, () => true)).toHaveProperty('caller')
  })
})
