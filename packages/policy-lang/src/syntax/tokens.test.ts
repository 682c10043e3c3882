import { describe, expect, it } from 'vitest'
import { KEYWORDS, SOFT_KEYWORDS } from '../ast/keywords.ts'
import { createLexer } from './lex.ts'
import { keywordOf } from './tokens.ts'

describe('keywords', () => {
  it('have a token each, the hard and the soft', () => {
    const without = [...KEYWORDS, ...SOFT_KEYWORDS].filter((word) => keywordOf(word) === undefined)
    expect(without).toEqual([])
  })
})

describe('createLexer', () => {
  it('makes a lexer that the library finds nothing wrong with', () => {
    expect(createLexer({ skipValidations: false }).lexerDefinitionErrors).toEqual([])
  })

  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      'stored store storedX roles role',
      ['StoredKeyword', 'StoreKeyword', 'Identifier', 'RolesKeyword', 'RoleKeyword'],
    ],
    ['inX in is_ is', ['Identifier', 'InKeyword', 'Identifier', 'IsKeyword']],
    [
      'a?.b ? c:d::e ?? f',
      [
        'Identifier',
        'QuestionDot',
        'Identifier',
        'Question',
        'Identifier',
        'Colon',
        'Identifier',
        'DoubleColon',
        'Identifier',
        'DoubleQuestion',
        'Identifier',
      ],
    ],
    ['b?: T', ['Identifier', 'Question', 'Colon', 'Identifier']],
    [
      '1 1.5 1h30m 5min 1.5h 1.x',
      [
        'NumberText',
        'NumberText',
        'DurationText',
        'BadNumber',
        'BadNumber',
        'NumberText',
        'Dot',
        'Identifier',
      ],
    ],
    ['"a\\\\" "b\\"c" "d', ['Text', 'Text', 'UnterminatedText']],
    ['a.b#2', ['Identifier', 'Dot', 'Identifier', 'Hash', 'NumberText']],
  ]
  for (const [text, expected] of cases) {
    it(`cuts \`${text}\``, () => {
      const { tokens } = createLexer({ skipValidations: true }).tokenize(text)
      expect(tokens.map(({ tokenType }) => tokenType.name)).toEqual(expected)
    })
  }
})
