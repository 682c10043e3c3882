import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { flattenedVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { PdpServerError } from '../errors.ts'
import {
  BUNDLE_DATA,
  BUNDLE_POLICY,
  buildTestBundle,
  createTestKey,
  readD,
  signTestBundle,
} from '../test-support/bundles.ts'
import { signBundle } from './build-bundle.ts'
import { joinBundle, splitBundle } from './layout.ts'
import { checkTerms, loadBundle, openUnverified, verifyBundle } from './open-bundle.ts'
import { sealPayload } from './seal.ts'

const key = createTestKey()
const stranger = createTestKey()
const bundle = signTestBundle(key)

function checkRefused(bytes: Uint8Array, message: RegExp): void {
  let error: unknown
  try {
    loadBundle(verifyBundle(bytes, key.keys))
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(PdpServerError)
  expect(error).toMatchObject({ code: 'bad-bundle', message: expect.stringMatching(message) })
}

const isRefused = (bytes: Uint8Array): boolean => {
  try {
    verifyBundle(bytes, key.keys)
    return false
  } catch (error) {
    return error instanceof PdpServerError && error.code === 'bad-bundle'
  }
}

/** Anything at all, signed as it must be. */
const sealed = (payload: string | Uint8Array): Uint8Array =>
  joinBundle(sealPayload(Buffer.from(payload), key.signer), Buffer.from(payload))

/** The good bundle, with other text in its manifest or contents, signed anew. */
function resigned(change: (payload: string) => string): Uint8Array {
  return sealed(change(Buffer.from(splitBundle(bundle).payload).toString()))
}

/** The same with members of the manifest changed; those that are undefined are left out. */
const withManifest = (members: object): Uint8Array =>
  resigned((payload) => {
    const end = payload.indexOf('\n')
    return JSON.stringify({ ...JSON.parse(payload.slice(0, end)), ...members }) + payload.slice(end)
  })

/** The payload under another second line. */
const withSeal = (seal: string): Uint8Array => joinBundle(seal, splitBundle(bundle).payload)

const goodSeal = splitBundle(bundle).seal
const [goodHeader = '', , goodSignature = ''] = goodSeal.split('.')
const encode = (header: unknown): string =>
  Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)).toString('base64url')
const goodFields = JSON.parse(Buffer.from(goodHeader, 'base64url').toString())

describe('verifyBundle', () => {
  it('takes what it signed, and decides by it', () => {
    const verified = verifyBundle(bundle, key.keys)
    expect(verified).toMatchObject({ keyId: key.signer.id, manifest: { name: 'docs', serial: 1 } })
    const { policySet, entities, counts } = loadBundle(verified).state
    expect(policySet.decide(readD, entities && { entities })).toMatchObject({ decision: 'allow' })
    expect(policySet.decide(readD)).toMatchObject({ decision: 'deny' })
    expect(counts).toEqual({ rules: 2, roles: 1, entities: 1, assignments: 1 })
  })

  it('takes a bundle without data', () => {
    const { state } = loadBundle(verifyBundle(signTestBundle(key, { data: false }), key.keys))
    expect(state).not.toHaveProperty('entities')
  })

  it('takes each of several keys', () => {
    const both = new Map([...key.keys, ...stranger.keys])
    expect(verifyBundle(bundle, both).keyId).toBe(key.signer.id)
    expect(verifyBundle(signTestBundle(stranger), both).keyId).toBe(stranger.signer.id)
  })

  it('checks what any library for JWS would', async () => {
    const [first] = key.keys.values()
    const jws = { protected: goodHeader, signature: goodSignature, payload: splitBundle(bundle).payload }
    await flattenedVerify(jws, first as never, { algorithms: ['Ed25519'], crit: { b64: true } })
  })

  it('refuses a bundle with any byte changed', () => {
    const positions = Array.from({ length: Math.ceil(bundle.length / 3) }, (_, index) => index * 3)
    const accepted = positions.filter((position) => {
      const changed = Uint8Array.from(bundle)
      changed[position] = (changed[position] ?? 0) ^ 1
      return !isRefused(changed)
    })
    expect(accepted).toEqual([])
  })

  it('refuses a bundle with anything changed, cut off, put in or added', () => {
    const at = fc.nat({ max: bundle.length - 1 })
    const bit = fc.nat({ max: 7 })
    const some = fc.uint8Array({ minLength: 1, maxLength: 8 })
    const cut = (from: number, to: number, between: Uint8Array = new Uint8Array()) =>
      Buffer.concat([bundle.subarray(0, from), between, bundle.subarray(to)])
    const changed = fc.oneof(
      fc
        .tuple(at, bit)
        .map(([from, place]) => cut(from, from + 1, Uint8Array.of((bundle[from] ?? 0) ^ (1 << place)))),
      at.map((from) => cut(from, bundle.length)),
      fc.tuple(at, at).map(([one, other]) => cut(Math.min(one, other), Math.max(one, other) + 1)),
      fc.tuple(at, some).map(([from, bytes]) => cut(from, from, bytes)),
      some.map((bytes) => Buffer.concat([bundle, bytes])),
    )
    fc.assert(
      fc.property(changed, (bytes) => Buffer.from(bundle).equals(bytes) || isRefused(bytes)),
      { numRuns: 300 },
    )
  })

  it('survives any bytes', () => {
    const start = Buffer.from('edict-bundle/1\n')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), (bytes, isBundle) =>
        isRefused(isBundle ? Buffer.concat([start, bytes]) : bytes),
      ),
      { numRuns: 200 },
    )
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /is none/],
    ['another file', Buffer.from('PK\u0003\u0004'), /is none/],
    ['a later format', Buffer.from('edict-bundle/2\nx\n'), /format version that this Edict does not know/],
    ['the first line alone', Buffer.from('edict-bundle/1\n'), /has no second line/],
    [
      'a second line without end',
      Buffer.from(`edict-bundle/1\n${'x'.repeat(100_000)}`),
      /has no second line/,
    ],
    ['no signature', buildTestBundle(), /is not signed/],
    ['a signature of a stranger', signTestBundle(stranger), /is none of those that count/],
    [
      'a signature of a stranger under the name of the key',
      withSeal(sealPayload(splitBundle(bundle).payload, { ...stranger.signer, id: key.signer.id })),
      /has no signature of the key/,
    ],
    [
      'a seal of another bundle',
      withSeal(splitBundle(signTestBundle(key, { serial: 2 })).seal),
      /has no signature/,
    ],
  ])('refuses %s', (_, bytes, message) => checkRefused(bytes, message))

  const hmac = (header: string, secret: string | Buffer) =>
    createHmac('sha256', secret).update(`${header}.`).update(splitBundle(bundle).payload).digest('base64url')
  const [publicKey] = key.keys.values()
  const rawPublic = Buffer.from(String(publicKey?.export({ format: 'jwk' }).x), 'base64url')
  const hs256 = encode({ ...goodFields, alg: 'HS256' })

  it.each<[string, string, RegExp]>([
    ['alg none', `${encode({ ...goodFields, alg: 'none' })}..`, /not signed with Ed25519, but says "none"/],
    ['alg None', `${encode({ ...goodFields, alg: 'None' })}..${goodSignature}`, /not signed with Ed25519/],
    ['HMAC with the PEM of the public key', `${hs256}..${hmac(hs256, key.publicPem)}`, /says "HS256"/],
    ['HMAC with the public key itself', `${hs256}..${hmac(hs256, rawPublic)}`, /says "HS256"/],
    ['HMAC that says Ed25519', `${goodHeader}..${hmac(goodHeader, rawPublic)}`, /no Ed25519 signature/],
    ['alg EdDSA', `${encode({ ...goodFields, alg: 'EdDSA' })}..${goodSignature}`, /not signed with Ed25519/],
    ['no alg', `${encode({ kid: key.signer.id })}..${goodSignature}`, /not signed with Ed25519/],
    ['no kid', `${encode({ ...goodFields, kid: undefined })}..${goodSignature}`, /does not say whose key/],
    [
      'a path as kid',
      `${encode({ ...goodFields, kid: '../../key' })}..${goodSignature}`,
      /does not say whose key/,
    ],
    [
      '__proto__ as kid',
      `${encode({ ...goodFields, kid: '__proto__' })}..${goodSignature}`,
      /does not say whose key/,
    ],
    [
      'a key of its own',
      `${encode({ ...goodFields, jwk: publicKey?.export({ format: 'jwk' }) })}..${goodSignature}`,
      /says more, or less/,
    ],
    [
      'an address of keys',
      `${encode({ ...goodFields, jku: 'https://x.example' })}..${goodSignature}`,
      /says more/,
    ],
    ['an encoded payload', `${encode({ ...goodFields, b64: true })}..${goodSignature}`, /says more, or less/],
    [
      'a critical extension',
      `${encode({ ...goodFields, crit: ['b64', 'x'] })}..${goodSignature}`,
      /says more/,
    ],
    ['another typ', `${encode({ ...goodFields, typ: 'JWT' })}..${goodSignature}`, /says more, or less/],
    [
      'members in another order',
      `${encode(Object.fromEntries(Object.entries(goodFields).reverse()))}..${goodSignature}`,
      /says more, or less/,
    ],
    [
      'a member twice',
      `${encode(JSON.stringify(goodFields).replace('{', '{"alg":"none",'))}..${goodSignature}`,
      /not signed with Ed25519/,
    ],
    ['a payload inside', `${goodHeader}.e30.${goodSignature}`, /no detached JWS/],
    ['four parts', `${goodSeal}.x`, /no detached JWS/],
    ['no signature', `${goodHeader}..`, /no Ed25519 signature/],
    ['a signature of zeros', `${goodHeader}..${'A'.repeat(86)}`, /has no signature of the key/],
    ['padding', `${goodSeal}==`, /no Ed25519 signature/],
    ['a blank', `${goodSeal} `, /no Ed25519 signature/],
    ['a carriage return', `${goodSeal}\r`, /no Ed25519 signature/],
  ])('refuses a seal with %s', (_, seal, message) => checkRefused(withSeal(seal), message))
})

describe('loadBundle', () => {
  const data = JSON.stringify(BUNDLE_DATA)

  it.each<[string, Uint8Array, RegExp]>([
    ['no manifest', sealed(''), /has no manifest/],
    ['a manifest without end', sealed('x'.repeat(100_000)), /has no manifest/],
    ['a manifest that is no JSON', sealed('{\n'), /manifest that is wrong: \$ is not JSON/],
    ['a member twice', resigned((text) => text.replace('{', '{"serial":9,')), /\$\.serial is there twice/],
    [
      'a member twice, once escaped',
      resigned((text) => text.replace('{', '{"seri\\u0061l":9,')),
      /is there twice/,
    ],
    ['a member that nobody knows', withManifest({ url: 'https://x.example' }), /manifest that is wrong: \$/],
    ['__proto__', resigned((text) => text.replace('{', '{"__proto__":{},')), /manifest that is wrong/],
    ['another format version', withManifest({ formatVersion: 2 }), /\$\.formatVersion must be 1/],
    ['a serial below zero', withManifest({ serial: -1 }), /\$\.serial must not be below zero/],
    ['a serial beyond the exact', withManifest({ serial: 2 ** 53 }), /\$\.serial/],
    ['half a serial', withManifest({ serial: 1.5 }), /\$\.serial must be a whole number/],
    ['a serial as text', withManifest({ serial: '7' }), /\$\.serial/],
    ['a name of control characters', withManifest({ name: 'a\nb' }), /\$\.name must be a name/],
    ['no policies', withManifest({ policyVersion: undefined }), /\$\.policyVersion/],
    ['an end that is no time', withManifest({ notAfter: 'never' }), /\$\.notAfter must be an RFC 3339/],
    ['no key', withManifest({ keyId: undefined }), /names another key in its manifest/],
    ['another key', withManifest({ keyId: stranger.signer.id }), /names another key in its manifest/],
    ['huge sizes', withManifest({ programBytes: 2 ** 53 - 1 }), /holds \d+ bytes, and not the 9007/],
    ['sizes beyond the exact', withManifest({ programBytes: 1e300 }), /\$\.programBytes/],
    ['sizes below zero', withManifest({ programBytes: -5 }), /\$\.programBytes must not be below zero/],
    ['too little', withManifest({ dataBytes: 1 }), /holds \d+ bytes, and not/],
    [
      'sizes that cut elsewhere',
      withManifest({ programBytes: 5, dataBytes: contentBytes() - 5 }),
      /do not load/,
    ],
    ['data that it denies', withManifest({ dataVersion: undefined }), /at odds with itself about data/],
    [
      'other policies than it says',
      withManifest({ policyVersion: '0'.repeat(64) }),
      /holds other policies than/,
    ],
    ['other data than it says', withManifest({ dataVersion: '0'.repeat(64) }), /holds other data than/],
    [
      'data with a member twice',
      resigned((text) => text.replace('"id":"d"', '"id":"d","id":"e"')),
      /bytes, and not/,
    ],
    [
      'changed data of the same length',
      resigned((text) => text.replace('"id":"d"', '"id":"e"')),
      /holds other data than/,
    ],
    [
      'data that does not fit',
      resigned((text) =>
        text.replace('"role":"editor"', '"role":"emperor"').replace(/"dataBytes":(\d+)/, grow),
      ),
      /holds data that does not fit its policies$/,
    ],
    [
      'data that is no JSON',
      resigned((text) => text.replace(data, `${data.slice(0, -1)}]`)),
      /holds data that is no strict JSON$/,
    ],
    [
      'policies that are none',
      resigned((text) => text.replace('"format":"', '"format":"x')),
      /bytes, and not/,
    ],
    [
      'policies that are no JSON',
      resigned((text) => text.replace('"roles":[', '"roles":{')),
      /policies that do not load$/,
    ],
  ])('refuses %s', (_, bytes, message) => checkRefused(bytes, message))

  it('tells what does not fit in problems alone', () => {
    const bytes = resigned((text) =>
      text.replace('"role":"editor"', '"role":"emperor"').replace(/"dataBytes":(\d+)/, grow),
    )
    expect(() => loadBundle(verifyBundle(bytes, key.keys))).toThrow(
      expect.objectContaining({ problems: [{ path: '$.assignments[0].role', detail: expect.any(String) }] }),
    )
  })

  function grow(_: string, size: string): string {
    return `"dataBytes":${Number(size) + 1}`
  }

  function contentBytes(): number {
    const { programBytes, dataBytes } = openUnverified(bundle).manifest
    return programBytes + dataBytes
  }
})

describe('checkTerms', () => {
  const now = Date.UTC(2026, 5, 1)
  const manifestOf = (options: object) => openUnverified(signTestBundle(key, options)).manifest

  it('takes what is meant for this service, until its end', () => {
    checkTerms(manifestOf({}), 'docs', now)
    checkTerms(manifestOf({ notAfter: now + 1 }), 'docs', now)
  })

  it.each<[string, object, RegExp]>([
    ['other names', { name: 'docs-test' }, /is `docs-test`, and not `docs`/],
    ['names in other letters', { name: 'Docs' }, /is `Docs`/],
    ['what has ended', { notAfter: now }, /must not be used after 2026-06-01T00:00:00.000Z/],
  ])('refuses %s', (_, options, message) => {
    expect(() => checkTerms(manifestOf(options), 'docs', now)).toThrow(message)
  })
})

describe('signBundle', () => {
  it('gives equal bytes for equal content', () => {
    expect(Buffer.from(signTestBundle(key))).toEqual(Buffer.from(bundle))
    const otherLayout = BUNDLE_POLICY.replaceAll('\n', '\n\n')
    expect(openUnverified(signTestBundle(key, { policy: otherLayout })).manifest.policyVersion).toBe(
      openUnverified(bundle).manifest.policyVersion,
    )
  })

  it('signs once', () => {
    expect(() => signBundle(bundle, key.signer)).toThrow(/is signed already/)
    expect(() => signBundle(Buffer.from('x'), key.signer)).toThrow(/is none/)
  })
})
