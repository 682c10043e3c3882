// The real service for tests from outside: in this process, where a test has to start soon, or in one of its own, where
// it is to be killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCli } from '../../packages/pdp-server/src/cli/run-cli.ts'

const main = join(import.meta.dirname, '../../packages/pdp-server/src/main.ts')

const POLICY = `
subject User
resource Doc {
  owner: User
  actions read, write
  actions export(pages: Number)
}
rule everyoneReads: allow read on Doc
rule ownersDoAll: allow * on Doc if resource.owner == subject
rule smallExports: allow export on Doc if action.pages <= 10
  obligate watermark(text: subject.id)
`

const DATA = {
  entities: [
    { type: 'User', id: 'ann' },
    { type: 'Doc', id: 'd1', properties: { owner: 'ann' } },
  ],
}

const question = (name: string, id: string, more: object = {}) => ({
  subject: { type: 'User', id },
  action: { name, ...more },
  resource: { type: 'Doc', id: 'd1' },
})
export const READ = question('read', 'eve')
export const WRITE = question('write', 'eve')
export const OWN = question('write', 'ann')

export interface Folder {
  readonly path: string
  readonly write: (name: string, text: string) => string
  readonly read: (name: string) => string
  readonly remove: () => void
}

/** A folder with policies and data in `docs`. */
export function createFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'edict-outside-'))
  const write = (name: string, text: string): string => {
    const file = join(path, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  write('docs/policy.edict', POLICY)
  write('docs/data/all.json', JSON.stringify(DATA))
  return {
    path,
    write,
    read: (name) => readFileSync(join(path, name), 'utf8'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

export interface Service {
  readonly url: string
  readonly port: number
  /** Standard output and error so far. */
  readonly output: () => string
  /** Asks it to stop, and gives its exit code. */
  readonly stop: () => Promise<number | null>
}

const ADDRESS = /listening +(https?:\S+:(\d+))/

/** In this process: starts in some tens of milliseconds. */
export async function serveHere(folder: Folder, ...flags: readonly string[]): Promise<Service> {
  const asked = Promise.withResolvers<void>()
  const listening = Promise.withResolvers<readonly [url: string, port: number]>()
  let output = ''
  const write = (text: string): void => {
    output += text
    const [, url, port] = ADDRESS.exec(output) ?? []
    if (url !== undefined) listening.resolve([url, Number(port)])
  }
  const args = ['serve', 'docs', '--port', '0', '--stop-timeout-ms', '500', '--log-level', 'silent', ...flags]
  const exit = runCli(args, {
    stdout: { write },
    stderr: { write },
    readStdin: () => Promise.resolve(new Uint8Array()),
    env: {},
    cwd: folder.path,
    stopped: () => asked.promise,
  })
  exit.then(() => listening.reject(new Error(output)), listening.reject)
  const [url, port] = await listening.promise
  const stop = () => {
    asked.resolve()
    return exit
  }
  return { url, port, output: () => output, stop }
}

export interface ServiceProcess extends Service {
  readonly pid: number
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => void
  readonly exited: Promise<number | null>
}

const children = new Set<ChildProcess>()

/** In a process of its own. */
export function serveApart(folder: Folder, ...flags: readonly string[]): Promise<ServiceProcess> {
  return startApart(folder, 'docs', ...flags)
}

/** The same, where policies do not come from `docs`. */
export async function startApart(folder: Folder, ...args: readonly string[]): Promise<ServiceProcess> {
  const all = [main, 'serve', '--port', '0', ...args]
  const child = spawn(process.execPath, all, { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  const exited = once(child, 'close').then(([code]) => code as number | null)
  let output = ''
  const [url, port] = await new Promise<readonly [string, number]>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += String(chunk)
      const [, found, digits] = ADDRESS.exec(output) ?? []
      if (found !== undefined) resolve([found, Number(digits)])
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    exited.then((code) => reject(new Error(`exit code ${code}\n${output}`)), reject)
  })
  return {
    url,
    port,
    pid: child.pid ?? 0,
    output: () => output,
    signal: (name) => child.kill(name),
    exited,
    stop: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}

/** Ends those that a test left running. */
export function killLeftOver(): void {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  children.clear()
}

/** Ends once it holds; fails after some seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
