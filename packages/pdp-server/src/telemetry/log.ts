import { pino } from 'pino'

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
export function createLog(level: LogLevel): Log {
  // Written at once, so that the last line before a crash is there.
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }))
}
