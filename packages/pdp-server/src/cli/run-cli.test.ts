import { chmodSync, lstatSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CliRun, createWorkspace, type Workspace } from '../test-support/cli.ts'
import { DATA, POLICY } from '../test-support/service.ts'
import { VERSION } from '../version.ts'

let workspace: Workspace
beforeEach(() => {
  workspace = createWorkspace()
  workspace.write({ 'docs/policy.edict': POLICY, 'docs/data/all.json': JSON.stringify(DATA) })
})
afterEach(() => workspace.remove())

const run: Workspace['run'] = (...args) => workspace.run(...args)

/** What was printed holds all of this. */
function checkRun(
  run: CliRun,
  code: number,
  stdout: readonly (string | RegExp)[],
  stderr: readonly (string | RegExp)[] = [],
): void {
  for (const part of stdout) expect(run.stdout).toMatch(part)
  for (const part of stderr) expect(run.stderr).toMatch(part)
  if (stderr.length === 0) expect(run.stderr).toBe('')
  expect(run.code).toBe(code)
}

describe('edict', () => {
  it('prints its version and help', async () => {
    checkRun(await run(['--version']), 0, [VERSION])
    checkRun(
      await run(['--help']),
      0,
      ['serve', 'check', 'test', 'decide', 'fmt'].map((name) => new RegExp(`^  ${name} `, 'm')),
    )
    for (const name of ['serve', 'check', 'test', 'decide', 'fmt']) {
      checkRun(await run([name, '--help']), 0, [`Usage: edict ${name}`])
    }
  })

  it.each([
    [[], /Usage: edict/],
    [['chekc'], /unknown command 'chekc'\n\(Did you mean check\?\)/],
    [['check', '--jsno'], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
    [['serve', '--prot', '1'], /unknown option '--prot'\n\(Did you mean --port\?\)/],
    [['serve', 'a', 'b'], /too many arguments/],
    [['decide', '--subject'], /argument missing/],
  ])('refuses %j', async (args, message) => {
    checkRun(await run(args), 2, [], [message])
  })

  it('needs no terminal for what it prints, and colours only there', async () => {
    workspace.write({ 'docs/bad.edict': 'rule r: allow fly on Doc' })
    const colour = '\u001b['
    expect((await run(['check', 'docs'])).stdout).not.toContain(colour)
    expect((await run(['check', 'docs'], { isTTY: true })).stdout).toContain(colour)
    expect((await run(['check', 'docs'], { isTTY: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(
      colour,
    )
  })
})

describe('edict check', () => {
  it('is content with a sound policy set and its data', async () => {
    checkRun(await run(['check', 'docs']), 0, [/^docs: 1 file and data of docs\/data, no problems\n$/])
  })

  it('takes the configured folder, where none is named', async () => {
    checkRun(await run(['check']), 2, [], [/there is no policies\/documents|there is no documents/])
    workspace.write({ 'edict.config.json': '{"policies": "docs"}' })
    checkRun(await run(['check']), 0, [/^docs: /])
  })

  it('shows errors where they stand', async () => {
    workspace.write({ 'docs/more/bad.edict': 'rule r: allow fly on Doc\nrule s: allow raed on Doc' })
    checkRun(await run(['check', 'docs']), 1, [
      /docs\/more\/bad\.edict:1:15/,
      /\[unknown-action\]/,
      /did you mean `read`/,
      /docs: 2 files.*, 2 errors/,
    ])
  })

  it('does not fail for warnings', async () => {
    workspace.write({ 'docs/more.edict': 'let UNUSED = 1' })
    checkRun(await run(['check', 'docs']), 0, [/^warning: /, /\[unused-declaration\]/, /1 warning\n$/])
  })

  it('checks folders one by one, and files together', async () => {
    workspace.write({
      'b/types.edict': 'subject U  resource R { actions a }',
      'b/rules.edict': 'rule r: allow a on R',
    })
    checkRun(await run(['check', 'docs', 'b']), 0, [/^docs: /m, /^b: 2 files, no problems$/m])
    checkRun(await run(['check', 'b/types.edict', 'b/rules.edict']), 0, [
      /b\/types\.edict, b\/rules\.edict: 2 files/,
    ])
    checkRun(await run(['check', 'b/rules.edict']), 1, [/unknown-type/])
  })

  it('checks data against the policies', async () => {
    workspace.write({
      'facts/a.json': '{"assignments": [{"role": "king", "to": "*", "on": "*"}]}',
      'facts/b.json': '{"entities": [{"type": "User", "id": "a", "id": "b"}]}',
    })
    checkRun(await run(['check', 'docs', '--data', 'facts']), 1, [
      /\$\.assignments\[0\]\.role/,
      /--> facts\/a\.json/,
      /\$\.entities\[0\]\.id is there twice in one object/,
      /--> facts\/b\.json/,
    ])
  })

  it('prints JSON', async () => {
    workspace.write({ 'docs/bad.edict': '\nrule r: allow fly on Doc' })
    const { code, stdout } = await run(['check', 'docs', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      sets: [
        {
          path: 'docs',
          ok: false,
          files: ['docs/bad.edict', 'docs/policy.edict'],
          diagnostics: [
            { code: 'unknown-action', location: { file: 'docs/bad.edict', line: 2, column: 15 } },
          ],
        },
      ],
    })
    const sound = JSON.parse((await run(['check', 'docs/policy.edict', '--json'])).stdout)
    expect(sound).toMatchObject({
      sets: [{ ok: true, policyVersion: expect.stringMatching(/^[\da-f]{64}$/) }],
    })
  })

  it.each([
    [['check', 'nowhere'], /there is no nowhere/],
    [['check', 'docs/data'], /there are no \*\.edict files/],
    [['check', 'docs', '--data', 'nowhere'], /there is no folder .*nowhere/],
  ])('gives up on what cannot be read: %j', async (args, message) => {
    checkRun(await run(args), 2, [], [message])
  })
})

describe('edict fmt', () => {
  const ugly = 'subject   User\nresource Doc{actions read}\nrule r:allow read on Doc\n'

  it('lays files out, once and for all', async () => {
    workspace.write({ 'f/a.edict': ugly, 'f/sub/b.edict': ugly })
    checkRun(
      await run(['fmt', '--check', 'f']),
      1,
      ['f/a.edict\nf/sub/b.edict\n'],
      [/2 files, 2 would change/],
    )
    expect(workspace.read('f/a.edict')).toBe(ugly)
    checkRun(await run(['fmt', 'f']), 0, [], [/2 files, 2 changed/])
    expect(workspace.read('f/a.edict')).toMatch(/^subject User\n/)
    checkRun(await run(['fmt', '--check', 'f']), 0, [], [/2 files, 0 would change/])
    checkRun(await run(['fmt', 'f/a.edict']), 0, [], [/1 file, 0 changed/])
  })

  it('does not touch what it cannot parse, and lays out the rest', async () => {
    workspace.write({ 'f/a.edict': 'rule r allow', 'f/b.edict': ugly })
    checkRun(await run(['fmt', 'f']), 2, [], [/f\/a\.edict:1:\d+/, /2 files, 1 changed, 1 cannot be read/])
    expect(workspace.read('f/a.edict')).toBe('rule r allow')
    expect(workspace.read('f/b.edict')).not.toBe(ugly)
  })

  it('keeps links and rights', async () => {
    workspace.write({ 'f/a.edict': ugly })
    const [file, link] = [join(workspace.directory, 'f/a.edict'), join(workspace.directory, 'f/b.edict')]
    chmodSync(file, 0o640)
    symlinkSync('a.edict', link)
    checkRun(await run(['fmt', 'f/b.edict']), 0, [], [/1 changed/])
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(workspace.read('f/a.edict')).not.toBe(ugly)
    expect(readdirSync(join(workspace.directory, 'f'))).toEqual(['a.edict', 'b.edict'])
  })

  it('goes from standard input to standard output', async () => {
    const { code, stdout } = await run(['fmt', '-'], { stdin: ugly })
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'subject User'])
    expect((await run(['fmt', '-', '--check'], { stdin: ugly })).code).toBe(1)
    expect((await run(['fmt', '-', '--check'], { stdin: stdout })).code).toBe(0)
    checkRun(await run(['fmt', '-'], { stdin: 'rule' }), 2, [], [/stdin:1/])
    const broken = Uint8Array.of(0x2f, 0x2f, 0xff, 0x0a)
    checkRun(await run(['fmt', '-'], { stdin: broken }), 2, [], [/standard input is not UTF-8/])
  })
})

describe('edict test', () => {
  const TESTS = `
test "everyone reads" {
  subject User::"x"
  resource Doc::"d" { owner: User::"y", isSecret: false }
  allow read by everyoneReads
}
test "nobody writes" {
  subject User::"x"
  resource Doc::"d" { owner: User::"y", isSecret: false }
  deny write by default
}
`

  it('runs the tests of a policy set', async () => {
    workspace.write({ 'docs/all.test.edict': TESTS })
    checkRun(await run(['test', 'docs']), 0, [/^docs: 2 passed, 0 failed\n$/])
    checkRun(await run(['test', 'docs', '--verbose']), 0, [
      /ok {4}everyone reads\nok {4}nobody writes\ndocs: 2 passed/,
    ])
  })

  it('shows what was expected, what came, and the rule that decided, with places', async () => {
    workspace.write({ 'docs/all.test.edict': TESTS.replace('allow read by everyoneReads', 'deny read') })
    checkRun(await run(['test', 'docs']), 1, [
      /FAIL {2}everyone reads {2}docs\/all\.test\.edict:2:1/,
      /docs\/all\.test\.edict:5:8/,
      /read: expected deny, got allow by everyoneReads/,
      /everyoneReads is at docs\/policy\.edict:15:1/,
      /docs: 1 passed, 1 failed/,
    ])
  })

  it('prints JSON', async () => {
    workspace.write({ 'docs/all.test.edict': TESTS.replace('deny write by default', 'allow write') })
    const { code, stdout } = await run(['test', 'docs', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      sets: [
        {
          path: 'docs',
          passed: 1,
          failed: 1,
          tests: [{ passed: true }, { failures: [{ got: { by: ['default'] } }] }],
        },
      ],
    })
  })

  it('gives up where a set does not load', async () => {
    workspace.write({ 'docs/all.test.edict': `${TESTS}\nrule r: allow read on Doc` })
    checkRun(
      await run(['test', 'docs']),
      2,
      [],
      [/declaration-in-test-file/, /docs does not load: 1 error$/m],
    )
  })

  it('is content where there are no tests', async () => {
    checkRun(await run(['test', 'docs']), 0, ['docs: 0 passed, 0 failed'])
  })
})

describe('edict decide', () => {
  const ask = (subject: string, action: string, resource: string, ...more: string[]) =>
    run([
      'decide',
      '--policies',
      'docs',
      '--subject',
      subject,
      '--action',
      action,
      '--resource',
      resource,
      ...more,
    ])

  it('says allow and why', async () => {
    checkRun(await ask('User::"bob"', 'read', 'Doc::"open"'), 0, [
      /^ALLOW {2}User::"bob" read Doc::"open"$/m,
      /because of everyoneReads {2}\(docs\/policy\.edict:15:1\)/,
      /What is no secret is for everyone\./,
    ])
  })

  it('says how a role is held', async () => {
    checkRun(await ask('User::"eve"', 'write', 'Doc::"open"'), 0, [
      /because of editor\.write\.Doc/,
      /holds editor on Doc::"open"/,
    ])
  })

  it('says deny and what came closest', async () => {
    checkRun(await ask('User::"bob"', 'read', 'Doc::"shut"'), 1, [
      /^DENY {2}User::"bob" read Doc::"shut"$/m,
      /because no rule allows it/,
      /closest: /,
    ])
  })

  it('does not speak of what came close where a deny decided', async () => {
    const { code, stdout } = await ask('User::"ann"', 'delete', 'Doc::"open"')
    expect(code).toBe(1)
    expect(stdout).toMatch(/because of nothingGoes/)
    expect(stdout).not.toMatch(/closest/)
  })

  it('decides at a time of its own', async () => {
    checkRun(await ask('User::"ann"', 'delete', 'Doc::"open"', '--now', '2019-06-01T00:00:00Z'), 0, [
      /ownersDoAll/,
    ])
    for (const now of ['tomorrow', '2019-06-01T00:00:00', '2019-02-30', '1559347200', '']) {
      checkRun(
        await ask('User::"ann"', 'delete', 'Doc::"open"', '--now', now),
        2,
        [],
        [/--now must be a time/],
      )
    }
  })

  it('shows all rules with --explain', async () => {
    const { stdout } = await ask('User::"bob"', 'read', 'Doc::"shut"', '--explain')
    expect(stdout).toMatch(/all rules for this action and type:/)
    expect(stdout).toMatch(/ownersDoAll \(allow\) does not match/)
  })

  it('prints the answer as JSON', async () => {
    const brief = JSON.parse((await ask('User::"bob"', 'read', 'Doc::"open"', '--json')).stdout)
    expect(brief).toMatchObject({ decision: 'allow', reasons: [{ rule: 'everyoneReads' }] })
    expect(brief).not.toHaveProperty('trace')
    const full = JSON.parse((await ask('User::"bob"', 'read', 'Doc::"open"', '--json', '--explain')).stdout)
    expect(full).toHaveProperty('trace')
  })

  it('takes the question from a file and from standard input', async () => {
    const question = {
      subject: { type: 'User', id: 'bob' },
      action: { name: 'export', properties: { pages: 3 } },
      resource: { type: 'Doc', id: 'open' },
    }
    workspace.write({ 'q.json': JSON.stringify(question) })
    const base = ['decide', '--policies', 'docs', '--request']
    checkRun(await run([...base, 'q.json']), 0, [
      /must also: watermark\(text: "bob"\)/,
      /advice: compress\(level: 9\)/,
    ])
    checkRun(await run([...base, '-'], { stdin: JSON.stringify(question) }), 0, [/^ALLOW/])
    checkRun(await run([...base, 'missing.json']), 2, [], [/there is no file missing\.json/])
    checkRun(await run([...base, '-'], { stdin: '{"subject": 1}' }), 2, [], [/\$\.subject must be an object/])
    const broken = Buffer.from(JSON.stringify(question).replace('{', '{"x":"?",'))
    broken[broken.indexOf('?')] = 0xff
    checkRun(await run([...base, '-'], { stdin: broken }), 2, [], [/standard input is not UTF-8/])
    checkRun(
      await run([...base, '-'], { stdin: '{"a":1,"a":2}' }),
      2,
      [],
      [/standard input: \$\.a is there twice/],
    )
  })

  it('takes a context', async () => {
    workspace.write({
      'docs/ip.edict': 'rule fromHome: allow read on Doc if context has ip && context.ip == ip("10.0.0.1")',
    })
    const base = ['User::"bob"', 'read', 'Doc::"shut"'] as const
    checkRun(await ask(...base, '--context', '{"ip": "10.0.0.1"}'), 0, [/fromHome/])
    checkRun(await ask(...base, '--context', '{"ip": "10.0.0.2"}'), 1, [])
    checkRun(await ask(...base, '--context', '[]'), 2, [], [/--context: must be a JSON object/])
    checkRun(await ask(...base, '--context', '{"now": "2020-01-01"}'), 2, [], [/may not set `context\.now`/])
  })

  it.each([
    [['--subject', 'User::"a"'], /--action, --resource missing/],
    [
      ['--subject', 'ann', '--action', 'read', '--resource', 'Doc::"d"'],
      /--subject must be like 'User::"ann"', not "ann"/,
    ],
    [['--subject', 'User::"a"', '--action', 'read', '--resource', 'Doc::"d'], /--resource must be like/],
  ])('refuses %j', async (args, message) => {
    checkRun(await run(['decide', '--policies', 'docs', ...args]), 2, [], [message])
  })

  it('needs policies and data that load', async () => {
    workspace.write({ 'docs/bad.edict': 'rule r: allow fly on Doc' })
    checkRun(
      await ask('User::"a"', 'read', 'Doc::"d"'),
      2,
      [],
      [/unknown-action/, /docs does not load: 1 error$/m],
    )
  })

  it('prints nothing that a terminal would obey', async () => {
    const { stdout } = await ask('User::"\\u001b[31mred"', 'read', 'Doc::"open"')
    expect(stdout).not.toContain('\u001b')
    expect((await ask('User::\u001b[2Jx', 'read', 'Doc::"open"')).stdout).not.toContain('\u001b')
  })
})

describe('edict serve', () => {
  const urlIn = (output: string) => /listening +(http:\S+)/.exec(output)?.[1]

  /** Serves until `use` is done. */
  async function serve(
    args: readonly string[],
    use: (url: string, output: string) => Promise<void>,
  ): Promise<CliRun> {
    const started = Promise.withResolvers<string>()
    const done = Promise.withResolvers<void>()
    const served = run(['serve', ...args], {
      stopped: () => done.promise,
      onOutput: (output) => {
        if (/Stop with/.test(output)) started.resolve(output)
      },
    })
    const output = await Promise.race([started.promise, served.then((ended) => ended.stderr)])
    try {
      await use(urlIn(output) ?? '', output)
    } finally {
      done.resolve()
    }
    return served
  }

  it('says what it loaded and where to ask, and stops cleanly', async () => {
    const { code, stderr } = await serve(['docs', '--port', '0'], async (url, output) => {
      expect(output).toMatch(/^Edict /)
      expect(output).toMatch(/policies +docs: 1 file, 5 rules, 1 role\n/)
      expect(output).toMatch(/version +[\da-f]{64}\n/)
      expect(output).toMatch(/data +docs\/data: 1 file, 3 entities, 1 assignment\n/)
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
      const body = /-d '(.*)'/.exec(output)?.[1]
      const response = await fetch(`${url}/decide`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body ?? '',
      })
      expect(await response.json()).toMatchObject({ decision: 'allow' })
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ counts: { rules: 5, entities: 3 } })
    })
    expect([code, stderr]).toEqual([0, ''])
  })

  it('reads its configuration', async () => {
    workspace.write({
      'edict.config.json':
        '{"policies": "docs", "port": 0, "maxBatchLength": 1, "publicUrl": "https://pdp.example.com"}',
    })
    await serve([], async (url, output) => {
      expect(output).toMatch(/config +edict\.config\.json/)
      expect((await fetch(`${url}/.well-known/authzen-configuration`)).status).toBe(200)
      const body = JSON.stringify({ requests: [{}, {}] })
      const response = await fetch(`${url}/decide`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(response.status).toBe(400)
    })
  })

  it('does not serve policies with errors', async () => {
    workspace.write({ 'docs/bad.edict': 'rule r: allow fly on Doc' })
    checkRun(
      await run(['serve', 'docs', '--port', '0']),
      1,
      [],
      [/bad\.edict:1:15/, /docs does not load: 1 error$/m],
    )
  })

  it.each([
    ['a policy file', 'docs/broken.edict'],
    ['a data file', 'docs/data/broken.json'],
  ])('does not serve where %s is no UTF-8', async (_, name) => {
    workspace.write({ [name]: Uint8Array.of(0x2f, 0x2f, 0xff, 0x0a) })
    checkRun(await run(['serve', 'docs', '--port', '0']), 1, [], [/broken\.\w+ is not UTF-8/])
  })

  it('does not serve data that the policies refuse', async () => {
    workspace.write({ 'docs/data/bad.json': '{"assignments": [{"role": "king", "to": "*", "on": "*"}]}' })
    checkRun(await run(['serve', 'docs', '--port', '0']), 1, [], [/docs\/data\/bad\.json/])
  })

  it('serves without tests, whatever is wrong with them', async () => {
    workspace.write({ 'docs/bad.test.edict': 'test "x" {' })
    const { code } = await serve(['docs', '--port', '0'], async (url) => {
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
    })
    expect(code).toBe(0)
  })

  it('says that the port is in use', async () => {
    await serve(['docs', '--port', '0'], async (url) => {
      const { port } = new URL(url)
      checkRun(
        await run(['serve', 'docs', '--port', port]),
        1,
        [],
        [new RegExp(`port ${port} on 127.0.0.1 is in use`)],
      )
    })
  })

  it.each([
    [['docs', '--host', '0.0.0.0'], 1, /callers are not authenticated.*--insecure-no-auth/],
    [['docs', '--policies', 'docs'], 2, /policies are given twice/],
    [['docs', '--port', 'x'], 2, /--port: `port` must be a whole number/],
    [['nowhere'], 2, /there is no folder nowhere: name one with policies in it, edict serve DIR/],
    [['docs', '--config', 'none.json'], 2, /there is no file none\.json/],
  ])('does not start with %j', async (args, code, message) => {
    checkRun(await run(['serve', ...args]), code, [], [message])
  })
})

describe('the sets of this repository', () => {
  let repository: Workspace
  beforeAll(() => {
    repository = createWorkspace()
  })
  afterAll(() => repository.remove())

  it('are checked as they are', async () => {
    const documents = new URL('../../../../policies/documents', import.meta.url).pathname
    checkRun(await repository.run(['check', documents]), 0, [/no problems/])
  })
})
