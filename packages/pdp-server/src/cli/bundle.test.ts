import { chmodSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUNDLE_DATA, BUNDLE_POLICY } from '../test-support/bundles.ts'
import { type CliRun, createWorkspace, type Workspace } from '../test-support/cli.ts'

let workspace: Workspace
let keygen: CliRun
beforeAll(async () => {
  workspace = createWorkspace()
  workspace.write({ 'docs/policy.edict': BUNDLE_POLICY, 'docs/data/all.json': JSON.stringify(BUNDLE_DATA) })
  keygen = await run('keygen --out key.pem')
  workspace.write({ 'key.pub': keygen.stdout, 'other.pub': (await run('keygen --out other.pem')).stdout })
  await run('build docs --out signed.bundle --key key.pem --serial 5')
  await run('build docs --out unsigned.bundle --serial 5')
})
afterAll(() => workspace.remove())

const run = (line: string, env = {}) => workspace.run(['bundle', ...line.split(' ')], { env })
const pathTo = (name: string) => join(workspace.directory, name)

async function checkRun(line: string, code: number, stdout: RegExp, stderr = /^$/): Promise<void> {
  const result = await run(line)
  expect([result.code, result.stdout, result.stderr]).toEqual([
    code,
    expect.stringMatching(stdout),
    expect.stringMatching(stderr),
  ])
}

describe('edict bundle keygen', () => {
  it('prints the public key alone, and keeps the private one for its owner', () => {
    expect(keygen.stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n\S+\n-----END PUBLIC KEY-----\n$/)
    expect(keygen.stderr).toMatch(/^Key [\w-]{43}\. Whoever has key\.pem can sign/)
    expect(workspace.read('key.pem')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    expect(statSync(pathTo('key.pem')).mode & 0o777).toBe(0o600)
  })

  it('prints a JWK that services take', async () => {
    const { stdout, stderr } = await run('keygen --out jwk.pem --jwk')
    const jwk = JSON.parse(stdout)
    expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519', use: 'sig' })
    expect(jwk).not.toHaveProperty('d')
    expect(stderr).toContain(jwk.kid)
    workspace.write({ 'jwk.json': stdout })
    await run('build docs --out by-jwk.bundle --key jwk.pem')
    await checkRun('verify by-jwk.bundle --key jwk.json', 0, /^verified: /m)
  })

  it('writes over nothing', async () => {
    const before = workspace.read('key.pem')
    await checkRun('keygen --out key.pem', 2, /^$/, /key\.pem is there already: a key is never written over/)
    expect(workspace.read('key.pem')).toBe(before)
    await checkRun('keygen --out none/key.pem', 2, /^$/, /none\/key\.pem cannot be written \(ENOENT\)/)
    await checkRun('keygen', 2, /^$/, /required option '--out <file>'/)
  })
})

describe('edict bundle build', () => {
  it('signs what loads, named as its folder', async () => {
    await checkRun(
      'build docs --out a.bundle --key key.pem',
      0,
      /^a\.bundle: bundle `docs`, serial \d{13}, \d+ bytes\nsigned with the key [\w-]{43}\n$/,
    )
    await checkRun('verify a.bundle --key key.pub --name docs', 0, /^verified: .* and all of it loads$/m)
  })

  it('says that it is not signed', async () => {
    await checkRun('build docs --out b.bundle --name x', 0, /bundle `x`.*\nnot signed: no service takes it/)
    await checkRun('sign b.bundle --key key.pem', 0, /^b\.bundle: signed with the key/)
    await checkRun('verify b.bundle --key key.pub', 0, /^verified/m)
  })

  it('takes folders of the configuration, and data from elsewhere', async () => {
    workspace.write({ 'facts/x.json': '{"entities": []}' })
    const { code } = await run('build --out c.bundle --data facts', { EDICT_POLICIES: 'docs' })
    expect(code).toBe(0)
    await checkRun('inspect c.bundle', 0, /2 rules, 1 role, 0 entities, 0 assignments/)
  })

  it('leaves data out where told', async () => {
    await checkRun('build docs --out n.bundle --no-data', 0, /^n\.bundle/)
    await checkRun('inspect n.bundle', 0, /^data +none\n[\s\S]*0 entities/m)
  })

  it('refuses a serial that is no greater than what it replaces', async () => {
    await checkRun('build docs --out d.bundle --serial 7', 0, /serial 7/)
    await checkRun(
      'build docs --out d.bundle --serial 7',
      2,
      /^$/,
      /d\.bundle is bundle `docs` with serial 7, and 7 is not greater/,
    )
    await checkRun('build docs --out d.bundle --serial 8', 0, /serial 8/)
    await checkRun('build docs --out d.bundle --serial 1 --name other', 0, /serial 1/)
  })

  it('builds nothing from what has errors', async () => {
    workspace.write({
      'bad/policy.edict': 'rule r: allow fly on Doc',
      'worse/policy.edict': BUNDLE_POLICY,
      'worse/data/a.json': '{"assignments": [{"role": "king", "to": "*", "on": "*"}]}',
      'worse/data/b.json': '{"entities": [',
    })
    await checkRun('build bad --out e.bundle', 1, /^$/, /bad\/policy\.edict:1:.*bad does not load: 2 errors/s)
    await checkRun(
      'build worse --out e.bundle',
      1,
      /^$/,
      /\$ is not JSON.*worse\/data\/b\.json.*\$\.assignments\[0\]\.role.*worse\/data does not load: 2 errors/s,
    )
    expect(existsSync(pathTo('e.bundle'))).toBe(false)
  })

  it.each<[string, RegExp]>([
    ['build docs', /required option '--out <file>'/],
    ['build nowhere --out f.bundle', /there is no folder .*nowhere/],
    ['build docs --data nowhere --out f.bundle', /there is no folder .*nowhere/],
    ['build docs --out none/f.bundle', /none\/f\.bundle cannot be written \(ENOENT\)/],
    [
      'build docs --out f.bundle --serial -1',
      /--serial must be a whole number from 0 to 9007199254740991, not -1/,
    ],
    ['build docs --out f.bundle --serial 9007199254740992', /--serial must be a whole number/],
    ['build docs --out f.bundle --serial 1e3', /--serial must be a whole number/],
    ['build docs --out f.bundle --name ../x', /a name has letters, digits/],
    ['build docs --out f.bundle --not-after soon', /--not-after must be a time such as/],
    ['build docs --out f.bundle --not-after 2020-01-01', /--not-after 2020-01-01 is not in the future/],
    ['build docs --out f.bundle --key key.pub', /key\.pub is no private key in PEM; make one with/],
    ['build docs --out f.bundle --key nowhere.pem', /there is no file nowhere\.pem/],
  ])('refuses %s', (line, message) => checkRun(line, 2, /^$/, message))
})

describe('edict bundle sign', () => {
  it('leaves the unsigned one as it is where told', async () => {
    const before = workspace.read('unsigned.bundle')
    await checkRun('sign unsigned.bundle --key key.pem --out g.bundle', 0, /^g\.bundle: signed/)
    expect(workspace.read('unsigned.bundle')).toBe(before)
    await checkRun('verify g.bundle --key key.pub', 0, /^verified/m)
  })

  it.each<[string, RegExp]>([
    ['sign signed.bundle --key key.pem', /is signed already: build it anew, with a greater serial/],
    ['sign key.pub --key key.pem', /the bundle is none/],
    ['sign nowhere --key key.pem', /there is no file nowhere/],
    ['sign docs --key key.pem', /docs is no file/],
    ['sign unsigned.bundle', /required option '--key <file>'/],
  ])('refuses %s', (line, message) => checkRun(line, 2, /^$/, message))
})

describe('edict bundle verify', () => {
  it('takes one of several keys', () =>
    checkRun('verify signed.bundle --key other.pub --key key.pub', 0, /serial +5\n[\s\S]*^verified/m))

  it.each<[string, number, RegExp]>([
    ['verify unsigned.bundle --key key.pub', 1, /unsigned\.bundle is refused: the bundle is not signed/],
    [
      'verify signed.bundle --key other.pub',
      1,
      /signed with the key [\w-]{43}, which is none of those that count/,
    ],
    ['verify signed.bundle --key key.pub --name other', 1, /the bundle is `docs`, and not `other`/],
    ['verify key.pub --key key.pub', 1, /the bundle is none/],
    ['verify signed.bundle', 2, /required option '--key <file>'/],
    ['verify signed.bundle --key key.pem', 2, /key\.pem is a private key: name its public half/],
    ['verify signed.bundle --key docs/policy.edict', 2, /is no public key, neither in PEM/],
    ['verify signed.bundle --key docs/data/all.json', 2, /is no JWK of a public key/],
    ['verify nowhere --key key.pub', 2, /there is no file nowhere/],
  ])('refuses %s', (line, code, message) => checkRun(line, code, /^$/, message))

  it('refuses keys for anything but Ed25519', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const spki = { type: 'spki', format: 'pem' } as const
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const montgomery = generateKeyPairSync('x25519').publicKey
    workspace.write({
      'ec.pub': publicKey.export(spki),
      'x25519.pub': montgomery.export(spki),
      'ec.json': JSON.stringify(publicKey.export({ format: 'jwk' })),
      'oct.json': '{"kty":"oct","k":"AAAA"}',
    })
    await checkRun('verify signed.bundle --key ec.pub', 2, /^$/, /is a key for ec: bundles take Ed25519/)
    await checkRun('verify signed.bundle --key x25519.pub', 2, /^$/, /is a key for x25519/)
    await checkRun(
      'verify signed.bundle --key ec.json',
      2,
      /^$/,
      /ec\.json is no JWK of a public key|is a key for/,
    )
    await checkRun('verify signed.bundle --key oct.json', 2, /^$/, /oct\.json is a private key/)
  })
})

describe('edict bundle inspect', () => {
  it('shows what a bundle says, and that nobody checked it', async () => {
    await checkRun(
      'inspect signed.bundle',
      0,
      /^NOT VERIFIED: it says that the key [\w-]{43} signed it, and no --key was given to check that\nname +docs\n/,
    )
    await checkRun(
      'inspect unsigned.bundle',
      0,
      /^NOT VERIFIED: nobody signed it[\s\S]*key +none\n[\s\S]*1 role/,
    )
    await checkRun('inspect signed.bundle --key key.pub', 0, /^verified: signed with the key/)
    await checkRun(
      'inspect signed.bundle --key other.pub',
      1,
      /^NOT VERIFIED: the bundle is signed with the key/,
    )
  })

  it('prints JSON', async () => {
    const { stdout } = await run('inspect signed.bundle --key key.pub --json')
    expect(JSON.parse(stdout)).toMatchObject({
      verified: true,
      manifest: { name: 'docs', serial: 5 },
      counts: { rules: 2, entities: 1 },
    })
  })

  it('shows a bundle that does not load, without a character that a terminal would obey', async () => {
    const text = workspace.read('unsigned.bundle')
    const bad = text.replace('"id":"d"', '"id":3  ').replace('"type":"Doc"', '"type":"\u001b[2"')
    workspace.write({ 'bad.bundle': bad, 'odd.bundle': text.replace('unsigned', 'x\u001b[2J') })
    const { code, stdout } = await run('inspect bad.bundle')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/does not load: the bundle holds/)])
    const odd = await run('inspect odd.bundle')
    expect(odd.code).toBe(2)
    for (const shown of [stdout, odd.stdout, odd.stderr]) expect(shown).not.toContain('\u001b')
  })

  it('says what cannot be read', async () => {
    await checkRun('inspect key.pub', 2, /^$/, /the bundle is none: it does not begin as bundles do/)
    workspace.write({ secret: 'x' })
    chmodSync(pathTo('secret'), 0)
    if (process.getuid?.() !== 0) await checkRun('inspect secret', 2, /^$/, /secret may not be read/)
  })
})
