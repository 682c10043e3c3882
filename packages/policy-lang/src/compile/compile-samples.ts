import { type RulePattern, SAMPLE_FILE } from '../ast/repeated-rule.ts'
import type { CheckedSample, Repetition } from '../check/checked.ts'
import { IN_SAMPLE, type RepeatedProgramRule, type RuleSample } from '../program/repeated-rules.ts'
import { compileRule } from './compile-rules.ts'
import type { LoweringUnit } from './lowering-context.ts'

/** Compiles one sample for all rules that it stands for, which come to what stands in their holes. */
export function createSampleCompiler(unit: LoweringUnit): (repetition: Repetition) => RepeatedProgramRule {
  const sampleUnit: LoweringUnit = {
    ...unit,
    placeOf: (span) => (span.file === SAMPLE_FILE ? [IN_SAMPLE, 0, span.start] : unit.placeOf(span)),
  }
  const samples = new Map<CheckedSample, RuleSample>()
  return ({ rule: { pattern, values, doc, span }, sample: checked }) => {
    const sample = samples.get(checked) ?? compileSample(checked, pattern, sampleUnit)
    samples.set(checked, sample)
    return { sample, id: values[0] ?? '', at: unit.placeOf(span), values, ...(doc !== undefined && { doc }) }
  }
}

function compileSample(checked: CheckedSample, { text, holes }: RulePattern, unit: LoweringUnit): RuleSample {
  return {
    rule: compileRule(checked, unit),
    text,
    standIns: holes.map(({ standIn }) => standIn),
    starts: holes.map(({ start }) => start),
  }
}
