import { readdirSync, readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { isSameTree } from '../ast/same-tree.ts'
import { formatPolicy } from './format.ts'
import { lexSource } from './lex.ts'
import { parsePolicyFile } from './parse.ts'

const POLICIES = new URL('../../../../policies/', import.meta.url)
const TEXTS = readdirSync(POLICIES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.edict'))
  .sort()
  .map((name) => readFileSync(new URL(name, POLICIES), 'utf8'))

function format(text: string): string {
  const { text: formatted, diagnostics } = formatPolicy(text)
  expect(diagnostics).toEqual([])
  return formatted ?? ''
}

/** Whether formatting kept the tree and every comment, and would change nothing more. */
function checkKept(text: string): void {
  const before = parsePolicyFile({ name: 'a', text })
  const formatted = format(text)
  const after = parsePolicyFile({ name: 'a', text: formatted })
  expect(isSameTree(after.file?.declarations, before.file?.declarations)).toBe(true)
  expect(textsOf(after.comments)).toEqual(textsOf(before.comments))
  expect(format(formatted)).toBe(formatted)
}

function textsOf(comments: readonly { readonly text: string }[]): readonly string[] {
  return comments.map(({ text }) => text.trimEnd()).sort()
}

describe('formatPolicy', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['an empty text', '', ''],
    ['nothing but comments', '// a\n\n\n\n//b   \n', '// a\n\n//b\n'],
    [
      'members, each on its line, in the order of the author',
      'subject   User in Team{stored roles a:Number,b?:  String actions read}',
      'subject User in Team {\n  stored roles\n  a: Number\n  b?: String\n  actions read\n}\n',
    ],
    [
      'blank lines, at most one',
      '\n\nentity A\nentity B\n\n\n\nentity C\n\nresource D {\n\n\n  a: A\n\n\n  b: B\n\n  actions x\n\n}\n\n\n',
      'entity A\nentity B\n\nentity C\n\nresource D {\n  a: A\n\n  b: B\n\n  actions x\n}\n',
    ],
    [
      'comments in front, behind and inside',
      '// top\n/// doc\nresource D { // open\n  a: A // of a\n  // of b\n  b: B\n  // last\n} // end\n// bottom',
      '// top\n/// doc\nresource D {\n  // open\n  a: A // of a\n  // of b\n  b: B\n  // last\n} // end\n// bottom\n',
    ],
    [
      'a comment beside what becomes several lines, in front of it',
      'role a { can x on Y } // why',
      '// why\nrole a {\n  can x on Y\n}\n',
    ],
    [
      'braces around nothing but a comment',
      'entity A {\n  // nothing yet\n}',
      'entity A {\n  // nothing yet\n}\n',
    ],
    [
      'comments in a chain',
      'let x = a // one\n  && b\n  // two\n  && c',
      'let x =\n  a // one\n  && b\n  // two\n  && c\n',
    ],
    [
      'comments in a list',
      'let x = ["a", // one\n // two\n "b" // three\n]',
      'let x =\n  [\n    "a", // one\n    // two\n    "b" // three\n  ]\n',
    ],
    [
      'a rule with a condition and a duty, one line each',
      'rule r: allow read on D if a obligate o()',
      'rule r: allow read on D\n  if a\n  obligate o()\n',
    ],
    [
      'quotes and parentheses where they are needed alone',
      'role "owner" \nlet x = ((a)) && ((b || c)) \nrule "rule": allow "read", "if" on "Doc" to "a b"',
      'role owner\nlet x = a && (b || c)\nrule "rule": allow read, "if" on Doc to "a b"\n',
    ],
    [
      'actions on the lines of the author',
      'resource D { actions a,b actions c\n /// d\n actions d actions e=a,b }',
      'resource D {\n  actions a, b\n  actions c\n  /// d\n  actions d\n  actions e = a, b\n}\n',
    ],
    [
      'windows line ends and a byte order mark',
      '\ufeff// a\r\nentity A\r\n\r\nentity B\r\n',
      '// a\nentity A\n\nentity B\n',
    ],
    [
      'invisible characters in strings as escapes',
      'let x = "\\u202e\\u0007\\u00e9"',
      'let x = "\\u202e\\u0007é"\n',
    ],
  ]
  for (const [name, text, expected] of cases) {
    it(`lays out ${name}`, () => {
      expect(format(text)).toBe(expected)
      checkKept(text)
    })
  }

  it('keeps everything of the policies that people start from', () => {
    for (const text of TEXTS) checkKept(text)
  })

  it('gives no text for one with syntax errors', () => {
    const { text, diagnostics } = formatPolicy('rule a: allow', { name: 'b.edict' })
    expect(text).toBeUndefined()
    expect(diagnostics[0]?.span.file).toBe('b.edict')
  })

  // Comments of both kinds and line breaks, wherever a token ends.
  const place = fc.tuple(
    fc.nat(),
    fc.constantFrom(' // c\n', '\n// c\n', '\n/// d\n', ' /// d\n', '\n\n\n', '\n//\n\n// e\n'),
  )
  test.prop([fc.constantFrom(...TEXTS), fc.array(place, { maxLength: 12 })], { numRuns: 60 })(
    'keeps comments wherever they stand, and changes nothing the second time',
    (text, places) => {
      const { tokens } = lexSource({ name: 'a', text })
      const marked = new Map(
        places.map(([index, comment]) => [tokens[index % tokens.length]?.startOffset, comment]),
      )
      let changed = ''
      let from = 0
      for (const { startOffset } of tokens) {
        const comment = marked.get(startOffset)
        if (comment === undefined) continue
        changed += `${text.slice(from, startOffset)}${comment}`
        from = startOffset
      }
      checkKept(changed + text.slice(from))
    },
  )
})
