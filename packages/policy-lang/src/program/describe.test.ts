import { expect, it, suite } from 'vitest'
import { describeCode } from './describe.ts'
import type { Code, Place } from './program.ts'

const at: Place = [0, 1, 1]
const subject: Code = { op: 'subject' }
const resource: Code = { op: 'resource' }
const read = (object: Code, name: string): Code => ({ op: 'member', object, name, at })
const owner = read(resource, 'owner')
const token: Code = { op: 'context', name: 'token', at }
const number = (value: number): Code => ({ op: 'literal', value })
const text = (value: string): Code => ({ op: 'literal', value })
const isOwner: Code = { op: 'compare', operator: '==', left: owner, right: subject, at }
const not = (operand: Code): Code => ({ op: 'not', operand })
const sum = (left: Code, right: Code): Code => ({ op: 'arithmetic', operator: '+', left, right, at })
const product = (left: Code, right: Code): Code => ({ op: 'arithmetic', operator: '*', left, right, at })
const minus = (left: Code, right: Code): Code => ({ op: 'arithmetic', operator: '-', left, right, at })

suite('describeCode', () => {
  const cases: readonly (readonly [string, Code])[] = [
    ['resource.owner == subject', isOwner],
    ['context.token?.acr', { op: 'member', object: token, name: 'acr', isOptional: true, at }],
    ['subject["x-id"]', read(subject, 'x-id')],
    ['subject?.["x-id"]', { op: 'member', object: subject, name: 'x-id', isOptional: true, at }],
    ['context["__proto__x y"]', { op: 'context', name: '__proto__x y', at }],
    ['context.now', { op: 'now', at }],
    ['action.rows', { op: 'parameter', name: 'rows', at }],
    ['action.name', { op: 'actionName' }],
    ['limit', { op: 'roleParameter', name: 'limit' }],
    ['absent', { op: 'absent' }],
    ['resource.labels[resource.owner]', { op: 'entry', object: read(resource, 'labels'), key: owner, at }],
    [
      'resource.labels?.[action.name]',
      { op: 'entry', object: read(resource, 'labels'), key: { op: 'actionName' }, isOptional: true, at },
    ],
    ['resource.tags.size', { op: 'method', object: read(resource, 'tags'), method: 'size', args: [], at }],
    [
      'resource.tags?.contains("a")',
      {
        op: 'method',
        object: read(resource, 'tags'),
        method: 'contains',
        args: [text('a')],
        isOptional: true,
        at,
      },
    ],
    ['hasRole(viewer)', { op: 'hasRole', role: 'viewer', isNegative: false, at }],
    [
      'hasRole("system:user", resource.owner)',
      { op: 'hasRole', role: 'system:user', on: owner, isNegative: true, at },
    ],
    ['!(resource.owner == subject)', not(isOwner)],
    ['!hasRole(viewer)', not({ op: 'hasRole', role: 'viewer', isNegative: true, at })],
    ['1 + 2 * 3', sum(number(1), product(number(2), number(3)))],
    ['(1 + 2) * 3', product(sum(number(1), number(2)), number(3))],
    ['1 - (2 - 3)', minus(number(1), minus(number(2), number(3)))],
    ['1 - 2 - 3', minus(minus(number(1), number(2)), number(3))],
    ['-(1 + 2)', { op: 'negate', operand: sum(number(1), number(2)), at }],
    ['(-1).size', { op: 'method', object: number(-1), method: 'size', args: [], at }],
    [
      'resource.owner == subject && ("x" || "y")',
      { op: 'and', operands: [isOwner, { op: 'or', operands: [text('x'), text('y')] }] },
    ],
    [
      '(context.token ?? "x") == subject',
      {
        op: 'compare',
        operator: '==',
        left: { op: 'coalesce', operands: [token, text('x')] },
        right: subject,
        at,
      },
    ],
    ['resource in resource.owner', { op: 'in', left: resource, right: owner, at }],
    ['subject is User', { op: 'is', operand: subject, type: 'User' }],
    ['subject is "a b"', { op: 'is', operand: subject, type: 'a b' }],
    ['resource has owner', { op: 'has', operand: resource, name: 'owner', at }],
    ['context has token', { op: 'hasContext', name: 'token', at }],
    ['action has "x-y"', { op: 'hasParameter', name: 'x-y', at }],
    ['action == read', { op: 'actionIn', actions: ['read'] }],
    ['action in [read, "s3:Get"]', { op: 'actionIn', actions: ['read', 's3:Get'] }],
    ['action in []', { op: 'actionIn', actions: [] }],
    ['action.name like "a\\*\\"*"', { op: 'like', operand: { op: 'actionName' }, pattern: 'a\\*"*', at }],
    ['action.name matches "[a-z]+"', { op: 'matches', operand: { op: 'actionName' }, pattern: '[a-z]+', at }],
    [
      'subject is User ? 1 : 2',
      {
        op: 'conditional',
        test: { op: 'is', operand: subject, type: 'User' },
        // biome-ignore lint/suspicious/noThenProperty: a node of plain data, never awaited
        then: number(1),
        otherwise: number(2),
      },
    ],
    [
      '!(some x in resource.tags: x == "a")',
      not({
        op: 'quantifier',
        quantifier: 'some',
        variable: 'x',
        set: read(resource, 'tags'),
        body: { op: 'compare', operator: '==', left: { op: 'variable', name: 'x' }, right: text('a'), at },
        at,
      }),
    ],
    ['[1, "a"]', { op: 'set', elements: [number(1), text('a')] }],
    [
      '{a: 1, "b c": []}',
      {
        op: 'record',
        entries: [
          { name: 'a', code: number(1) },
          { name: 'b c', code: { op: 'set', elements: [] } },
        ],
      },
    ],
    ['datetime("2026-01-01T00:00:00Z")', literal({ kind: 'datetime', epochMs: Date.UTC(2026, 0, 1) })],
    ['1d2h3m4.5s', literal({ kind: 'duration', ms: 93_784_500 })],
    ['-5m', literal({ kind: 'duration', ms: -300_000 })],
    ['0s', literal({ kind: 'duration', ms: 0 })],
    ['ip("10.0.0.0/8")', literal({ kind: 'ip', version: 4, bytes: [10, 0, 0, 0], prefix: 8 })],
    ['User::"a\\"b"', literal({ kind: 'entity', type: 'User', id: 'a"b' })],
  ]

  it.each(cases)('prints %s', (printed, code) => {
    expect(describeCode(code)).toBe(printed)
  })
})

function literal(value: Extract<Code, { readonly op: 'literal' }>['value']): Code {
  return { op: 'literal', value }
}
