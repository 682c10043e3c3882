import { PdpServerError } from '../errors.ts'

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const LONGEST_DAYS = 36_500

/** `30m`, `24h` or `90d` in milliseconds. Throws `PdpServerError` `malformed-request`. */
export function readDuration(text: string, flag: string): number {
  const [, digits, unit] = /^(\d{1,9})([mhd])$/.exec(text) ?? []
  const ms = Number(digits) * (UNIT_MS[unit as keyof typeof UNIT_MS] ?? Number.NaN)
  if (ms >= 0 && ms <= LONGEST_DAYS * UNIT_MS.d) return ms
  throw new PdpServerError('malformed-request', `${flag} must be a time such as 30m, 24h or 90d, not ${text}`)
}

/** `90d` from now, a date, or `never` as undefined. Throws `PdpServerError` `malformed-request`. */
export function readExpiry(text: string, now: number, flag = '--expires'): number | undefined {
  if (text === 'never') return undefined
  const day = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d)?Z)?$/.exec(text)?.[1]
  const instant = day === undefined ? now + readDuration(text, flag) : Date.parse(text)
  if (Number.isNaN(instant) || (day !== undefined && !isDay(day)))
    throw new PdpServerError('malformed-request', `there is no date ${text}`)
  if (instant <= now) throw new PdpServerError('malformed-request', `${flag} ${text} is not in the future`)
  return instant
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const instant = Date.parse(day)
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day)
}
