import { describe, expect, it } from 'vitest'
import { datetimeFromEpochSeconds, formatDatetime, parseDatetime } from './datetime.ts'

function checkDatetime(text: string, expected: string | undefined): void {
  const value = parseDatetime(text)
  expect(value && formatDatetime(value.epochMs), text).toBe(expected)
}

describe('parseDatetime', () => {
  it.each([
    ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z'],
    ['2026-01-01t12:00:00z', '2026-01-01T12:00:00Z'],
    ['2026-01-01T12:00:00+02:00', '2026-01-01T10:00:00Z'],
    ['2026-01-01T00:30:00-01:30', '2026-01-01T02:00:00Z'],
    ['2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00Z'],
    ['2026-01-01', '2026-01-01T00:00:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['0001-01-01', '0001-01-01T00:00:00Z'],
    ['0099-12-31', '0099-12-31T00:00:00Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2026-01-01T12:00:00.5Z', '2026-01-01T12:00:00.500Z'],
    ['2026-01-01T12:00:00.0009Z', '2026-01-01T12:00:00Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => checkDatetime(text, expected))

  it.each([
    '',
    '2026',
    '2026-1-1',
    '2026-01-01T12:00:00',
    '2026-01-01 12:00:00Z',
    '2026-01-01T12:00Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:60:00Z',
    '2026-01-01T12:00:00.Z',
    '2026-01-01T12:00:00,5Z',
    '2026-01-01T12:00:00-00:00',
    '2026-01-01T12:00:00.5-00:00',
    '2026-01-01T12:00:00+24:00',
    '2026-01-01T12:00:00+0200',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '0000-12-31',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01',
    '-001-01-01',
    ' 2026-01-01',
    '2026-01-01\n',
    '٢٠٢٦-01-01',
  ])('refuses %j', (text) => checkDatetime(text, undefined))
})

describe('datetimeFromEpochSeconds', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [1767268800, 1767268800000],
    [1.5, 1500],
    [1.001, 1001],
    [1.0019, 1001],
    [-0.0001, -1],
    [1e-7, 0],
    [-1e-7, -1],
    [-62135596800, -62135596800000],
    [253402300799, 253402300799000],
  ])('reads %d seconds as %d milliseconds', (seconds, epochMs) => {
    expect(datetimeFromEpochSeconds(seconds)).toStrictEqual({ kind: 'datetime', epochMs })
  })

  it.each([253402300799.5, 253402300800, 1767268800000, -62135596800.001, Number.NaN, Infinity, -Infinity])(
    'refuses %d',
    (seconds) => expect(datetimeFromEpochSeconds(seconds)).toBeUndefined(),
  )
})
