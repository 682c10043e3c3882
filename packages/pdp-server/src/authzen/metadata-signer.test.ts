import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compactVerify, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { createAsk } from '../test-support/service.ts'
import { findAuthzenContradictions } from './authzen-config.ts'
import { createMetadataSigner } from './metadata-signer.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-metadata-'))
afterAll(() => rmSync(folder, { recursive: true }))

const publicUrl = 'https://pdp.example.com/tenant'
const metadata = { policy_decision_point: publicUrl }
const ed25519 = generateKeyPairSync('ed25519')
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function writeKey(name: string, key: { export: (options: object) => unknown }, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, String(key.export({ type: 'pkcs8', format: 'pem' })))
  chmodSync(path, mode)
  return path
}

describe('createMetadataSigner', () => {
  it.each([
    ['EdDSA', ed25519],
    ['ES256', p256],
  ] as const)('signs with %s what the metadata says, for its issuer and for an hour', async (alg, pair) => {
    const now = Date.UTC(2027, 0, 1)
    const sign = await createMetadataSigner({ keyFile: writeKey(alg, pair.privateKey), now: () => now })
    const text = await sign(metadata)
    const { payload } = await jwtVerify<JWTPayload>(text, pair.publicKey, {
      issuer: publicUrl,
      algorithms: [alg],
      currentDate: new Date(now),
    })
    expect(payload).toEqual({ ...metadata, iss: publicUrl, iat: now / 1000, exp: now / 1000 + 3600 })
    expect(decodeProtectedHeader(text)).toMatchObject({
      alg,
      typ: 'JWT',
      kid: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  it('gives the same text for a while, a new one long before it expires, and one for each content', async () => {
    let now = Date.UTC(2027, 0, 1)
    const sign = await createMetadataSigner({ keyFile: writeKey('a', ed25519.privateKey), now: () => now })
    const first = await sign(metadata)
    now += 599_000
    expect(await sign(metadata)).toBe(first)
    expect(await sign({ policy_decision_point: 'https://other.example' })).not.toBe(first)
    now += 2000
    const second = await sign(metadata)
    expect(second).not.toBe(first)
    // The clock is set back: no statement of the future stays in use.
    now -= 7_200_000
    const { iat } = JSON.parse(
      new TextDecoder().decode((await compactVerify(await sign(metadata), ed25519.publicKey)).payload),
    )
    expect(iat).toBe(now / 1000)
  })

  it.each([
    [0o644, /can be read by everybody/],
    [0o604, /can be read by everybody/],
    [0o620, /written by its group: chmod 600/],
  ])('refuses a key file of mode %o', async (mode, message) => {
    const keyFile = writeKey('open', ed25519.privateKey, mode)
    await expect(createMetadataSigner({ keyFile })).rejects.toThrow(message)
  })

  it.each([0o600, 0o400, 0o440])('takes a key file of mode %o', async (mode) => {
    const path = writeKey(`mode-${mode}`, ed25519.privateKey, mode)
    expect(await createMetadataSigner({ keyFile: path })).toBeTypeOf('function')
  })

  it('refuses what is no such key, and says nothing of what it holds', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    for (const key of [rsa, p384]) {
      await expect(createMetadataSigner({ keyFile: writeKey('other', key.privateKey) })).rejects.toThrow(
        /Ed25519 or P-256/,
      )
    }
    const path = join(folder, 'text')
    writeFileSync(path, 'hush-hush', { mode: 0o600 })
    await expect(createMetadataSigner({ keyFile: path })).rejects.toThrow(/no private key in PEM/)
    await expect(createMetadataSigner({ keyFile: path })).rejects.not.toThrow(/hush/)
    await expect(createMetadataSigner({ keyFile: join(folder, 'nowhere') })).rejects.toThrow(
      /there is no file/,
    )
  })
})

describe('the metadata of a service', () => {
  it('is there plain, and signed as a whole', async () => {
    const signMetadata = await createMetadataSigner({ keyFile: writeKey('s', ed25519.privateKey) })
    const ask = createAsk({ publicUrl, signMetadata, obligationsProfile: true })
    const { json } = await ask('/.well-known/authzen-configuration/tenant')
    const { signed_metadata, ...plain } = json as { signed_metadata: string }
    expect(plain).toMatchObject({
      policy_decision_point: publicUrl,
      supported_obligations: ['step-up', 'notification', 'session_termination', 'custom'],
    })
    const { payload } = await jwtVerify(signed_metadata, ed25519.publicKey, { issuer: publicUrl })
    const { iss: _, iat: __, exp: ___, ...claims } = payload
    expect(claims).toEqual(plain)
  })

  it('holds no empty members where neither is configured', async () => {
    const { json } = await createAsk({ publicUrl })('/.well-known/authzen-configuration/tenant')
    for (const name of ['supported_obligations', 'signed_metadata']) expect(json).not.toHaveProperty(name)
  })

  it('is not to be signed where there is none', () => {
    const config = { metadataKeyFile: 'key.pem', obligationsProfile: false }
    expect(findAuthzenContradictions(config)).toEqual([expect.stringMatching(/`publicUrl`/)])
    expect(findAuthzenContradictions({ ...config, publicUrl })).toEqual([])
  })
})
