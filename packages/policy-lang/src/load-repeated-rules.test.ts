import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { PolicyFile } from './ast/nodes.ts'
import { RepeatedRule } from './ast/repeated-rule.ts'
import { checkPolicySet } from './check/check-policy-set.ts'
import { compileProgram } from './compile/compile-program.ts'
import type { SourceFile } from './diagnostics/span.ts'
import { type ParsedPolicyFile, parseForLoading, parsePolicyFile } from './syntax/parse.ts'
import { allRules } from './testing/compile-text.ts'

function load(text: string, parse: (source: SourceFile) => ParsedPolicyFile) {
  const source = { name: 'p.edict', text }
  const { file, diagnostics: syntax } = parse(source)
  const files: readonly PolicyFile[] = file === undefined ? [] : [file]
  const { checked, diagnostics } = checkPolicySet(files)
  const program = checked && compileProgram(checked, [source])
  const { targets, rulesOfTarget, targetsOfCell } = program?.rules ?? {}
  return {
    repeated: files.flatMap((one) => one.declarations.filter((each) => each instanceof RepeatedRule)).length,
    told: [...syntax, ...diagnostics],
    made: program && {
      version: program.policyVersion,
      rules: allRules(program),
      targets,
      rulesOfTarget,
      targetsOfCell,
    },
  }
}

/** Loads it with and without taking rules from samples; gives what both say, and how many rules repeat others. */
function loadAlike(text: string) {
  const [bySample, each] = [load(text, parseForLoading), load(text, parsePolicyFile)]
  expect(bySample.told).toEqual(each.told)
  expect(bySample.made).toEqual(each.made)
  return { repeated: bySample.repeated, codes: each.told.map(({ code }) => code) }
}

const TYPES = `
subject User { name: String  level: Number  team: Team }
entity Team
context { channel: String }
type Kind = "red" | "blue"
resource Doc { owner: User  size: Number  kind: String  tags: Set<String>  actions read, write }
resource Page { owner: User  size: Number  kind: String  tags: Set<String>  actions read, write }
resource Note { owner: User  size: Set<String>  kind: Kind  tags: Set<String>  actions read }
resource Leaf { owner: User  above?: Leaf  kind: String  actions read, write }
`

function rules(count: number, toRule: (index: number) => string): string {
  return `${TYPES}\n${Array.from({ length: count }, (_, index) => `rule r${index * 7}: ${toRule(index)}`).join('\n')}\n`
}

describe('rules that are written alike', () => {
  it('are read once, and come to what each says', () => {
    const text = rules(
      12,
      (index) => `allow read on ${index % 2 ? 'Doc' : 'Page'} if resource.size <= ${index}`,
    )
    expect(loadAlike(text)).toEqual({ repeated: 9, codes: [] })
  })

  const ALIKE: Readonly<Record<string, (index: number) => string>> = {
    strings: (index) =>
      `allow read on Doc if resource.kind == "k${index}" && resource.tags.contains("t${index}")`,
    'strings that hold what others look for': (index) =>
      `allow read on Doc if resource.kind == "${['resource', '__hole_0__', ' on Page', '1', '', '//', 'é'][index % 7]}"`,
    'escapes and odd numbers': (index) =>
      `allow read on Doc if resource.kind == "${['a', '\\n', '\\u0041'][index % 3]}" && resource.size < ${['1', '1.50', '007', '1.5'][index % 4]}`,
    entities: (index) => `allow read on Doc to User::"u${index}" if resource.owner == User::"v${index}"`,
    'lines that are broken': (index) =>
      `allow read on Doc if resource.kind == "${'x'.repeat(index * 6)}" && resource.size <= ${10 ** index} && subject.level > ${index}`,
    'several lines': (index) =>
      `allow read on Doc\n  if resource.kind == "${'y'.repeat(index)}"\n  unless subject.level < ${index} || resource.size > 5`,
    'a member that is a method of another type': (index) =>
      `allow read on ${['Doc', 'Note', 'Page'][index % 3]} if resource.tags.contains("t${index}") && resource.size > 1`,
    'literals that are no constants of the rule': (index) =>
      `allow read on Doc if resource.kind like "k${index}*" && resource.kind in ["a", "b${index}"] && resource.size < 3`,
    'conditions without literals': () => 'allow read on Doc if resource.owner == subject',
    'no conditions': () => 'allow * on * to anyone',
    'a type among its own members': (index) =>
      `allow read on ${index % 2 ? 'Leaf' : 'Doc'} if resource.kind == "k${index}"`,
    'types by name': (index) =>
      `allow read on ${index % 2 ? 'Doc' : 'Page'} if resource is Doc && resource.size < ${index}`,
    duties: (index) => `allow read on Doc if resource.size < ${index} obligate mark(text: "m${index}")`,
    'tests of the action': (index) => `allow * on Doc if action == read && resource.size < ${index}`,
    'names of more than one type': (index) => `allow read on Doc, Page if resource.size < ${index}`,
    'denies without a condition': (index) => `${index === 5 ? 'deny' : 'allow'} read on Doc`,
  }
  for (const [name, toRule] of Object.entries(ALIKE)) {
    it(`mean the same: ${name}`, () => {
      loadAlike(rules(9, toRule))
    })
  }

  const WRONG: Readonly<Record<string, readonly [string, (index: number) => string]>> = {
    'an action of another type': [
      'unknown-action',
      (index) => `allow write on ${index === 6 ? 'Note' : 'Doc'}`,
    ],
    'an unknown type': ['unknown-type', (index) => `allow read on ${index === 6 ? 'Dok' : 'Doc'}`],
    'a literal outside a union': [
      'literal-outside-union',
      (index) => `allow read on ${index === 6 ? 'Note' : 'Doc'} if resource.kind == "k${index}"`,
    ],
    'a number that is too large': [
      'bad-literal',
      (index) => `allow read on Doc if resource.size < ${index === 6 ? '9007199254740993' : index}`,
    ],
    'a type with other members': [
      'unknown-attribute',
      (index) => `allow read on ${index === 6 ? 'Leaf' : 'Doc'} if resource.size < ${index}`,
    ],
    'a mismatch in all': ['type-mismatch', (index) => `allow read on Doc if resource.size < "${index}"`],
    'an unknown role': ['unknown-role', (index) => `allow read on Doc to nobody if resource.size < ${index}`],
    'a name that is taken': [
      'reserved-name',
      (index) => `allow read on Doc\nrule ${index === 6 ? '"default"' : `s${index}`}: allow read on Doc`,
    ],
    'a deny that parents or roles decide': [
      'shadowed-rule',
      (index) => `${index === 6 ? 'deny' : 'allow'} read on Doc to anyone`,
    ],
  }
  for (const [name, [code, toRule]] of Object.entries(WRONG)) {
    it(`are blamed each at its place: ${name}`, () => {
      expect(loadAlike(rules(9, toRule)).codes).toContain(code)
    })
  }

  const ANY = [...Object.values(ALIKE), ...Object.values(WRONG).map(([, toRule]) => toRule)]
  const anyRules = fc.array(fc.tuple(fc.nat(ANY.length - 1), fc.nat(9)), { minLength: 10, maxLength: 40 })
  test.prop([anyRules], { numRuns: 40 })('mean the same, whatever stands between them', (drawn) => {
    const toRule = (place: number): string => {
      const [kind, index] = drawn[place] ?? [0, 0]
      return ANY[kind]?.(index) ?? ''
    }
    loadAlike(rules(drawn.length, toRule))
  })

  it('are blamed for a name that two of them have', () => {
    const text = `${TYPES}${'rule same: allow read on Doc if resource.size < 4\n'.repeat(4)}`
    expect(loadAlike(text).codes.filter((code) => code === 'duplicate-declaration')).toHaveLength(3)
  })

  it('end where the next declaration starts, and not at the end of a line', () => {
    const text = `${rules(5, (index) => `allow read on Doc if resource.size < ${index}`)}&& resource.size > 9\n`
    expect(loadAlike(`${text}unless subject.level == 3\n`).repeated).toBe(1)
    expect(loadAlike(`${text}nonsense`).repeated).toBe(0)
  })

  it('keep their docs, whatever comments stand between them', () => {
    const text = rules(
      6,
      (index) => `allow read on Doc if resource.size < ${index}\n\n// note\n/// doc ${index}`,
    )
    expect(loadAlike(`${text}rule last: allow read on Doc if resource.size < 9`).repeated).toBe(4)
  })

  it('are told apart by values that stand beside others', () => {
    const head = `${TYPES}\nlet RED = "red"\nfn near(x: Number) = x < 9 && 2 > 1\n`
    const text = rules(
      8,
      (index) =>
        `allow read on Doc if near(resource.size) && resource.kind == RED && subject.level == ${index}`,
    )
    loadAlike(text.replace(TYPES, head))
  })
})
