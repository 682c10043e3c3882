// The keys, messages and signatures of RFC 9421, Appendix B, as far as they are of requests and need no parameters.
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { type InnerList, parseDictionary } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { findKeyFault, isSignatureOf, type SignatureAlgorithm } from './algorithms.ts'
import { findDigestFault } from './content-digest.ts'
import { createSignatureBase, type SignedMessage } from './signature-base.ts'

const DIGEST =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:'
const BODY = Buffer.from('{"hello": "world"}')

const pem = (lines: string): KeyObject =>
  createPublicKey(`-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`)

const KEYS: Readonly<Record<string, readonly [SignatureAlgorithm, KeyObject]>> = {
  'test-key-rsa-pss': [
    'rsa-pss-sha512',
    pem(
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2' +
        '+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+' +
        'oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq' +
        'gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W' +
        'Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4' +
        'aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI' +
        '2wIDAQAB',
    ),
  ],
  'test-key-ecc-p256': [
    'ecdsa-p256-sha256',
    pem(
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf' +
        'w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==',
    ),
  ],
  'test-key-ed25519': ['ed25519', pem('MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=')],
  'test-shared-secret': [
    'hmac-sha256',
    createSecretKey(
      'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
      'base64',
    ),
  ],
}

const CLIENT_CERT =
  ':MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:'

function message(authority = 'example.com'): SignedMessage {
  const headers = new Map([
    ['host', authority],
    ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
    ['content-type', 'application/json'],
    ['content-digest', DIGEST],
    ['content-length', '18'],
    ['client-cert', CLIENT_CERT],
  ])
  return {
    method: 'POST',
    scheme: 'https',
    authority,
    path: '/foo',
    query: '?param=Value&Pet=dog',
    header: (name) => headers.get(name),
  }
}

interface Vector {
  readonly input: string
  readonly signature: string
  /** The lines before `@signature-params`. */
  readonly lines: readonly string[]
  readonly authority?: string
}

const VECTORS: Readonly<Record<string, Vector>> = {
  'B.2.1, nothing covered, rsa-pss-sha512': {
    input: '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    signature:
      'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
    lines: [],
  },
  'B.2.3, all covered, rsa-pss-sha512': {
    input:
      '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    signature:
      'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
    lines: [
      '"date": Tue, 20 Apr 2021 02:07:55 GMT',
      '"@method": POST',
      '"@path": /foo',
      '"@query": ?param=Value&Pet=dog',
      '"@authority": example.com',
      '"content-type": application/json',
      `"content-digest": ${DIGEST}`,
      '"content-length": 18',
    ],
  },
  'B.2.5, hmac-sha256': {
    input: '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    signature: 'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
    lines: [
      '"date": Tue, 20 Apr 2021 02:07:55 GMT',
      '"@authority": example.com',
      '"content-type": application/json',
    ],
  },
  'B.2.6, ed25519': {
    input:
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    signature: 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
    lines: [
      '"date": Tue, 20 Apr 2021 02:07:55 GMT',
      '"@method": POST',
      '"@path": /foo',
      '"@authority": example.com',
      '"content-type": application/json',
      '"content-length": 18',
    ],
  },
  'B.3, a proxy, ecdsa-p256-sha256': {
    input:
      '("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256"',
    signature: 'xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==',
    lines: [
      '"@path": /foo',
      '"@query": ?param=Value&Pet=dog',
      '"@method": POST',
      '"@authority": service.internal.example',
      `"client-cert": ${CLIENT_CERT}`,
    ],
    authority: 'service.internal.example',
  },
}

const vectors = Object.entries(VECTORS)

function read({ input }: Vector): InnerList {
  return parseDictionary(`sig=${input}`).get('sig') as InnerList
}

function keyOf([, parameters]: InnerList) {
  const key = KEYS[String(parameters.get('keyid'))]
  if (key === undefined) throw new Error('no such key')
  return key
}

describe('createSignatureBase', () => {
  it.each(vectors)('makes the text of %s', (_, vector) => {
    const made = createSignatureBase(read(vector), message(vector.authority))
    expect(made).toEqual({ base: [...vector.lines, `"@signature-params": ${vector.input}`].join('\n') })
  })

  it.each([
    ['("@method" "@method")', 'twice'],
    ['("@query-param";name="Pet")', 'parameters'],
    ['("content-digest";req)', 'parameters'],
    ['("@status")', 'not there'],
    ['("@no-such")', 'not there'],
    ['("x-missing")', 'not there'],
    ['("Date")', 'not there'],
    ['(date)', 'parameters'],
    ['(1)', 'parameters'],
  ])('refuses %s', (input, fault) => {
    const list = parseDictionary(`sig=${input}`).get('sig') as InnerList
    expect(createSignatureBase(list, message())).toMatchObject({ fault: expect.stringContaining(fault) })
  })

  it('refuses what could be taken for another line', () => {
    const list = parseDictionary('sig=("x")').get('sig') as InnerList
    for (const value of ['a\n"@method": GET', 'a\rb', 'ü', '\u0000']) {
      const made = createSignatureBase(list, { ...message(), header: () => value })
      expect(made).toEqual({ fault: '`x` holds other than ASCII' })
    }
  })
})

describe('isSignatureOf', () => {
  it.each(vectors)('takes the signature of %s, and none that differs in a bit', (_, vector) => {
    const input = read(vector)
    const made = createSignatureBase(input, message(vector.authority))
    const base = 'base' in made ? made.base : ''
    const [algorithm, key] = keyOf(input)
    const signature = Buffer.from(vector.signature, 'base64')
    expect(findKeyFault(algorithm, key)).toBeUndefined()
    expect(isSignatureOf(algorithm, key, base, signature)).toBe(true)
    expect(isSignatureOf(algorithm, key, base.replace('1618884473', '1618884474'), signature)).toBe(false)
    expect(isSignatureOf(algorithm, key, base, signature.subarray(1))).toBe(false)
    expect(isSignatureOf(algorithm, key, base, Buffer.alloc(0))).toBe(false)
    signature[5] = (signature[5] ?? 0) ^ 1
    expect(isSignatureOf(algorithm, key, base, signature)).toBe(false)
  })
})

describe('findKeyFault', () => {
  it('finds keys that are for another algorithm', () => {
    for (const [algorithm] of Object.values(KEYS)) {
      for (const [other, key] of Object.values(KEYS)) {
        expect(findKeyFault(algorithm, key) === undefined).toBe(algorithm === other)
      }
    }
  })
})

describe('findDigestFault', () => {
  const sha256 = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'
  it.each([
    [DIGEST, undefined],
    [sha256, undefined],
    [`${sha256}, ${DIGEST}`, undefined],
    [`${sha256}, md5=:Sd/dVLAcvNLSq16eXua5uQ==:`, undefined],
    ['md5=:Sd/dVLAcvNLSq16eXua5uQ==:', /neither/],
    ['', /neither/],
    ['sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPA=:', /not the one/],
    [`sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPA=:, ${DIGEST}`, /not the one/],
    ['sha-256=::', /not the one/],
    ['sha-256="X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="', /cannot be read/],
    ['sha-256=:X48E', /cannot be read/],
  ])('reads %s', (header, fault) => {
    const found = findDigestFault(header, BODY)
    if (fault === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(fault)
  })
})
