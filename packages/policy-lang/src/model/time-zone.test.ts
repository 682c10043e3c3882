import { describe, expect, it } from 'vitest'
import { dayOfWeek, isTimeZone, timeOfDayMs } from './time-zone.ts'

const hour = 3_600_000

describe('timeOfDayMs', () => {
  it.each([
    ['2026-01-01T12:00:00.123Z', undefined, 12 * hour + 123],
    ['2026-01-01T12:00:00Z', 'Europe/Berlin', 13 * hour],
    ['2026-07-01T12:00:00Z', 'Europe/Berlin', 14 * hour],
    ['2026-03-29T00:59:59Z', 'Europe/Berlin', 2 * hour - 1000],
    ['2026-03-29T01:00:00Z', 'Europe/Berlin', 3 * hour],
    ['2026-01-01T23:00:00Z', 'Europe/Berlin', 0],
    ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', 5.75 * hour],
    ['2026-01-01T00:00:00Z', '-03:30', 20.5 * hour],
    ['1969-12-31T23:59:59.999Z', 'UTC', 24 * hour - 1],
  ])('%s in %s', (text, zone, expected) => expect(timeOfDayMs(Date.parse(text), zone)).toBe(expected))
})

describe('dayOfWeek', () => {
  it.each([
    ['2026-01-01T12:00:00Z', undefined, 'thu'],
    ['2026-01-04T23:00:00Z', 'UTC', 'sun'],
    ['2026-01-04T23:00:00Z', 'Europe/Berlin', 'mon'],
    ['2026-01-05T02:00:00Z', 'America/New_York', 'sun'],
  ])('%s in %s', (text, zone, expected) => expect(dayOfWeek(Date.parse(text), zone)).toBe(expected))
})

describe('isTimeZone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', '+02:00'])(
    'takes %s',
    (name) => expect(isTimeZone(name)).toBe(true),
  )
  it.each(['', 'Mars/Phobos', 'Europe', '2026-01-01T00:00:00[Europe/Berlin]', '+2', '__proto__', 'Z'])(
    'refuses %j',
    (name) => expect(isTimeZone(name)).toBe(false),
  )
})
