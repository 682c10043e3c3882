import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { findAuthenticationContradictions } from './auth-config.ts'

const cwd = resolve('/somewhere')
const load = (flags: Readonly<Record<string, unknown>>) =>
  loadConfig({
    flags: Object.fromEntries(Object.entries(flags).map(([key, value]) => [key, JSON.stringify(value)])),
    env: {},
    cwd,
  })

const issuer = {
  issuer: 'https://issuer.example',
  audience: 'edict',
  jwksUri: 'https://issuer.example/keys',
}

describe('the configuration of issuers', () => {
  it('has safe defaults, and starts paths where it stands', () => {
    const { callerIssuers, subjectIssuers } = load({
      callerIssuers: [issuer],
      subjectIssuers: [
        {
          issuer: 'https://people.example',
          audience: ['edict'],
          jwksFile: 'keys.json',
          introspection: {
            url: 'http://127.0.0.1:9000/ask',
            clientId: 'pdp',
            clientSecretFile: 'secret',
          },
        },
      ],
    })
    expect(callerIssuers).toEqual([
      {
        ...issuer,
        algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
        type: 'at+jwt',
        requiredClaims: [],
        clockToleranceSeconds: 10,
        scopeClaim: 'scope',
        scopePrefix: 'edict:',
      },
    ])
    expect(subjectIssuers?.[0]).toMatchObject({
      jwksFile: resolve(cwd, 'keys.json'),
      introspection: { clientSecretFile: resolve(cwd, 'secret'), cacheSeconds: 10 },
      subjectType: 'User',
    })
  })

  it.each<[string, object, RegExp]>([
    ['no keys', { jwksUri: undefined }, /must give https:\/\/issuer\.example `jwksUri`, `jwksFile` or/],
    ['two places of keys', { jwksFile: 'k.json' }, /`jwksUri` or `jwksFile`, not both/],
    ['keys that anyone on the way can change', { jwksUri: 'http://issuer.example/keys' }, /an https address/],
    ['an address with a password', { jwksUri: 'https://a:b@issuer.example/' }, /without credentials/],
    ['a shared secret', { algorithms: ['HS256'] }, /callerIssuers\[0\]\.algorithms\[0\]` must be of RS256/],
    ['no signature', { algorithms: ['none'] }, /must be of RS256/],
    ['no algorithm', { algorithms: [] }, /must name an algorithm/],
    ['no audience', { audience: [] }, /audience/],
    ['a member that there is not', { audiences: 'x' }, /audiences/],
    ['a long tolerance', { clockToleranceSeconds: 3600 }, /from 0 to 300/],
  ])('refuses %s', (_, change, message) => {
    expect(() => load({ callerIssuers: [{ ...issuer, ...change }] })).toThrow(message)
  })

  it('refuses an issuer twice, and what is no list', () => {
    expect(() => load({ callerIssuers: [issuer, issuer] })).toThrow(/names https:\/\/issuer\.example twice/)
    expect(() => load({ callerIssuers: issuer })).toThrow(/must be a list/)
    expect(() => loadConfig({ flags: { callerIssuers: '{' }, env: {}, cwd })).toThrow(/must be a list/)
  })

  it('refuses prefixes by which two subjects could share an id', () => {
    const other = { ...issuer, issuer: 'https://other.example' }
    const subjectIssuers = (one: object, two: object) =>
      load({
        subjectIssuers: [
          { ...issuer, ...one },
          { ...other, ...two },
        ],
      })
    expect(() => subjectIssuers({ subjectIdPrefix: '' }, {})).toThrow(/must tell subjects apart/)
    expect(() => subjectIssuers({ subjectIdPrefix: 'a' }, { subjectIdPrefix: 'ab' })).toThrow(/tell subjects/)
    expect(() =>
      subjectIssuers({ subjectIdPrefix: '' }, { subjectIdPrefix: '', subjectType: 'Robot' }),
    ).not.toThrow()
    expect(() => subjectIssuers({}, {})).not.toThrow()
  })
})

describe('findAuthenticationContradictions', () => {
  const find = (flags: Readonly<Record<string, unknown>>, isReachable = true) =>
    findAuthenticationContradictions(loadConfig({ flags, env: {}, cwd }), isReachable)
  const issuers = JSON.stringify([issuer])
  const publicUrl = 'https://pdp.example.com'

  it.each([
    [{ revocationFile: 'revoked.jsonl' }, /`revocationFile` .*set `callerIssuers` or `subjectIssuers`/],
    [{ trustCallerClaims: true, callerIssuers: issuers }, /`trustCallerClaims` .*set these, or leave it out/],
    [{ signatureKeys: 'signers.json' }, /`signatureKeys` .*set `publicUrl`, or listen on 127\.0\.0\.1/],
  ])('finds what does nothing: %j', (flags, complaint) => {
    expect(find(flags)).toEqual([expect.stringMatching(complaint)])
  })

  it.each([
    [{}, true],
    [{ revocationFile: 'revoked.jsonl', callerIssuers: issuers }, true],
    [{ revocationFile: 'revoked.jsonl', subjectIssuers: issuers, trustCallerClaims: true }, true],
    [{ signatureKeys: 'signers.json', publicUrl }, true],
    [{ signatureKeys: 'signers.json' }, false],
  ])('finds nothing in %j', (flags, isReachable) => {
    expect(find(flags, isReachable)).toEqual([])
  })
})
