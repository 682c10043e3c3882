import type { DatetimeValue } from './values.ts'

/** 0001-01-01T00:00:00Z, the first instant that a Datetime can hold, in epoch milliseconds. */
export const MIN_EPOCH_MS = -62_135_596_800_000
/** 9999-12-31T23:59:59.999Z, the last one. */
export const MAX_EPOCH_MS = 253_402_300_799_999
const MAX_EPOCH_SECONDS = 253_402_300_799

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
// RFC 3339 §5.6 date-time. No leap second and no unknown offset (-00:00): neither names an instant here.
const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|(?!-00:00)([+-])(\d{2}):(\d{2}))$/

/**
 * Reads RFC 3339 with a zone, or a plain date (midnight UTC). Digits finer than milliseconds are cut.
 * `undefined` where the text is neither, or the instant lies outside the years 0001 to 9999.
 */
export function parseDatetime(text: string): DatetimeValue | undefined {
  const date = DATE.exec(text)
  if (date !== null) return toDatetime(midnightUtc(date))
  const match = DATE_TIME.exec(text)
  if (match === null) return undefined
  const day = midnightUtc(match)
  const time = timeOfDayMs(match[4], match[5], match[6])
  const offset = match[8] === undefined ? 0 : timeOfDayMs(match[9], match[10], '0')
  if (day === undefined || time === undefined || offset === undefined) return undefined
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  return toDatetime(day + time + milliseconds - (match[8] === '-' ? -offset : offset))
}

/** Reads epoch seconds, as in a JWT. Finer than milliseconds is cut towards the past. */
export function datetimeFromEpochSeconds(seconds: number): DatetimeValue | undefined {
  if (!(seconds <= MAX_EPOCH_SECONDS && seconds * 1000 >= MIN_EPOCH_MS)) return undefined
  // The decimal that JSON carried, not its binary neighbour: 1.001 seconds are 1001 ms, while 1.001 * 1000
  // is a little less. Numbers that print with an exponent lie within a millisecond of the epoch.
  const shifted = Number(`${seconds}e3`)
  return toDatetime(Math.floor(Number.isNaN(shifted) ? seconds * 1000 : shifted))
}

/** A Datetime of whole epoch milliseconds, or `undefined` outside the years 0001 to 9999. */
export function toDatetime(epochMs: number | undefined): DatetimeValue | undefined {
  if (epochMs === undefined || !(epochMs >= MIN_EPOCH_MS && epochMs <= MAX_EPOCH_MS)) return undefined
  return { kind: 'datetime', epochMs: epochMs + 0 }
}

/** RFC 3339 in UTC, with `.mmm` only where it is not zero. */
export function formatDatetime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z')
}

function midnightUtc(match: RegExpExecArray): number | undefined {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(0)
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day)
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.getTime() : undefined
}

function timeOfDayMs(hours = '', minutes = '', seconds = ''): number | undefined {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
  return h <= 23 && m <= 59 && s <= 59 ? ((h * 60 + m) * 60 + s) * 1000 : undefined
}
