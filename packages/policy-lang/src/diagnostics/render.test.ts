import { describe, expect, it } from 'vitest'
import type { Diagnostic } from './diagnostic.ts'
import { locate, renderDiagnostic } from './render.ts'
import type { SourceFile } from './span.ts'

const text = 'rule a: allow read on Paper\n  if subject.deparment == "it"\n'
const source: SourceFile = { name: 'rules.edict', text }

function diagnosticAt(source: SourceFile, part: string, rest: Partial<Diagnostic> = {}): Diagnostic {
  const start = source.text.indexOf(part)
  return {
    code: 'unexpected-token',
    severity: 'error',
    message: 'something is wrong',
    span: { file: source.name, start, end: start + part.length },
    ...rest,
  }
}

function frame(text: string, part: string): string {
  const file = { name: 'x', text }
  return renderDiagnostic(diagnosticAt(file, part), [file]).split('\n').slice(3).join('\n')
}

describe('renderDiagnostic', () => {
  it('shows place, line, environment, hint and related places', () => {
    const diagnostic = diagnosticAt(source, 'deparment', {
      message: '`User` has no attribute `deparment`',
      environment: { subject: 'User', action: 'read', resource: 'Paper' },
      hint: 'did you mean `department`',
      related: [{ span: { file: 'rules.edict', start: 5, end: 6 }, message: 'in this rule' }],
    })
    expect(renderDiagnostic(diagnostic, [source])).toMatchInlineSnapshot(`
      "error: \`User\` has no attribute \`deparment\` [unexpected-token]
       --> rules.edict:2:14
        |
      2 |   if subject.deparment == "it"
        |              ^^^^^^^^^
        = for subject User, action read, resource Paper
        = hint: did you mean \`department\`
      note: in this rule
       --> rules.edict:1:6
        |
      1 | rule a: allow read on Paper
        |      ^"
    `)
  })

  it('marks the first and the last line of a span over several', () => {
    expect(frame('a {\n  b\n  c\n  d }\ne', '{\n  b\n  c\n  d }')).toBe(
      ['1 | a {', '  |   ^', '  | …', '4 |   d }', '  |   ^^^'].join('\n'),
    )
  })

  const marks: readonly (readonly [string, string, string, string])[] = [
    ['tabs', '\tx\ty', 'y', '1 |     x    y\n  |          ^'],
    ['wide characters', '"日本" x', 'x', '1 | "日本" x\n  |        ^'],
    ['astral characters', '"😀" x', 'x', '1 | "😀" x\n  |      ^'],
    ['combining marks', '"e\u0301" x', 'x', '1 | "e\u0301" x\n  |     ^'],
    ['a span of wide characters', 'a 日本 b', '日本', '1 | a 日本 b\n  |   ^^^^'],
    ['windows line ends', 'a\r\nb x\r\n', 'x', '2 | b x\n  |   ^'],
    ['control characters', 'a\u001b[31m x', 'x', '1 | a<U+001B>[31m x\n  |               ^'],
    ['characters that turn the direction', 'a \u202e x', 'x', '1 | a <U+202E> x\n  |            ^'],
    ['lone surrogates', 'a \ud800 x', 'x', '1 | a <U+D800> x\n  |            ^'],
  ]
  for (const [name, source, part, expected] of marks) {
    it(`keeps its mark under what it marks beside ${name}`, () => {
      expect(frame(source, part)).toBe(expected)
    })
  }

  it('marks the place behind the last character at the end of a text', () => {
    const file = { name: 'x', text: 'rule a' }
    const diagnostic = { ...diagnosticAt(file, 'rule'), span: { file: 'x', start: 6, end: 6 } }
    expect(renderDiagnostic(diagnostic, [file]).split('\n').slice(3)).toEqual(['1 | rule a', '  |       ^'])
  })

  it('shows a long line around its mark', () => {
    const shown = frame(`${'a'.repeat(5000)} x ${'b'.repeat(5000)}`, 'x')
    expect(shown.length).toBeLessThan(300)
    const [line = '', mark = ''] = shown.split('\n')
    expect(line.charAt(mark.indexOf('^'))).toBe('x')
  })

  it('lets no control sequence of a message, a hint or a file name through', () => {
    const evil = { name: 'a\u001b]0;x\u0007.edict', text: 'x' }
    const diagnostic = diagnosticAt(evil, 'x', {
      message: '\u001b[2J',
      hint: '\u009b31m',
      environment: { subject: '\u202e' },
    })
    expect(renderDiagnostic(diagnostic, [evil]).replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u)
  })

  it('colours only where asked', () => {
    expect(renderDiagnostic(diagnosticAt(source, 'if'), [source])).not.toContain('\u001b')
    expect(renderDiagnostic(diagnosticAt(source, 'if'), [source], { color: true })).toContain(
      '\u001b[1;31merror',
    )
  })

  it('does without a source that is not there', () => {
    const diagnostic = diagnosticAt(source, 'if')
    expect(renderDiagnostic(diagnostic, [])).toContain('--> rules.edict:1:31')
  })
})

describe('locate', () => {
  it('counts lines and columns from 1', () => {
    expect(locate({ file: 'rules.edict', start: 0, end: 1 }, [source])).toEqual({
      file: 'rules.edict',
      line: 1,
      column: 1,
    })
    expect(locate({ file: 'rules.edict', start: 28, end: 29 }, [source])).toEqual({
      file: 'rules.edict',
      line: 2,
      column: 1,
    })
  })
  it('puts what lies beyond the text in its last line', () => {
    expect(locate({ file: 'rules.edict', start: 900, end: 900 }, [source]).line).toBe(3)
  })
})
