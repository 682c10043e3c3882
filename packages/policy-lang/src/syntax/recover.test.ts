import { describe, expect, it } from 'vitest'
import { locate } from '../diagnostics/render.ts'
import { parsePolicyFile } from './parse.ts'

/** `line:column message`, one a line. */
function findMistakes(text: string): string {
  const source = { name: 'a.edict', text }
  const found = parsePolicyFile(source).diagnostics.map(({ span, message }) => {
    const { line, column } = locate(span, [source])
    return `${line}:${column} ${message}`
  })
  return found.join('\n')
}

describe('recover', () => {
  it('finds a mistake in each of several declarations', () => {
    const text = `subject User in Team
entity Team on Team
resource Doc { owner: User actions read }
rule a: permit read on Doc
rule b: allow read on Doc if resource.owner == subject
rule c: allow read on Doc if
rule d: allow read on Doc to
  if true
`
    expect(findMistakes(text)).toMatchInlineSnapshot(`
      "2:13 unexpected \`on\`
      4:9 \`permit\` is no effect
      6:29 expected an expression after \`if\`
      8:3 unexpected \`if\`, expected a role, a type, an entity or \`anyone\`"
    `)
  })

  it('finds a mistake in each of several members, grants and lines of a test', () => {
    const text = `resource Doc in Folder {
  owner User
  team: Team
  actons read
  labels: Map<String
  stored parents
}
inherited role editor {
  can edit Doc
  can read on Doc
  cann create on Doc
}
test "t" {
  given {
    User::"a" { x 1 }
    assign editor User::"a"
    Folder::"f" { y: 2 }
  }
  subject User::a
  resource Doc::"d" { owner: }
  allow read bi editor
  deny edit by default
}
`
    expect(findMistakes(text)).toMatchInlineSnapshot(`
      "2:9 unexpected \`User\`, expected \`:\` after \`owner\`
      4:3 unexpected \`actons\`
      5:21 expected \`>\` after \`String\`
      9:12 unexpected \`Doc\`, expected \`on\`
      11:3 unexpected \`cann\`
      15:19 unexpected \`1\`, expected \`:\`
      16:19 unexpected \`User\`, expected \`to\`
      19:17 an id stands in quotes
      20:30 unexpected \`}\`, expected a value
      21:14 unexpected \`bi\`"
    `)
  })

  it('tells an unclosed brace from what follows it', () => {
    const text = `resource Doc {
  owner: User
  actions read

rule a: allow read on Doc

test "t" {
  given {
    User::"a" {}
  subject User::"a"
  allow read
}

rule b: allow read on
`
    expect(findMistakes(text)).toMatchInlineSnapshot(`
      "1:14 \`{\` is never closed
      10:3 unexpected \`subject\`, expected an entity, \`assign\` or \`}\`
      14:22 expected a type or \`*\` after \`on\`"
    `)
  })

  it('knows misspelt keywords at the margin', () => {
    expect(findMistakes('subjct User\n\nrul a: allow read on Doc\n\nlte x = 1\n')).toMatchInlineSnapshot(`
      "1:1 \`subjct\` starts no declaration
      3:1 \`rul\` starts no declaration
      5:1 \`lte\` starts no declaration"
    `)
  })

  it('finds mistakes in a text that is indented as a whole', () => {
    expect(
      findMistakes('    subject User {\n      a Number\n    }\n    rule a: allow on Doc\n'),
    ).toMatchInlineSnapshot(`
      "2:9 unexpected \`Number\`, expected \`:\` after \`a\`
      4:19 unexpected \`on\`, expected the name of an action or \`*\`"
    `)
  })

  it('finds mistakes in declarations of one line', () => {
    expect(
      findMistakes('entity Team on Team entity Org subject User { a Number } rule a: allow x on'),
    ).toMatchInlineSnapshot(`
      "1:13 unexpected \`on\`
      1:49 unexpected \`Number\`, expected \`:\` after \`a\`
      1:76 expected a type or \`*\` after \`on\`"
    `)
  })

  it('gives at most 100 errors', () => {
    const { diagnostics } = parsePolicyFile({ name: 'a', text: 'rule a: allow read on\n'.repeat(300) })
    expect(diagnostics).toHaveLength(100)
  })
})
