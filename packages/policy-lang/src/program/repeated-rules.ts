// Rules that are written alike, told from one that was compiled: nothing but their constants and places is looked at.
import { isNumeric } from './constants.ts'
import type { Place, ProgramRule } from './program.ts'
import { addConstant, addLayout, addNumber, addString, type Pools } from './rule-pools.ts'
import type { ShapeKey } from './shape-key.ts'

/** A rule as a sample and what stands in its holes. */
export interface RepeatedProgramRule {
  readonly sample: RuleSample
  readonly id: string
  readonly at: Place
  readonly doc?: string
  /** One a hole: names, texts, numbers as they are written. */
  readonly values: readonly string[]
}

export interface RuleSample {
  /** Compiled with stand-ins in its holes. Its places in the text of the sample are `[IN_SAMPLE, 0, offset]`. */
  readonly rule: ProgramRule
  /** The text of the sample. */
  readonly text: string
  /** One a hole, each unlike everything else in the text. */
  readonly standIns: readonly string[]
  /** One a hole: offset in the text. */
  readonly starts: readonly number[]
}

/** The source of places that are offsets in the text of a sample. */
export const IN_SAMPLE = -1

/** What the table holds of a rule that it has taken apart. */
export interface TakenRule {
  readonly found: ShapeKey
  readonly texts: readonly string[]
  readonly wording: number
}

/** What rules of a sample add to the table. */
export interface SampleRow {
  readonly wording: number
  readonly addConstants: (rule: RepeatedProgramRule, constants: number[]) => void
  readonly layoutOf: (rule: RepeatedProgramRule) => number
}

export function createSampleRow(sample: RuleSample, taken: TakenRule, pools: Pools): SampleRow {
  const adders = taken.found.constants.map((one) => constantAdder(one, sample, pools))
  for (const text of taken.texts) adders.push(textAdder(text, sample, pools))
  return {
    wording: taken.wording,
    addConstants: ({ values }, constants) => {
      for (let index = 0; index < adders.length; index++) constants.push(adders[index]?.(values) ?? 0)
    },
    layoutOf: createLayoutFinder(sample, taken.found.places, pools),
  }
}

type Adder = (values: readonly string[]) => number

/** A constant is what stands in one hole, or the same in all rules of the sample. */
function constantAdder(constant: ShapeKey['constants'][number], sample: RuleSample, pools: Pools): Adder {
  const hole = sample.standIns.indexOf(String(constant.raw))
  if (hole < 0) {
    let index: number | undefined
    return () => {
      index ??= addConstant(constant, pools)
      return index
    }
  }
  return isNumeric(constant.kind)
    ? (values) => addNumber(Number(values[hole]), pools)
    : (values) => addString(values[hole] ?? '', pools)
}

/** A text that no template tells, with stand-ins in it. */
function textAdder(text: string, { standIns }: RuleSample, pools: Pools): Adder {
  return (values) => {
    let filled = text
    standIns.forEach((standIn, hole) => {
      filled = filled.split(standIn).join(values[hole] ?? '')
    })
    return addString(filled, pools)
  }
}

/** Rules whose holes hold texts of the same lengths stand alike in all places that their own text holds. */
function createLayoutFinder(
  sample: RuleSample,
  places: readonly Place[],
  pools: Pools,
): (rule: RepeatedProgramRule) => number {
  const isOwn = places.every(([source]) => source === IN_SAMPLE)
  const move = places.map((place) => createMove(place, sample))
  const known = new Map<string | number, number>()
  return ({ values, at }) => {
    const lengths = lengthsKey(values)
    const found = isOwn ? known.get(lengths) : undefined
    if (found !== undefined) return found
    const moved = move.map((toPlace) => toPlace(values, at))
    const layout = addLayout(moved, at, pools)
    known.set(lengths, layout)
    return layout
  }
}

/** The same for texts of the same lengths: a number where they are few and short, as nearly everywhere. */
function lengthsKey(values: readonly string[]): string | number {
  let key = 0
  for (let index = 0; index < values.length; index++) {
    const length = values[index]?.length ?? 0
    if (length >= 64 || index === 5) return values.map((value) => value.length).join()
    key = key * 64 + length
  }
  return key
}

/** From a place in a sample to that in a rule: holes before it on its line may be longer or shorter. */
function createMove(
  place: Place,
  { text, standIns, starts }: RuleSample,
): (values: readonly string[], at: Place) => Place {
  const [source, , offset] = place
  if (source !== IN_SAMPLE) return () => place
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const below = text.slice(0, lineStart).split('\n').length - 1
  const before = starts.flatMap((start, hole) => (start >= lineStart && start < offset ? [hole] : []))
  return (values, [ruleSource, line, column]) => {
    let behind = offset - lineStart
    for (const hole of before) behind += (values[hole]?.length ?? 0) - (standIns[hole]?.length ?? 0)
    return [ruleSource, line + below, below === 0 ? column + behind : 1 + behind]
  }
}
