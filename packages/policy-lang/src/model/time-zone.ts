import { Temporal } from 'temporal-polyfill'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const UTC = 'UTC'
// Temporal also finds the zone inside a whole timestamp; a policy must name it.
const ZONE_NAME = /^(?:[A-Za-z][A-Za-z0-9_+\-/]*|[+-]\d{2}:\d{2})$/

/** Whether this names a time zone: an IANA name or an offset `+hh:mm`. */
export function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false
  try {
    toZoned(0, name)
    return true
  } catch {
    return false
  }
}

/** The wall-clock time of day there, in milliseconds since midnight. The zone must be one (`isTimeZone`). */
export function timeOfDayMs(epochMs: number, timeZone: string = UTC): number {
  const { hour, minute, second, millisecond } = toZoned(epochMs, timeZone)
  return ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
}

/** `mon` to `sun`, by the calendar there. The zone must be one (`isTimeZone`). */
export function dayOfWeek(epochMs: number, timeZone: string = UTC): string {
  return DAYS[toZoned(epochMs, timeZone).dayOfWeek - 1] as string
}

function toZoned(epochMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone)
}
