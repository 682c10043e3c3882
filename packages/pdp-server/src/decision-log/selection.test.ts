import { describe, expect, it } from 'vitest'
import { createRecord } from '../test-support/decision-records.ts'
import { exportOpen } from '../test-support/service.ts'
import { isDrawn, isIgnored, parseIgnoreRule } from './selection.ts'

const allow = createRecord(exportOpen, { origin: { id: 'id-1', caller: 'the web' } })
const deny = createRecord({ ...exportOpen, action: { name: 'erase' } })

function ignores(text: string, record = allow): boolean {
  const rule = parseIgnoreRule(text)
  if (rule === undefined) throw new Error(`no rule: ${text}`)
  return isIgnored(record, [rule])
}

describe('isIgnored', () => {
  it.each([
    'decision=allow',
    'action=export',
    'resource=Doc',
    'subject=User',
    'rule=smallExports',
    'caller="the web"',
  ])('holds for what has %s', (text) => {
    expect(ignores(text)).toBe(true)
    const both = ['action=export resource=Doc', 'action=export resource=Other'].map((and) => `${and} ${text}`)
    if (!/^(action|resource)/.test(text)) expect(both.map((rule) => ignores(rule))).toEqual([true, false])
  })

  it.each(['decision=allow', 'rule=unknownAction', 'caller="the web"', 'action=Erase'])(
    'does not hold where %s is not so',
    (text) => {
      expect(ignores(text, deny)).toBe(false)
    },
  )

  it('holds where one of many rules does', () => {
    const rules = ['action=read', 'decision=deny'].flatMap((text) => parseIgnoreRule(text) ?? [])
    expect([isIgnored(deny, rules), isIgnored(allow, rules), isIgnored(deny, [])]).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('parseIgnoreRule', () => {
  it.each([
    '',
    '  ',
    'read',
    'read=',
    '=read',
    'effect=allow',
    'decision=maybe',
    'action=a action=b',
    'action="a',
    'action=a"b"',
  ])('refuses %j', (text) => expect(parseIgnoreRule(text)).toBeUndefined())

  it('reads quoted values as JSON', () => {
    expect(parseIgnoreRule('  action="a \\"b\\" \\u0041" resource=x:y=z ')).toEqual(
      new Map([
        ['action', 'a "b" A'],
        ['resource', 'x:y=z'],
      ]),
    )
  })
})

describe('isDrawn', () => {
  it('draws the share of each effect', () => {
    const draws = (record: typeof allow, at: number) => isDrawn(record, { allow: 0.25, deny: 1 }, () => at)
    expect([draws(allow, 0.2), draws(allow, 0.25), draws(deny, 0.999)]).toEqual([true, false, true])
    expect(isDrawn(allow, { allow: 0, deny: 1 }, () => 0)).toBe(false)
  })
})
