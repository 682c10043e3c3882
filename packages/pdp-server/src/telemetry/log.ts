import { pino } from 'pino'
import { escapeUnsafe } from '../decision-log/entry-line.ts'

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What the service logs with. Fields never hold bodies or headers: tokens travel there. */
export interface Log {
  readonly error: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly info: (fields: object, message: string) => void
}

export const NO_LOG: Log = { error: () => {}, warn: () => {}, info: () => {} }

/** JSON lines on standard error: standard output is for the person who started the service. */
function createLog(level: LogLevel): Log {
  // Written at once, so that the last line before a crash is there.
  const destination = pino.destination({ fd: 2, sync: true })
  // Paths are the sender's words.
  return pino({ level, base: null }, { write: (line) => destination.write(escapeUnsafe(line)) })
}

/** That of a configuration. */
export function createConfiguredLog(config: {
  readonly accessLog: boolean
  readonly logLevel: LogLevel
}): Log {
  const { accessLog, logLevel } = config
  // The access log is at level info, so asking for it asks for that level.
  const isQuiet = accessLog && ['silent', 'error', 'warn'].includes(logLevel)
  return createLog(isQuiet ? 'info' : logLevel)
}
