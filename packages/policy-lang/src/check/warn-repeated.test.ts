import { describe, expect, it } from 'vitest'
import { findInText } from './fixtures/check-text.ts'

function checkRepeated(source: string, expected: readonly string[]): void {
  expect(findInText(source).map((line) => line.slice(0, line.indexOf(': ')))).toEqual(expected)
}

describe('warnRepeated', () => {
  it.each([
    ['an action of a rule', 'rule r: allow read, "read" on Doc', ['repeated-member at "read"']],
    ['a type of a rule', 'rule r: allow read on Doc, Folder, Doc', ['repeated-member at Doc']],
    ['each time again', 'rule r: allow read, read, read on Doc', Array(2).fill('repeated-member at read')],
    [
      'a role after `to`',
      'rule r: allow write on Doc to editor, role editor',
      ['repeated-member at role editor'],
    ],
    [
      'a subject type after `to`',
      'rule r: allow read on Doc to Service, type Service',
      ['repeated-member at type Service'],
    ],
    ['`anyone` after `to`', 'rule r: allow read on Doc to anyone, anyone', ['repeated-member at anyone']],
    [
      'an entity after `to`',
      'rule r: allow read on Doc to User::"u", User::"v", User::"u"',
      ['repeated-member at User::"u"'],
    ],
    ['an action of a grant', 'role r { can read, read on Folder }', ['repeated-member at read']],
    [
      'a type of an invariant',
      'invariant "i": never read on Doc, Doc if context.region == "x"',
      ['repeated-member at Doc'],
    ],
    [
      'a subject of an invariant',
      'invariant "i": never read on Doc to editor, editor if context.region == "x"',
      ['repeated-member at editor'],
    ],
    [
      'a member of a group',
      'resource R { actions a, b  actions g = a, b, a }\nrule r: allow g on R',
      ['repeated-member at a'],
    ],
    [
      'the title of an invariant',
      'invariant "i": never read on Doc if context.region == "x"\ninvariant "i": never write on Doc if context.region == "x"',
      ['repeated-title at invariant "i"'],
    ],
  ])('warns of %s', (_claim, source, expected) => checkRepeated(source, expected))

  it.each([
    ['an action beside a group that holds it', 'rule r: allow edit, write on Doc'],
    [
      'a role and a type of one name',
      'role Service { can read on Folder }\nrule r: allow read on Doc to role Service, type Service',
    ],
    ['entities of one id', 'rule r: allow read on Doc to User::"x", Service::"x"'],
    ['a type and one of its entities', 'rule r: allow read on Doc to User::"x", User'],
    ['one list and another', 'rule r: allow read on Doc\nrule q: allow read on Doc to editor'],
  ])('is silent on %s', (_claim, source) => checkRepeated(source, []))
})
