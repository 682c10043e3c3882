import { expect, it, suite } from 'vitest'
import { PolicyLangError } from '../model/errors.ts'
import { buildRuleTable } from './build-rule-table.ts'
import { parseProgram } from './parse-program.ts'
import type { Code, Place, Program, ProgramRule } from './program.ts'
import { ruleAt, ruleCount } from './rule-access.ts'
import { serializeProgram } from './serialize.ts'

const at: Place = [0, 1, 1]
const subject: Code = { op: 'subject' }
const resource: Code = { op: 'resource' }
const yes: Code = { op: 'literal', value: true }
const labels: Code = { op: 'member', object: resource, name: '__proto__', isOptional: true, at }

/** One of each operation. */
const everything: readonly Code[] = [
  yes,
  { op: 'literal', value: 'text' },
  { op: 'literal', value: -1.5 },
  { op: 'literal', value: { kind: 'datetime', epochMs: 0 } },
  { op: 'literal', value: { kind: 'duration', ms: -1 } },
  { op: 'literal', value: { kind: 'ip', version: 4, bytes: [10, 0, 0, 0], prefix: 8 } },
  { op: 'literal', value: { kind: 'entity', type: 'User', id: '' } },
  { op: 'absent' },
  { op: 'set', elements: [] },
  { op: 'record', entries: [{ name: '__proto__', code: yes }] },
  subject,
  resource,
  { op: 'now', at },
  { op: 'context', name: 'toString', at },
  { op: 'parameter', name: 'rows', at },
  { op: 'actionName' },
  { op: 'roleParameter', name: 'limit' },
  labels,
  { op: 'entry', object: labels, key: { op: 'actionName' }, at },
  { op: 'method', object: labels, method: 'contains', args: [yes], at },
  {
    op: 'method',
    object: { op: 'now', at },
    method: 'dayOfWeek',
    args: [{ op: 'literal', value: 'UTC' }],
    at,
  },
  { op: 'hasRole', role: 'constructor', on: resource, isNegative: true, at },
  { op: 'not', operand: yes },
  { op: 'negate', operand: yes, at },
  { op: 'and', operands: [yes] },
  { op: 'or', operands: [yes] },
  { op: 'arithmetic', operator: '+', left: yes, right: yes, at },
  { op: 'compare', operator: '==', left: yes, right: yes, at },
  { op: 'in', left: subject, right: resource, at },
  { op: 'is', operand: subject, type: 'User' },
  { op: 'has', operand: resource, name: '__proto__', at },
  { op: 'hasContext', name: 'toString', at },
  { op: 'hasParameter', name: 'rows', at },
  { op: 'actionIn', actions: ['read'] },
  { op: 'like', operand: { op: 'actionName' }, pattern: 'r*', at },
  { op: 'matches', operand: { op: 'actionName' }, pattern: '[a-z]+', at },
  { op: 'coalesce', operands: [labels, yes] },
  // biome-ignore lint/suspicious/noThenProperty: a node of plain data, never awaited
  { op: 'conditional', test: yes, then: yes, otherwise: yes },
  {
    op: 'quantifier',
    quantifier: 'some',
    variable: 'x',
    set: labels,
    body: { op: 'variable', name: 'x' },
    at,
  },
]

const frame: Omit<Program, 'rules'> = {
  format: 'edict-program',
  formatVersion: 2,
  policyVersion: '0'.repeat(64),
  sources: ['a.edict'],
  schema: {
    entityTypes: [
      {
        name: 'User',
        isSubject: true,
        isResource: true,
        parents: ['User'],
        attributes: [
          {
            name: '__proto__',
            type: { kind: 'map', value: { kind: 'bool' } },
            isOptional: true,
            isStored: false,
          },
          {
            name: 'all',
            type: {
              kind: 'record',
              fields: [
                { name: 'a', type: { kind: 'set', element: { kind: 'ip' } }, isOptional: false },
                { name: 'b', type: { kind: 'enum', values: ['x', 'y'] }, isOptional: true },
                { name: 'c', type: { kind: 'entity', types: ['User'] }, isOptional: true },
              ],
            },
            isOptional: true,
            isStored: true,
            doc: 'everything',
          },
        ],
        actions: [
          { name: 'read', parameters: [{ name: 'rows', type: { kind: 'number' }, isOptional: false }] },
        ],
        actionGroups: [{ name: 'all', actions: ['read'] }],
        hasStoredParents: false,
        hasStoredRoles: true,
      },
    ],
    context: [{ name: 'toString', type: { kind: 'datetime' }, isOptional: true }],
    roles: [
      {
        name: 'constructor',
        isInherited: true,
        parameters: [{ name: 'limit', type: { kind: 'duration' }, isOptional: false }],
      },
    ],
  },
  roles: [
    {
      name: 'constructor',
      isInherited: true,
      parameters: [{ name: 'limit', type: { kind: 'duration' }, isOptional: false }],
      extends: [],
      when: { code: { op: 'roleParameter', name: 'limit' }, text: 'limit', at },
      conditions: [{ types: ['User'], condition: { code: yes, text: 'true', at } }],
      at,
    },
  ],
  roleGraph: {
    nodes: [{ role: 'constructor', type: 'User' }],
    edges: [{ from: 0, to: 0, isNegative: false }],
  },
  assignments: [
    { role: 'constructor', to: '*', on: '*', with: JSON.parse('{"__proto__": ["5m"]}'), at },
    { role: 'constructor', to: { type: 'User' }, on: { type: 'User', id: '' }, expires: '2026-01-01', at },
    {
      role: 'constructor',
      to: { role: 'constructor', on: { type: 'User', id: 'u' } },
      on: { type: 'User' },
      at,
    },
  ],
  cells: [{ resourceType: 'User', action: 'read' }],
}

const rules: readonly ProgramRule[] = [
  {
    id: 'a',
    effect: 'allow',
    isAfter: false,
    grantOf: 'constructor',
    who: [
      { kind: 'anyone' },
      { kind: 'role', role: 'constructor' },
      { kind: 'type', type: 'User' },
      { kind: 'entity', type: 'User', id: 'u' },
    ],
    whoText: 'role constructor',
    conditions: everything.map((code) => ({ code, text: 'c', at })),
    obligations: [{ name: 'log', args: [{ name: 'a', code: yes }], at }],
    advice: [],
    at,
    doc: 'why',
  },
  {
    id: 'b',
    effect: 'deny',
    isAfter: true,
    who: [],
    whoText: '',
    conditions: [],
    obligations: [],
    advice: [],
    at,
  },
]

const sample: Program = {
  ...frame,
  rules: buildRuleTable(
    rules.map((rule) => ({ rule, cells: [0] })),
    { roles: frame.roles, cellCount: 1 },
  ),
}

type Step = string | number
type JsonNode = { [key: string]: unknown }

/** The sample with one part replaced, or removed where the value is `undefined`. */
function corrupt(path: readonly Step[], value: unknown): unknown {
  const copy: unknown = JSON.parse(serializeProgram(sample))
  let node = copy as JsonNode
  for (const step of path.slice(0, -1)) node = node[step] as JsonNode
  const last = path.at(-1) ?? ''
  if (value === undefined) delete node[last]
  else Object.defineProperty(node, last, { value, enumerable: true, configurable: true, writable: true })
  return copy
}

function checkRefused(input: unknown, path: string): void {
  let thrown: unknown
  try {
    parseProgram(input)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(PolicyLangError)
  const { code, problems } = thrown as PolicyLangError
  expect({ code, path: problems[0]?.path }).toEqual({ code: 'invalid-program', path })
}

const condition = (index: number): Step[] => ['rules', 'shapes', 0, 'conditions', index, 'code']
const zone = [...condition(20), 'args', 0]
const indexOf = (op: Code['op']): number => everything.findIndex((code) => code.op === op)

suite('parseProgram', () => {
  it('gives back what serializeProgram wrote, prototype names included', () => {
    const text = serializeProgram(sample)
    expect(serializeProgram(parseProgram(text))).toBe(text)
    expect(parseProgram(JSON.parse(text))).toEqual(parseProgram(text))
    const [assignment] = parseProgram(text).assignments
    expect(Object.keys(assignment?.with ?? {})).toEqual(['__proto__'])
  })

  it('copies: what happens to the input afterwards does not reach the program', () => {
    const input = JSON.parse(serializeProgram(sample)) as { rules: { [name: string]: unknown[] } }
    const program = parseProgram(input)
    for (const column of Object.values(input.rules)) column.fill(0)
    expect(ruleAt(program, 0)).toEqual(rules[0])
    expect(ruleAt(program, 1)).toEqual(rules[1])
  })

  it('refuses what is no program at all', () => {
    checkRefused('{', '$')
    checkRefused('[]', '$')
    checkRefused(null, '$')
    checkRefused(undefined, '$')
    checkRefused({}, '$.format')
  })

  const cases: readonly (readonly [string, readonly Step[], unknown, string?])[] = [
    ['another format', ['format'], 'other'],
    ['an older format version', ['formatVersion'], 1],
    ['a newer format version', ['formatVersion'], 3],
    ['a version that is no hash', ['policyVersion'], 'abc'],
    ['a missing member', ['rules'], undefined, '$'],
    ['a missing column', ['rules', 'wording'], undefined, '$.rules'],
    ['cells beside the schema', ['cells'], []],
    ['an unexpected member', ['extra'], 1],
    ['a member named __proto__', ['__proto__'], {}],
    ['a member named constructor', ['constructor'], {}],
    ['a list that is none', ['rules', 'shapes'], { length: 0 }],
    ['an effect that is none', ['rules', 'shapes', 1, 'effect'], 'permit'],
    ['a rule twice', ['rules', 'ids', 1], 'a'],
    ['rules out of order', ['rules', 'ids', 0], 'c', '$.rules.ids[1]'],
    ['an id that is no text', ['rules', 'ids', 1], 1],
    ['a rule without a place', ['rules', 'line'], [1], '$.rules.line'],
    ['a rule more than there are places', ['rules', 'ids'], ['a', 'b', 'c'], '$.rules.wording'],
    ['an unknown operation', [...condition(0), 'op'], 'call'],
    ['an operation named constructor', [...condition(0), 'op'], 'constructor'],
    ['an operation named __proto__', [...condition(0), 'op'], '__proto__'],
    [
      'an unknown kind of literal',
      [...condition(0), 'value'],
      { kind: 'toString' },
      '$.rules.shapes[0].conditions[0].code.value.kind',
    ],
    ['a literal beyond the range of numbers', ['rules', 'numbers', 0], 2 ** 53],
    ['a number that is none', ['rules', 'numbers', 0], '1'],
    ['an instant that is no whole millisecond', ['rules', 'numbers', 1], 0.5, '$.rules.constants[3]'],
    ['an instant after 9999', ['rules', 'numbers', 1], 253_402_300_800_000, '$.rules.constants[3]'],
    ['a duration that is no whole millisecond', ['rules', 'numbers', 2], 0.5, '$.rules.constants[4]'],
    ['an address with host bits', ['rules', 'strings', 2], '10.0.0.1/8', '$.rules.constants[5]'],
    [
      'an address in another spelling',
      ['rules', 'strings', 2],
      '::ffff:10.0.0.0/104',
      '$.rules.constants[5]',
    ],
    ['a prefix that is too long', ['rules', 'strings', 2], '10.0.0.0/33', '$.rules.constants[5]'],
    ['a text that is none', ['rules', 'strings', 0], null],
    ['a number that is not there', ['rules', 'constants', 2], 9],
    ['a text that is not there', ['rules', 'constants', 1], 99],
    ['too few constants', ['rules', 'constants'], [], '$.rules.constants'],
    ['a slot that is not there', [...condition(1), 'slot'], 99, '$.rules.shapes[0].conditions[1].code'],
    ['a pattern for a value', [...condition(1), 'slot'], 7, '$.rules.shapes[0].conditions[1].code'],
    [
      'a value for a pattern',
      [...condition(indexOf('like')), 'pattern'],
      1,
      '$.rules.shapes[0].conditions[34].code',
    ],
    ['a kind of constant named constructor', ['rules', 'shapes', 0, 'constants', 1, 'kind'], 'constructor'],
    [
      'another entity type than is declared',
      ['rules', 'shapes', 0, 'constants', 0, 'type'],
      'T',
      '$.rules.shapes[0].who[3]',
    ],
    [
      'a role by the slot of an entity',
      ['rules', 'shapes', 0, 'who', 1, 'role'],
      0,
      '$.rules.shapes[0].who[1]',
    ],
    ['an unknown method', [...condition(indexOf('method')), 'method'], 'toString'],
    ['a method without its argument', [...condition(indexOf('method')), 'args'], []],
    ['a time zone that is none', [...zone, 'value'], 'Nowhere/City', '$.rules.shapes[0].conditions[20].code'],
    ['a time zone that is no text', [...zone, 'value'], 1, '$.rules.shapes[0].conditions[20].code'],
    ['a time zone to compute', zone, { op: 'actionName' }, '$.rules.shapes[0].conditions[20].code'],
    ['an empty conjunction', [...condition(indexOf('and')), 'operands'], []],
    ['an operator that is none', [...condition(indexOf('compare')), 'operator'], '==='],
    ['an optional mark that is false', [...condition(indexOf('member')), 'isOptional'], false],
    [
      'an unbound variable',
      [...condition(indexOf('quantifier')), 'body', 'name'],
      'y',
      '$.rules.shapes[0].conditions[38].code',
    ],
    [
      'a context member that is not declared',
      [...condition(indexOf('context')), 'name'],
      'valueOf',
      '$.rules.shapes[0].conditions[13].code',
    ],
    [
      'a role that is not declared',
      [...condition(indexOf('hasRole')), 'role'],
      'r',
      '$.rules.shapes[0].conditions[21].code',
    ],
    [
      'a role parameter outside a grant',
      ['rules', 'shapes', 0, 'grantOf'],
      undefined,
      '$.rules.shapes[0].conditions[16].code',
    ],
    ['a grant of an unknown role', ['rules', 'shapes', 0, 'grantOf'], 'r'],
    ['an unknown role in who', ['rules', 'shapes', 0, 'who', 1, 'role'], 'r', '$.rules.shapes[0].who[1]'],
    ['an unknown type in who', ['rules', 'shapes', 0, 'who', 2, 'type'], 'T', '$.rules.shapes[0].who[2]'],
    ['a place in no source', ['rules', 'source', 1], 1],
    ['a place before the first line', ['rules', 'line', 1], 0],
    ['a place before the first column', ['rules', 'column', 1], 0],
    ['a place that is no whole number', ['rules', 'line', 1], 1.5],
    ['a layout that is not there', ['rules', 'layout', 1], 2],
    ['a layout of another shape', ['rules', 'layout', 1], 0],
    ['a place of two numbers', ['rules', 'layouts', 1], [0, 1]],
    ['a place of its own in no source', ['rules', 'layouts', 1], [2, 1, 1]],
    ['a place of its own before the first line', ['rules', 'layouts', 1], [1, 0, 1]],
    ['a place in a condition that is not there', [...condition(indexOf('now')), 'at'], 999],
    ['a wording that is not there', ['rules', 'wording', 1], 2],
    ['a wording of no shape', ['rules', 'wordings', 1, 'shape'], 2, '$.rules.wordings[1]'],
    ['a wording of another shape', ['rules', 'wordings', 1, 'shape'], 0, '$.rules.wordings[1]'],
    ['more texts than conditions', ['rules', 'wordings', 1, 'texts'], 2, '$.rules.wordings[1]'],
    ['a text from a slot that is not there', ['rules', 'wordings', 1, 'who'], [0], '$.rules.wordings[1]'],
    ['a doc of no rule', ['rules', 'docs', 0, 'rule'], 2, '$.rules.docs[0]'],
    ['a target that is not there', ['rules', 'target', 1], 1],
    ['a cell that is not there', ['rules', 'targets', 0], [0, 1]],
    ['a cell twice', ['rules', 'targets', 0], [0, 0]],
    ['a negative rule index', ['rules', 'target', 0], -1],
    ['a hole in a column', ['rules', 'wording'], Object.assign([], { 1: 0 }), '$.rules.wording[0]'],
    ['a role that the schema does not know', ['roles'], []],
    ['a condition on an unknown type', ['roles', 0, 'conditions', 0, 'types', 0], 'T'],
    ['a role graph edge out of range', ['roleGraph', 'edges', 0, 'to'], 1, '$.roleGraph.edges[0]'],
    ['a role that rests on its own absence', ['roleGraph', 'edges', 0, 'isNegative'], true, '$.roleGraph'],
    ['an assignment without a scope', ['assignments', 0, 'on'], undefined, '$.assignments[0]'],
    ['an assignment of an unknown role', ['assignments', 0, 'role'], 'r'],
    [
      'an assignment to holders of an unknown role',
      ['assignments', 2, 'to', 'role'],
      'r',
      '$.assignments[2].to',
    ],
    ['an expiry that is no datetime', ['assignments', 1, 'expires'], 'soon'],
    ['a type of an unknown kind', ['schema', 'context', 0, 'type', 'kind'], 'any'],
    [
      'an entity type twice',
      ['schema', 'entityTypes', 0, 'attributes', 1, 'name'],
      '__proto__',
      '$.schema.entityTypes[0].attributes[1]',
    ],
  ]

  for (const [name, path, value, shown] of cases) {
    it(`refuses ${name}`, () => {
      const rendered = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
      checkRefused(corrupt(path, value), shown ?? `$${rendered}`)
    })
  }

  const nest = (depth: number, wrap: (inner: unknown) => unknown, core: unknown): unknown => {
    let node = core
    for (let level = 0; level < depth; level++) node = wrap(node)
    return node
  }
  const not = (operand: unknown) => ({ op: 'not', operand })
  const and = (inner: unknown) => ({ op: 'and', operands: [inner] })

  it('takes conditions as deep as inlining can make them', () => {
    expect(ruleCount(parseProgram(corrupt(condition(0), nest(450, and, yes))))).toBe(2)
  })

  it.each([
    ['deep', 600],
    ['very deep', 100_000],
  ])('refuses %s conditions without running out of stack', (_, depth) => {
    for (const wrap of [not, and]) {
      expect(() => parseProgram(corrupt(condition(0), nest(depth, wrap, yes)))).toThrow(/nested too deeply/)
    }
  })

  it('refuses deep types and arguments without running out of stack', () => {
    const type = nest(100_000, (element) => ({ kind: 'set', element }), { kind: 'bool' })
    expect(() => parseProgram(corrupt(['schema', 'context', 0, 'type'], type))).toThrow(/nested too deeply/)
    const json = nest(100_000, (inner) => [inner], 1)
    expect(() => parseProgram(corrupt(['assignments', 0, 'with', 'a'], json))).toThrow(/nested too deeply/)
  })
})

suite('serializeProgram', () => {
  it('gives the same text for equal programs, however they were put together', () => {
    const reversed = Object.fromEntries(Object.entries(sample).reverse()) as unknown as Program
    expect(serializeProgram(reversed)).toBe(serializeProgram(sample))
  })
})
