// The servers that are measured, each started as its users start it, in a process of its own.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface MeasuredServer {
  readonly url: string
  readonly stop: () => Promise<void>
}

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const START_TIMEOUT_MS = 20_000

/** Answers each path with a text of its own. */
export async function startFloor(answers: Readonly<Record<string, string>>): Promise<MeasuredServer> {
  const child = fork(new URL('./floor-server.ts', import.meta.url), [JSON.stringify(answers)])
  const [port] = (await once(child, 'message')) as [number]
  return { url: `http://127.0.0.1:${port}`, stop: () => end(child) }
}

/** `edict serve` on the rules, with whatever further flags. */
export async function startEdict(flags: readonly string[] = []): Promise<MeasuredServer> {
  const main = local('../../../packages/pdp-server/src/main.ts')
  const child = spawn(process.execPath, [main, 'serve', local('edict'), '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    const url = /^listening\s+(\S+)$/m.exec(said)?.[1]
    if (url !== undefined) return { url, stop: () => end(child) }
  }
  throw new Error(`edict serve ended: ${said}`)
}

/** The same with metrics, and a decision log in a file. */
export async function startLoggingEdict(flags: readonly string[] = []): Promise<MeasuredServer> {
  const folder = mkdtempSync(join(tmpdir(), 'edict-bench-'))
  const log = ['--decision-log', 'file', '--decision-log-file', join(folder, 'decisions.jsonl')]
  const { url, stop } = await startEdict(['--metrics', ...log, ...flags])
  return { url, stop: () => stop().finally(() => rmSync(folder, { recursive: true, force: true })) }
}

/** The Cerbos server of the npm package `cerbos`, without audit log, telemetry and watching of files. */
export async function startCerbos(): Promise<MeasuredServer> {
  const folder = mkdtempSync(join(tmpdir(), 'edict-bench-'))
  const [http, grpc] = [await findFreePort(), await findFreePort()]
  const config = join(folder, 'cerbos.json')
  const settings = {
    server: { httpListenAddr: `127.0.0.1:${http}`, grpcListenAddr: `127.0.0.1:${grpc}` },
    storage: { driver: 'disk', disk: { directory: local('cerbos'), watchForChanges: false } },
    telemetry: { disabled: true },
  }
  writeFileSync(config, JSON.stringify(settings))
  const child = spawn(findCerbos(), ['server', '--log-level=error', `--config=${config}`], {
    // At the end of each turn it logs every request that the generator no longer waits for.
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${http}`
  await waitUntilHealthy(`${url}/_cerbos/health`, child)
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, stop }
}

/** The binary itself: the package's script would stand between it and our signals. */
function findCerbos(): string {
  const wrapper = createRequire(import.meta.url).resolve('cerbos/index.js')
  return createRequire(wrapper).resolve(`@cerbos/cerbos-${process.platform}-${process.arch}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function waitUntilHealthy(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS
  while (Date.now() < until && child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok === true) return
    await setTimeout(50)
  }
  throw new Error(`there is no server at ${url}`)
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
