import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesakes } from './arbitraries/policy-case.ts'
import type { WordKind } from './arbitraries/vocabulary.ts'
import { askEngine, loadCase, toFullDecision } from './compare.ts'
import type { FullDecision } from './naive/decide.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(15)

const LONG = 'n'.repeat(10_000)

/** What objects have already, what JavaScript and the language read as something else, nothing, and very much. */
const HOSTILE = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', LONG, 'isPrototypeOf', 'prototype'],
  ...[
    'length',
    'then',
    '__defineGetter__',
    'toLocaleString',
    'propertyIsEnumerable',
    '0',
    '-1',
    'if',
    'true',
  ],
  ...['subject', 'every', '*', '"', '\\', ' ', '\n', '\u{1f511}', '//', '#2', 'a.b', '$', 'null'],
]

const PLAIN_WORDS: Readonly<Record<WordKind, string>> = {
  type: 'User Service constructor acme:agent Document Folder __proto__ album:object Team toString',
  role: 'viewer editor owner admin __proto__ system:user',
  action: 'read write share constructor s3:Get edit toString',
  id: 'a b c __proto__',
  name: 'level name rank isActive owner link team tags watchers labels madeAt term net nets token __proto__ x-id constructor keys rows format toString at who what log watermark',
  // A parameter of a role is named like a variable.
  parameter: 'limit label __proto__',
}
const PARAMETERS = ['__proto__', 'constructor', 'hasOwnProperty']

const words = new Map(
  Object.entries(PLAIN_WORDS).map(([kind, text]) => {
    const plain = [...text.split(' '), ...(kind === 'id' ? [''] : [])]
    const hostile = kind === 'parameter' ? PARAMETERS : HOSTILE
    return [kind, new Map(plain.map((word, index) => [word, hostile[index] ?? `${word}\0`]))] as const
  }),
)

const rename = (kind: WordKind, plain: string): string => words.get(kind)?.get(plain) ?? plain

/** All of a decision but the names in it: ids of grants are made of names. */
function withoutNames({ decision, reasons, obligations, advice, errors }: FullDecision): unknown {
  const isGrant = (rule: string): boolean =>
    !/^(?:r-?\d|asks\d|tests\d|crowd\d+|__proto__|constructor)$/.test(rule)
  const hideGrant = (rule: string): string => (isGrant(rule) ? 'a grant' : rule)
  return {
    decision,
    reasons: reasons.map((reason) => ('rule' in reason ? hideGrant(reason.rule) : reason.builtin)).sort(),
    errors: errors.map(({ rule, kind }) => `${kind} of ${hideGrant(rule)}`).sort(),
    duties: [obligations.length, advice.length],
  }
}

describe('names and ids', { timeout: options.numRuns * 6_000 }, () => {
  it('are ordinary data, whatever they are: under others every answer is the same', () => {
    const decisions = { allow: 0, deny: 0 }
    fc.assert(
      fc.property(namesakes(rename), ([plain, hostile]) => {
        const [plainCase, hostileCase] = [loadCase(plain), loadCase(hostile)]
        for (const [index, question] of plain.questions.entries()) {
          const other = hostile.questions[index]
          if (other === undefined) throw new Error('as many questions are expected')
          const expected = toFullDecision(askEngine(plainCase, question, { detail: 'full' }))
          const answer = toFullDecision(askEngine(hostileCase, other, { detail: 'full' }))
          expect(withoutNames(answer)).toEqual(withoutNames(expected))
          decisions[answer.decision] += 1
        }
      }),
      options,
    )
    expect(Math.min(decisions.allow, decisions.deny)).toBeGreaterThan(0)
  })
})
