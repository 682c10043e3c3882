// TLS of the service: its certificate, whose clients' certificates count, and how both are renewed without a restart.
import { type Stats, statSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import type { Log } from '../telemetry/log.ts'
import type { TlsConfig } from './tls-config.ts'

/** Certificates that were replaced on disk serve new connections after so long at most. */
const LOOK_EVERY_MS = 5000

export interface Tls {
  readonly options: SecureContextOptions & {
    readonly requestCert: boolean
    readonly rejectUnauthorized: boolean
  }
  /** Hands over new certificates as they come, until it is stopped. */
  readonly follow: (server: { setSecureContext: (options: SecureContextOptions) => void }) => () => void
}

export interface TlsOptions {
  readonly log: Log
  readonly lookEveryMs?: number
}

/** Undefined without a certificate. Throws `PdpServerError` `bad-configuration` where the files do not fit. */
export function createTls(
  config: TlsConfig,
  { log, lookEveryMs = LOOK_EVERY_MS }: TlsOptions,
): Tls | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile, tlsClientCertificate } = config
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined
  const files = { cert: tlsCertFile, key: tlsKeyFile, ...(tlsClientCaFile && { ca: tlsClientCaFile }) }
  // The stamp first: files that are replaced meanwhile, or before anybody follows them, are read once more.
  const firstStamp = stampOf(files)
  const context = loadContext(files)
  const requestCert = tlsClientCaFile !== undefined
  return {
    options: {
      ...context,
      requestCert,
      // A certificate of another authority never gets as far as a request; having none may be allowed.
      rejectUnauthorized: requestCert && tlsClientCertificate === 'required',
    },
    follow: (server) => {
      let stamp = firstStamp
      let problem: string | undefined
      const timer = setInterval(() => {
        const latest = stampOf(files)
        if (latest === stamp) return
        try {
          server.setSecureContext(loadContext(files))
          stamp = latest
          problem = undefined
          log.info({ files }, 'TLS certificates were renewed')
        } catch (error) {
          // Certificate and key may be replaced one after the other: the old pair serves on, and the next look tries again.
          const message = error instanceof Error ? error.message : String(error)
          if (message !== problem) log.error({ err: error }, 'TLS certificates cannot be renewed')
          problem = message
        }
      }, lookEveryMs)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

interface TlsFiles {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

function loadContext({ cert, key, ca }: TlsFiles): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: readTextFile(cert),
    key: readTextFile(key),
    ...(ca !== undefined && { ca: readTextFile(ca) }),
    minVersion: 'TLSv1.2',
  }
  try {
    // Throws where key and certificate do not fit each other.
    createSecureContext(options)
    return options
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    const message = `${cert} and ${key} cannot be used for TLS: ${detail}`
    throw new PdpServerError('bad-configuration', message, { cause })
  }
}

function stampOf(files: TlsFiles): string {
  return Object.values(files).map(stampOfFile).join(' ')
}

function stampOfFile(path: string): string {
  const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? 'missing' : `${stats.ino}-${stats.size}-${stats.mtimeMs}-${stats.ctimeMs}`
}
