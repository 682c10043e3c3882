// The command as a process: arguments, pipes, signals and exit codes that only a process has.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Workspace } from './test-support/cli.ts'
import { DATA, POLICY, readOpen } from './test-support/service.ts'

const main = join(import.meta.dirname, 'main.ts')

let workspace: Workspace
beforeAll(() => {
  workspace = createWorkspace()
  workspace.write({ 'docs/policy.edict': POLICY, 'docs/data/all.json': JSON.stringify(DATA) })
})
afterAll(() => workspace.remove())

function runMain(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: workspace.directory,
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('main.ts', () => {
  it('is executable', () => {
    accessSync(main, constants.X_OK)
  })

  it('ends with the exit code of the command', () => {
    const request = JSON.stringify(readOpen)
    expect(runMain(['decide', '--policies', 'docs', '--request', '-'], request)).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(runMain(['decide', '--policies', 'docs', '--request', '-'], '{')).toMatchObject({
      status: 2,
      stdout: '',
    })
  })

  it('does not complain where nobody reads on', () => {
    const script = `"${process.execPath}" "${main}" serve --help | head -n 1`
    const output = execFileSync('sh', ['-c', `(${script}) 2>&1`], { encoding: 'utf8' })
    expect(output).toMatch(/^Usage: edict serve.*\n$/)
  })

  it('keeps serving where nobody reads on', async () => {
    const child = spawn(process.execPath, [main, 'serve', 'docs', '--port', '0'], {
      cwd: workspace.directory,
    })
    const url = await readUrl(child)
    child.stdout?.destroy()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })

  it('logs as JSON lines on standard error', async () => {
    const args = [main, 'serve', 'docs', '--port', '0', '--access-log']
    const child = spawn(process.execPath, args, { cwd: workspace.directory })
    let log = ''
    child.stderr.on('data', (chunk) => {
      log += String(chunk)
    })
    const url = await readUrl(child)
    await fetch(`${url}/healthz`, { headers: { authorization: 'Bearer secret' } })
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
    expect(JSON.parse(log)).toMatchObject({ level: 30, msg: 'request', path: '/healthz', status: 200 })
    expect(log).not.toContain('secret')
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('stops on %s with exit code 0', async (signal) => {
    const child = spawn(process.execPath, [main, 'serve', 'docs', '--port', '0'], {
      cwd: workspace.directory,
    })
    const url = await readUrl(child)
    const asked = fetch(`${url}/decide`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(readOpen),
    })
    expect(await (await asked).json()).toMatchObject({ decision: 'allow' })
    const exited = once(child, 'exit')
    child.kill(signal)
    expect(await exited).toEqual([0, null])
  })
})

/** Where the service says that it listens. */
function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += String(chunk)
      const url = /listening +(http:\S+)/.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.on('exit', () => reject(new Error(`the service did not start: ${output}`)))
  })
}
