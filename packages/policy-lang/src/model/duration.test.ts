import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['-5m', -300_000],
    ['2d3h4m5s', 183_845_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['-0s', 0],
    ['007m', 420_000],
    ['P1DT2H', 93_600_000],
    ['P1D', 86_400_000],
    ['PT1.5S', 1500],
    ['PT1.0009S', 1000],
    ['PT0S', 0],
    ['-P1D', -86_400_000],
    ['-PT1.5S', -1500],
    ['-PT0.0009S', 0],
    ['PT90M', 5_400_000],
  ])('reads %s as %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toStrictEqual({ kind: 'duration', ms })
  })

  it.each([
    '',
    '-',
    '5',
    '5min',
    '1.5h',
    '30m1h',
    '1h1h',
    '+5m',
    '5M',
    ' 5m',
    '5m ',
    'P',
    'PT',
    'P1DT',
    'P1Y',
    'P1M',
    'P1W',
    'P1H',
    'PT1D',
    'PT1.5H',
    'PT.5S',
    'PT1,5S',
    '-P',
    'P-1D',
    'p1d',
    '9007199254741s',
    '999999999999999999999d',
  ])('refuses %j', (text) => expect(parseDuration(text)).toBeUndefined())
})
