// Datetimes and durations: read from JSON and from policy text, and the wall clock of a time zone.

const EARLIEST = -62_135_596_800_000
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const DAY_MS = 86_400_000

export const isInstantInRange = (ms: number): boolean => ms >= EARLIEST && ms <= LATEST

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

function readDate(source: string): number | undefined {
  const match = DATE.exec(source)
  if (match === null) return undefined
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  if (year === 0) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isReal =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.getTime() : undefined
}

function readZone(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  if (zone === '-00:00') return undefined
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** RFC 3339 with a zone, or a plain date at 00:00Z; milliseconds since 1970. */
export function readInstant(source: string): number | undefined {
  const plain = readDate(source)
  if (plain !== undefined) return plain
  const match = DATE_TIME.exec(source)
  if (match === null) return undefined
  const [, date = '', hour = '', minute = '', second = '', fraction = '', zone = ''] = match
  const day = readDate(date)
  const offset = readZone(zone)
  if (day === undefined || offset === undefined) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const milliseconds = Number(`${fraction.slice(1)}000`.slice(0, 3))
  const ms = day + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000
  const instant = ms + milliseconds - offset
  return isInstantInRange(instant) ? instant : undefined
}

/** Epoch seconds, as in a JWT. */
export function readEpoch(seconds: number): number | undefined {
  if (seconds > 253_402_300_799) return undefined
  const ms = Math.floor(seconds * 1000)
  return isInstantInRange(ms) ? ms : undefined
}

const SHORT = /^(-?)(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/
const ISO = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** `1h30m`, `-5m` or `P1DT2H`; milliseconds. */
export function readSpan(source: string): number | undefined {
  const short = SHORT.exec(source)
  const iso = ISO.exec(source)
  const parts = short === null ? iso?.slice(1) : short.slice(2)
  if (parts === undefined) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0))
  const ms = days * DAY_MS + hours * 3_600_000 + minutes * 60_000 + Math.floor(seconds * 1000)
  return Number.isSafeInteger(ms) ? (short?.[1] === '-' ? -ms : ms) : undefined
}

/** RFC 3339 in UTC, milliseconds only where there are any. */
export function writeInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

interface WallClock {
  readonly weekday: string
  readonly msOfDay: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(zone, format)
  return format
}

/** What clock and calendar on the wall show in the zone at an instant. */
export function readWallClock(ms: number, zone: string): WallClock {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(new Date(ms))
      .map((part) => [part.type, part.value]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name))
  const seconds = part('hour') * 3600 + part('minute') * 60 + part('second')
  const milliseconds = ((ms % 1000) + 1000) % 1000
  return {
    weekday: (parts.get('weekday') ?? '').toLowerCase(),
    msOfDay: seconds * 1000 + milliseconds,
  }
}
