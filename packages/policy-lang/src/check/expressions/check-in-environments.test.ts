import { describe, expect, it } from 'vitest'
import { findInText } from '../fixtures/check-text.ts'

const TYPES = `
subject A { level: Number  same: A }
subject B { level: String  same: B }
subject C
resource X { level: Number  actions go(n: Number), stop }
resource Y { level: String  actions go(n: String) }
`

function checkRule(rule: string, expected: readonly string[]) {
  expect(findInText(`${TYPES}\n${rule}`, { alone: true })).toEqual(expected)
}

describe('checkInEnvironments', () => {
  it.each([
    [
      'lets an attribute differ in type between environments',
      'rule r: allow * on * to A, B if subject.level == subject.level',
      [],
    ],
    [
      'lets a comparison hold in some environments only',
      'rule r: allow * on * to A, B if subject.same == subject && subject == A::"x"',
      [],
    ],
    [
      'tells cases apart with `is`',
      'rule r: allow * on X if subject is A && subject.level == resource.level',
      [],
    ],
    [
      'names the subject type where it alone matters',
      'rule r: allow * on * to A, C if subject.level > 1',
      ['absent-attribute at level: `C` has no attribute `level` {subject: C}'],
    ],
    [
      'names resource and subject where both matter',
      'rule r: allow * on * to A, B if subject.level == resource.level',
      [
        'type-mismatch at subject.level == resource.level: a Number is never equal to a String (and in 1 more case) {subject: A, resource: Y}',
      ],
    ],
    [
      'names the action where it matters',
      'rule r: allow * on X if action.n > 1',
      ['absent-parameter at n: the action `stop` has no parameter `n` {action: stop}'],
    ],
    [
      'reports what is wrong in one environment beside what is wrong in another',
      'rule r: allow * on * if subject.level == "x"',
      [
        'type-mismatch at subject.level == "x": a Number is never equal to `"x"` {subject: A}',
        'absent-attribute at level: `C` has no attribute `level` {subject: C}',
      ],
    ],
    [
      'names none where it fails in all',
      'rule r: allow * on * if context.now == 1',
      ['type-mismatch at context.now == 1: a Datetime is never equal to a Number'],
    ],
    [
      'reports a comparison that is false in every environment',
      'rule r: allow * on * to A, B if subject == C::"c"',
      [
        'impossible-comparison at subject == C::"c": this comparison always has the same result: `A | B` is never `C`',
      ],
    ],
    [
      'shows from where a body was used',
      'fn level(n: Number) = subject.level > n\nrule r: allow * on X to A, C if level(3)',
      ['absent-attribute at level: `C` has no attribute `level` {subject: C}'],
    ],
  ])('%s', (_claim, rule, expected) => checkRule(rule, expected))
})
