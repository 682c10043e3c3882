import { describe, expect, it } from 'vitest'
import { exceedsDepth, findFault } from './scan-json.ts'

describe('exceedsDepth', () => {
  it.each([
    ['1', 0, false],
    ['{}', 0, true],
    ['{}', 1, false],
    ['[[]]', 1, true],
    ['[[]]', 2, false],
    ['{"a":{"b":[]}}', 2, true],
    ['{"a":{"b":[]}}', 3, false],
    ['[[],[],[]]', 2, false],
    ['"[[[["', 0, false],
    ['{"[[":"{{"}', 1, false],
    ['["\\"[[["]', 1, false],
    ['["\\\\",[]]', 1, true],
    ['["\\\\\\"[",1]', 1, false],
    // Not JSON at all: no more than an answer is asked for.
    ['', 0, false],
    ['"[', 0, false],
    ['"\\', 0, false],
    [']]]][', 0, false],
    ['[[', 1, true],
  ])('looks at %j with at most %i: %s', (text, maxDepth, expected) => {
    expect(exceedsDepth(text, maxDepth)).toBe(expected)
  })

  it('takes a million brackets without recursion', () => {
    expect(exceedsDepth('['.repeat(1_000_000), 2_000_000)).toBe(false)
    expect(exceedsDepth('['.repeat(1_000_000), 64)).toBe(true)
  })
})

describe('findFault', () => {
  it.each([
    '1',
    '"a"',
    '[]',
    '{}',
    '{"a":1,"b":2}',
    '{"a":{"a":1},"b":{"a":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":["a","a"],"b":"a"}',
    '{"":1," ":2}',
    '{"a":1,"A":2}',
    '{"a\\"":1,"a":2}',
    '{"a,":1,"a":{"x":[1,{"x":2}]}}',
    '{"__proto__":1,"constructor":2,"toString":3}',
    // The same to the eye, not the same: composed and decomposed.
    '{"\\u00e9":1,"e\\u0301":2}',
    '"\\ud83d\\ude00"',
    '{"\\ud83d\\ude00":1}',
    '"\\\\ud800"',
  ])('finds nothing in %j', (text) => {
    expect(findFault(text)).toBeUndefined()
  })

  it.each([
    ['{"a":1,"a":2}', '$.a'],
    ['{"a":1,"b":2,"a":2}', '$.a'],
    ['{ "a" : 1 , "a" : 2 }', '$.a'],
    ['{"a":1,"\\u0061":2}', '$.a'],
    ['{"\\u0061":1,"a":2}', '$.a'],
    ['{"\\/":1,"/":2}', '$["/"]'],
    ['{"":1,"":2}', '$[""]'],
    ['{"x":{"y":[0,{"z":1,"z":1}]}}', '$.x.y[1].z'],
    ['{"x":[[],{},{"y":0}],"x":1}', '$.x'],
    ['[{"a b":1,"a b":2}]', '$[0]["a b"]'],
    ['{"__proto__":1,"__proto__":2}', '$.__proto__'],
    ['{"constructor":1,"constructor":2}', '$.constructor'],
    ['{"a\\\\":1,"a\\\\":2}', '$["a\\\\"]'],
  ])('finds the member that is there twice in %j', (text, path) => {
    expect(findFault(text)).toEqual({ path, detail: 'is there twice in one object' })
    expect(() => JSON.parse(text)).not.toThrow()
  })

  it.each([
    ['"\\ud800"', '$'],
    ['["ok","\\udc00"]', '$[1]'],
    ['{"a":{"b":"x\\ud83dy"}}', '$.a.b'],
    ['{"a":{"\\ud83d":1}}', '$.a'],
    ['"\\ude00\\ud83d"', '$'],
  ])('finds the lone surrogate in %j', (text, path) => {
    expect(findFault(text)).toMatchObject({ path, detail: expect.stringContaining('surrogate') })
  })

  it('is linear in many members and deep nesting', () => {
    const wide = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":0`).join(',')}}`
    expect(findFault(wide)).toBeUndefined()
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    expect(findFault(deep)).toBeUndefined()
  })
})

describe('the scanner', () => {
  /** The same numbers in every run. */
  function createRandom(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
  }

  const STRINGS = [
    '',
    'a',
    'b',
    'A',
    '"',
    '\\',
    '\\"',
    '[',
    '}',
    ',',
    ':',
    '\n',
    'é',
    '😀',
    '\u2028',
    '__proto__',
    '0',
  ]

  interface Drawn {
    readonly text: string
    readonly depth: number
    readonly duplicates: number
  }

  /** A JSON text with its depth, and how many members stand twice. */
  function draw(random: (below: number) => number, depth: number): Drawn {
    const space = () => ['', ' ', '\n\t'][random(3)] ?? ''
    const kind = random(depth === 0 ? 3 : 5)
    if (kind < 2) return { text: JSON.stringify(STRINGS[random(STRINGS.length)]), depth: 0, duplicates: 0 }
    if (kind === 2)
      return { text: ['1', '-0.5e-3', 'true', 'null'][random(4)] ?? '', depth: 0, duplicates: 0 }
    const names = new Set<string>()
    let duplicates = 0
    const parts = Array.from({ length: random(4) }, () => {
      const part = draw(random, depth - 1)
      duplicates += part.duplicates
      if (kind === 3) return { ...part, text: `${space()}${part.text}${space()}` }
      const name = STRINGS[random(STRINGS.length)] ?? ''
      if (names.has(name)) duplicates++
      names.add(name)
      return {
        ...part,
        text: `${space()}${writeName(name, random)}${space()}:${space()}${part.text}${space()}`,
      }
    })
    const [open, close] = kind === 3 ? '[]' : '{}'
    return {
      text: `${open}${parts.map(({ text }) => text).join(',')}${close}`,
      depth: 1 + Math.max(0, ...parts.map((part) => part.depth)),
      duplicates,
    }
  }

  /** As it is, or with every unit escaped. */
  function writeName(name: string, random: (below: number) => number): string {
    if (random(2) === 0) return JSON.stringify(name)
    const escaped = Array.from({ length: name.length }, (_, at) =>
      name.charCodeAt(at).toString(16).padStart(4, '0'),
    )
    return `"${escaped.map((unit) => `\\u${unit}`).join('')}"`
  }

  it('agrees with how a text was made', () => {
    const random = createRandom(7)
    let faulty = 0
    for (let round = 0; round < 3000; round++) {
      const { text, depth, duplicates } = draw(random, 5)
      expect(() => JSON.parse(text)).not.toThrow()
      expect([text, exceedsDepth(text, depth)]).toEqual([text, false])
      if (depth > 0) expect([text, exceedsDepth(text, depth - 1)]).toEqual([text, true])
      expect([text, findFault(text) !== undefined]).toEqual([text, duplicates > 0])
      faulty += duplicates > 0 ? 1 : 0
    }
    expect(faulty).toBeGreaterThan(50)
  })
})
