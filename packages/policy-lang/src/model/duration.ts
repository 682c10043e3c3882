import type { DurationValue } from './values.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const SECOND_MS = 1000

const SHORT = /^(-)?(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/
// ISO 8601-1 without years, months and weeks, whose length is not fixed or that nobody mixes with days.
const ISO = /^(-)?P(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?$/

/**
 * Reads `[-]NdNhNmNs` (any of the parts, in that order) or `[-]` and ISO 8601 with D, H, M and S, where seconds
 * may have a fraction; finer than milliseconds is cut. `undefined` where the text is neither, or too long to count.
 */
export function parseDuration(text: string): DurationValue | undefined {
  const short = SHORT.exec(text)
  if (short !== null) {
    const ms = sumMs(short[2], short[3], short[4], short[5])
    return toDuration(short[1] === undefined ? ms : -ms)
  }
  const iso = ISO.exec(text)
  if (iso === null) return undefined
  const fraction = Number((iso[6] ?? '').slice(0, 3).padEnd(3, '0'))
  const ms = sumMs(iso[2], iso[3], iso[4], iso[5]) + fraction
  return toDuration(iso[1] === undefined ? ms : -ms)
}

/** A Duration of whole milliseconds, or `undefined` beyond 2^53 - 1 of them. */
export function toDuration(ms: number): DurationValue | undefined {
  return Number.isSafeInteger(ms) ? { kind: 'duration', ms: ms + 0 } : undefined
}

function sumMs(days = '0', hours = '0', minutes = '0', seconds = '0'): number {
  return (
    Number(days) * DAY_MS +
    Number(hours) * HOUR_MS +
    Number(minutes) * MINUTE_MS +
    Number(seconds) * SECOND_MS
  )
}
