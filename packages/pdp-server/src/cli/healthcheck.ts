import { X509Certificate } from 'node:crypto'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import { resolve } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { type Config, loadConfig } from '../config.ts'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { isLoopback } from '../server.ts'
import { type CliIo, EXIT, type ExitCode, say, visible } from './io.ts'

export interface HealthcheckOptions {
  readonly config?: string
  readonly url?: string
  readonly host?: string
  readonly port?: string
  /** Authorities (PEM) to believe instead of those of the system. */
  readonly cacert?: string
  /** Certificate and key (PEM) to show, where the service asks for one. */
  readonly cert?: string
  readonly key?: string
  /** Believe whatever answers on this machine. */
  readonly insecure?: boolean
  /** Ask whether the process runs, not whether it can decide. */
  readonly live?: boolean
  readonly timeoutMs?: string
}

const DEFAULT_TIMEOUT_MS = 2000
const MAX_SHOWN = 2000

/** `edict healthcheck`: 0 where the service can decide, 1 where it cannot or does not answer. */
export async function runHealthcheck(options: HealthcheckOptions, io: CliIo): Promise<ExitCode> {
  const { timeoutMs = String(DEFAULT_TIMEOUT_MS) } = options
  const flags = { host: options.host, port: options.port }
  const config = loadConfig({ flags, env: io.env, cwd: io.cwd, file: options.config })
  const url = toUrl(options, config)
  const trust: Trust = url.protocol === 'https:' ? toTrust(url, options, config, io) : { tls: {} }
  const ms = /^[1-9]\d{0,5}$/.test(timeoutMs) ? Number(timeoutMs) : DEFAULT_TIMEOUT_MS
  try {
    const { status, text } = await get(url, trust, ms)
    say(status === 200 ? io.stdout : io.stderr, visible(text))
    return status === 200 ? EXIT.ok : EXIT.no
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === undefined ? '' : ` (${code})`
    say(io.stderr, `no answer from ${visible(String(url))} within ${ms} ms${why}`)
    return EXIT.no
  }
}

function toUrl({ url, live = false }: HealthcheckOptions, { host, port, tlsCertFile }: Config): URL {
  const scheme = tlsCertFile === undefined ? 'http' : 'https'
  const base = url ?? `${scheme}://${toReachable(host)}:${port}`
  const parsed = URL.parse(base)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol) || parsed.username !== '') {
    throw new PdpServerError(
      'malformed-request',
      '--url must be an http or https address without credentials',
    )
  }
  parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}${live ? '/healthz' : '/readyz'}`
  return parsed
}

/** An address that means all addresses is asked on loopback. */
function toReachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::' || host === '[::]') return '[::1]'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

/** How the other end of a connection is known. */
interface Trust {
  readonly tls: RequestOptions
  /** The fingerprint of the one certificate that counts. Left out: what `tls` says. */
  readonly fingerprint?: string
}

/**
 * Whose certificate counts. The service of this machine is known by the certificate that it is configured with, since
 * hardly any is for a loopback address; all others as everywhere.
 */
function toTrust(url: URL, options: HealthcheckOptions, { tlsCertFile }: Config, io: CliIo): Trust {
  const { cacert, cert, key, insecure = false } = options
  const read = (path: string) => readTextFile(resolve(io.cwd, path), path)
  const identity = cert !== undefined && key !== undefined ? { cert: read(cert), key: read(key) } : {}
  const believeAll = { ...identity, rejectUnauthorized: false }
  if (insecure) {
    if (isLoopback(url.hostname)) return { tls: believeAll }
    const detail = '--insecure is for this machine alone: name the authority with --cacert'
    throw new PdpServerError('malformed-request', detail)
  }
  if (cacert !== undefined) return { tls: { ...identity, ca: read(cacert) } }
  if (options.url !== undefined || tlsCertFile === undefined) return { tls: identity }
  const { fingerprint256 } = new X509Certificate(readTextFile(tlsCertFile))
  return { tls: believeAll, fingerprint: fingerprint256 }
}

interface Reply {
  readonly status: number | undefined
  /** As much as is shown. */
  readonly text: string
}

/** Redirects are answers like others: nobody is followed elsewhere. */
function get(url: URL, { tls, fingerprint }: Trust, timeoutMs: number): Promise<Reply> {
  const { promise, resolve: succeed, reject } = Promise.withResolvers<Reply>()
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const options = { ...tls, agent: false, signal: AbortSignal.timeout(timeoutMs) }
  const sent = send(url, options, (response) => {
    const isOther = fingerprint !== undefined && fingerprintOf(response) !== fingerprint
    if (isOther) sent.destroy(Object.assign(new Error('another certificate'), { code: 'OTHER_CERTIFICATE' }))
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      if (text.length < MAX_SHOWN) text += chunk.slice(0, MAX_SHOWN - text.length)
    })
    response.on('end', () => succeed({ status: response.statusCode, text }))
    response.on('error', reject)
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

function fingerprintOf({ socket }: IncomingMessage): string {
  return (socket as TLSSocket).getPeerCertificate().fingerprint256
}
