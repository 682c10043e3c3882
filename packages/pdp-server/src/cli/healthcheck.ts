import { loadConfig } from '../config.ts'
import { type CliIo, EXIT, type ExitCode, say, visible } from './io.ts'

export interface HealthcheckOptions {
  readonly config?: string
  readonly host?: string
  readonly port?: string
  /** Ask whether the process runs, not whether it can decide. */
  readonly live?: boolean
  readonly timeoutMs?: string
}

const DEFAULT_TIMEOUT_MS = 2000

/** `edict healthcheck`: 0 where the service on this machine can decide, 1 where it cannot or does not answer. */
export async function runHealthcheck(options: HealthcheckOptions, io: CliIo): Promise<ExitCode> {
  const { live = false, timeoutMs = String(DEFAULT_TIMEOUT_MS) } = options
  const flags = { host: options.host, port: options.port }
  const { host, port } = loadConfig({ flags, env: io.env, cwd: io.cwd, file: options.config })
  const url = `http://${toReachable(host)}:${port}${live ? '/healthz' : '/readyz'}`
  const ms = /^[1-9]\d{0,5}$/.test(timeoutMs) ? Number(timeoutMs) : DEFAULT_TIMEOUT_MS
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ms), redirect: 'error' })
    const text = await response.text()
    say(response.ok ? io.stdout : io.stderr, visible(text.slice(0, 2000)))
    return response.ok ? EXIT.ok : EXIT.no
  } catch {
    say(io.stderr, `no answer from ${visible(url)} within ${ms} ms`)
    return EXIT.no
  }
}

/** An address that means all addresses is asked on loopback. */
function toReachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::' || host === '[::]') return '[::1]'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
