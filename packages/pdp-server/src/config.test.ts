import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONFIG_TABLE, type ConfigInput, type ConfigKey, loadConfig } from './config.ts'
import { PdpServerError } from './errors.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'edict-config-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

const load = (input: Partial<ConfigInput> = {}) => loadConfig({ flags: {}, env: {}, cwd, ...input })

function writeConfig(name: string, content: unknown): string {
  const path = join(cwd, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function checkRefused(input: Partial<ConfigInput>, ...messages: readonly (string | RegExp)[]): void {
  let error: unknown
  try {
    load(input)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(PdpServerError)
  expect(error).toMatchObject({ code: 'bad-configuration' })
  const lines = (error as PdpServerError).message.split('\n')
  expect(lines).toHaveLength(messages.length)
  for (const [index, message] of messages.entries()) expect(lines[index]).toMatch(message)
}

/** A value for each key, other than its default, as text and as JSON. */
const VALUES: Record<ConfigKey, readonly [text: string, json: unknown]> = {
  host: ['::1', '::1'],
  port: ['9000', 9000],
  policies: ['/somewhere/policies', '/somewhere/policies'],
  data: ['/somewhere/data', '/somewhere/data'],
  entityStore: ['/somewhere/store.db', '/somewhere/store.db'],
  reloadPollSeconds: ['3', 3],
  stateDir: ['/somewhere/state', '/somewhere/state'],
  maxStalenessSeconds: ['60', 60],
  whenStale: ['mark', 'mark'],
  bundleUrl: ['https://bundles.example.com/x', 'https://bundles.example.com/x'],
  bundleFile: ['/somewhere/x.bundle', '/somewhere/x.bundle'],
  bundleKeys: ['/somewhere/a.pub, /somewhere/b.pub', ['/somewhere/a.pub', '/somewhere/b.pub']],
  bundleName: ['team/x', 'team/x'],
  bundleTokenFile: ['/somewhere/token', '/somewhere/token'],
  bundlePollSeconds: ['5', 5],
  bundleTimeoutMs: ['7', 7],
  maxBundleBytes: ['5000', 5000],
  insecureBundleHttp: ['true', true],
  publicUrl: ['https://pdp.example.com/x', 'https://pdp.example.com/x'],
  metadataKeyFile: ['/somewhere/metadata-key.pem', '/somewhere/metadata-key.pem'],
  obligationsProfile: ['true', true],
  tlsCertFile: ['/somewhere/cert.pem', '/somewhere/cert.pem'],
  tlsKeyFile: ['/somewhere/key.pem', '/somewhere/key.pem'],
  tlsClientCaFile: ['/somewhere/ca.pem', '/somewhere/ca.pem'],
  tlsClientCertificate: ['optional', 'optional'],
  certificateCallers: ['[]', []],
  keyFile: ['/somewhere/keys.json', '/somewhere/keys.json'],
  keyUseFile: ['/somewhere/use.json', '/somewhere/use.json'],
  keyEnvironment: ['test', 'test'],
  callerIssuers: ['[]', []],
  subjectIssuers: ['[]', []],
  trustCallerClaims: ['true', true],
  revocationFile: ['/somewhere/revoked.jsonl', '/somewhere/revoked.jsonl'],
  signatureKeys: ['/somewhere/signers.json', '/somewhere/signers.json'],
  signatureMaxAgeSeconds: ['30', 30],
  openEndpoints: ['health, metrics', ['health', 'metrics']],
  authFailuresPerMinute: ['5', 5],
  callerRequestsPerSecond: ['6', 6],
  maxCredentialBytes: ['4096', 4096],
  insecureNoAuth: ['true', true],
  logLevel: ['debug', 'debug'],
  accessLog: ['1', true],
  decisionLog: ['stdout, file', ['stdout', 'file']],
  audit: ['required', 'required'],
  auditTimeoutMs: ['9', 9],
  decisionLogDetail: ['full', 'full'],
  decisionLogMask: ['/subject/id, /context', ['/subject/id', '/context']],
  decisionLogIgnore: ['["rule=\\"a,b\\" action=read"]', ['rule="a,b" action=read']],
  decisionLogSampleAllow: ['0.25', 0.25],
  decisionLogSampleDeny: ['0', 0],
  decisionLogBufferBytes: ['100000', 100_000],
  decisionLogFile: ['/somewhere/decisions.log', '/somewhere/decisions.log'],
  decisionLogFileMaxBytes: ['2000000', 2_000_000],
  decisionLogFileKeep: ['3', 3],
  decisionLogUrl: ['https://logs.example.com/v1/logs', 'https://logs.example.com/v1/logs'],
  decisionLogFormat: ['otlp', 'otlp'],
  decisionLogHeadersFile: ['/somewhere/headers', '/somewhere/headers'],
  decisionLogSpool: ['/somewhere/spool', '/somewhere/spool'],
  decisionLogSpoolMaxBytes: ['2000000', 2_000_000],
  metrics: ['true', true],
  metricsPort: ['9464', 9464],
  metricsHost: ['::1', '::1'],
  metricsMaxLabelSets: ['12', 12],
  decisionCacheBytes: ['1000000', 1_000_000],
  workers: ['2', 2],
  maxBodyBytes: ['77', 77],
  maxDepth: ['5', 5],
  maxBatchLength: ['7', 7],
  maxListLength: ['8', 8],
  stepBudget: ['1234', 1234],
  batchStepBudget: ['5678', 5678],
  maxSearchResults: ['9', 9],
  searchStepBudget: ['91', 91],
  searchTokenSeconds: ['92', 92],
  searchTokenKeyFile: ['/somewhere/search.key', '/somewhere/search.key'],
  requestTimeoutMs: ['900', 900],
  maxConnections: ['50', 50],
  stopTimeoutMs: ['0', 0],
}

describe('loadConfig', () => {
  it('has safe defaults', () => {
    expect(load()).toEqual({
      bundleKeys: [],
      bundlePollSeconds: 30,
      bundleTimeoutMs: 60_000,
      maxBundleBytes: 268_435_456,
      insecureBundleHttp: false,
      maxSearchResults: 100_000,
      searchStepBudget: 10_000_000,
      searchTokenSeconds: 900,
      given: new Set(),
      host: '127.0.0.1',
      port: 8181,
      policies: join(cwd, 'policies/documents'),
      reloadPollSeconds: 5,
      maxStalenessSeconds: 0,
      whenStale: 'refuse',
      obligationsProfile: false,
      tlsClientCertificate: 'required',
      keyEnvironment: 'live',
      trustCallerClaims: false,
      signatureMaxAgeSeconds: 60,
      openEndpoints: ['index', 'health', 'metadata', 'openapi'],
      authFailuresPerMinute: 30,
      callerRequestsPerSecond: 0,
      maxCredentialBytes: 8192,
      insecureNoAuth: false,
      logLevel: 'warn',
      accessLog: false,
      decisionLog: [],
      audit: 'best-effort',
      auditTimeoutMs: 5000,
      decisionLogDetail: 'ids',
      decisionLogMask: [],
      decisionLogIgnore: [],
      decisionLogSampleAllow: 1,
      decisionLogSampleDeny: 1,
      decisionLogBufferBytes: 16_777_216,
      decisionLogFileMaxBytes: 104_857_600,
      decisionLogFileKeep: 10,
      decisionLogFormat: 'ndjson',
      decisionLogSpoolMaxBytes: 1_073_741_824,
      metrics: false,
      metricsPort: 0,
      metricsHost: '127.0.0.1',
      metricsMaxLabelSets: 2000,
      decisionCacheBytes: 0,
      workers: 0,
      maxBodyBytes: 1_048_576,
      maxDepth: 64,
      maxBatchLength: 1000,
      maxListLength: 10_000,
      stepBudget: 1_000_000,
      batchStepBudget: 10_000_000,
      requestTimeoutMs: 30_000,
      maxConnections: 10_000,
      stopTimeoutMs: 10_000,
    })
  })

  it.each(CONFIG_TABLE.map((info) => [info.key, info] as const))('reads %s from each place', (key, info) => {
    const [text, json] = VALUES[key]
    expect(load({ flags: { [key]: text } })[key]).toEqual(json)
    expect(load({ env: { [info.variable]: text } })[key]).toEqual(json)
    expect(load({ file: writeConfig('one.json', { [key]: json }) })[key]).toEqual(json)
  })

  it('prefers flags to the environment, that to the file, that to the default', () => {
    const file = writeConfig('order.json', { port: 1, maxDepth: 1, maxBatchLength: 1 })
    const env = { EDICT_PORT: '2', EDICT_MAX_DEPTH: '2' }
    expect(load({ file, env, flags: { port: '3' } })).toMatchObject({
      port: 3,
      maxDepth: 2,
      maxBatchLength: 1,
      stepBudget: 1_000_000,
    })
    // A switch can be turned off again.
    const on = writeConfig('on.json', { accessLog: true })
    expect(load({ file: on, env: { EDICT_ACCESS_LOG: 'false' } }).accessLog).toBe(false)
  })

  it('finds its file by itself, by flag and by variable', () => {
    const folder = mkdtempSync(join(cwd, 'found-'))
    writeFileSync(join(folder, 'edict.config.json'), '{"port": 1}')
    writeFileSync(join(folder, 'other.json'), '{"port": 2}')
    expect(load({ cwd: folder })).toMatchObject({ port: 1, file: join(folder, 'edict.config.json') })
    expect(load({ cwd: folder, env: { EDICT_CONFIG: 'other.json' } })).toMatchObject({ port: 2 })
    const both = { env: { EDICT_CONFIG: 'other.json' }, file: 'edict.config.json' }
    expect(load({ cwd: folder, ...both })).toMatchObject({ port: 1 })
  })

  it('starts paths of the file where the file stands, others where the command runs', () => {
    const folder = mkdtempSync(join(cwd, 'paths-'))
    writeFileSync(join(folder, 'c.json'), '{"policies": "mine", "data": "facts"}')
    const file = join(folder, 'c.json')
    expect(load({ file })).toMatchObject({ policies: join(folder, 'mine'), data: join(folder, 'facts') })
    expect(load({ file, env: { EDICT_POLICIES: 'yours' } }).policies).toBe(join(cwd, 'yours'))
    expect(load({ env: { EDICT_BUNDLE_KEYS: 'a.pub,keys/b.pub' } }).bundleKeys).toEqual([
      join(cwd, 'a.pub'),
      join(cwd, 'keys/b.pub'),
    ])
  })

  it('takes `data` in the policies for the data, where there is one', () => {
    const folder = mkdtempSync(join(cwd, 'data-'))
    expect(load({ flags: { policies: folder } })).not.toHaveProperty('data')
    mkdirSync(join(folder, 'data'))
    expect(load({ flags: { policies: folder } }).data).toBe(join(folder, 'data'))
  })

  it('takes an empty variable for none, and leaves those of others alone', () => {
    const kubernetes = { EDICT_SERVICE_HOST: '10.0.0.1', EDICT_PORT_8181_TCP: 'tcp://10.0.0.1:8181' }
    expect(load({ env: { EDICT_PORT: '', ...kubernetes, PATH: '/bin' } }).port).toBe(8181)
    expect(load({ env: { EDICT_PORT: 'tcp://10.0.0.1:8181', ...kubernetes } }).port).toBe(8181)
  })

  it.each<[ConfigKey, readonly unknown[], RegExp]>([
    ['port', ['abc', '-1', '65536', '1.5', '0x50', ' 80'], /a whole number from 0 to 65535/],
    ['host', [], /a host name/],
    ['logLevel', ['loud', 'WARN'], /one of silent, error, warn, info, debug/],
    ['accessLog', ['yes', 'TRUE'], /true or false/],
    [
      'publicUrl',
      [
        'http://pdp.example.com',
        'pdp',
        'https://a.b/?q',
        'https://a.b/#f',
        'https://u:p@a.b/',
        'https://a.b?',
        'https://a.b#',
        ' https://a.b',
      ],
      /an https address/,
    ],
    ['decisionLog', ['syslog', 'file,,kafka'], /a list of stdout, file, http/],
    ['decisionLogMask', ['subject', '/a~2', '[1]', '["/a"'], /a list of JSON pointers/],
    [
      'decisionLogIgnore',
      ['read', 'effect=allow', 'decision=maybe', 'action=a action=b', 'action="a'],
      /a list/,
    ],
    ['decisionLogSampleAllow', ['1.5', '-1', '50%'], /a number from 0 to 1/],
    [
      'decisionLogUrl',
      ['logs.example.com', 'file:///x', 'https://u:p@a.b/', 'https://a.b/#f'],
      /an http or https address/,
    ],
    ['maxDepth', ['0', '1001'], /a whole number from 1 to 1000/],
    ['maxBodyBytes', ['0', '99999999999999999999'], /a whole number/],
  ])('refuses a %s that cannot be, and says where it stands', (key, values, message) => {
    const info = CONFIG_TABLE.find((one) => one.key === key)
    for (const value of values) {
      checkRefused(
        { flags: { [key]: value } },
        new RegExp(`^${info?.flag}: \`${key}\` must be .*${message.source}.*, not `),
      )
      checkRefused(
        { env: { [info?.variable ?? '']: String(value) } },
        new RegExp(`^${info?.variable}: \`${key}\``),
      )
    }
  })

  it('refuses values of the wrong kind in the file', () => {
    const file = writeConfig('kinds.json', { port: '80', accessLog: 1, policies: 7, host: '', data: null })
    checkRefused(
      { file },
      /kinds\.json: `port` must be a whole number .*not "80"/,
      /`accessLog` must be true or false, not 1/,
      /`policies` must be a folder, not 7/,
      /`host` must be a host name or address, not ""/,
      /`data` must be a folder, not null/,
    )
  })

  it('refuses keys that there are not, and guesses what was meant', () => {
    const file = writeConfig('unknown.json', { prot: 1, maxdepth: 3, zebra: 1 })
    checkRefused({ file: writeConfig('proto.json', '{"__proto__": {}}') }, /there is no `__proto__`$/)
    checkRefused(
      { file, env: { EDICT_HOTS: 'x' } },
      /there is no `prot`; did you mean `port`\?/,
      /there is no `maxdepth`; did you mean `maxDepth`\?/,
      /there is no `zebra`$/,
      /environment: there is no `EDICT_HOTS`; did you mean `EDICT_HOST`\?/,
    )
  })

  it.each([
    ['a file that is not there', 'missing.json', undefined, /--config: there is no file missing\.json/],
    ['no JSON', 'broken.json', '{"port":', /broken\.json: \$ is not JSON/],
    ['a key twice', 'twice.json', '{"port":1,"port":2}', /twice\.json: \$\.port is there twice/],
    ['no object', 'list.json', '[]', /list\.json: must hold an object/],
  ])('refuses %s', (_, name, content, message) => {
    if (content !== undefined) writeConfig(name, content)
    checkRefused({ file: name }, message)
  })

  it('says all at once', () => {
    checkRefused({ env: { EDICT_PORT: 'x', EDICT_MAX_DEPTH: 'y' } }, /^EDICT_PORT/, /^EDICT_MAX_DEPTH/)
  })
})
