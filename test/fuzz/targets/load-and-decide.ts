// A policy set with one changed file through everything: it loads or says where it does not; its tests run, and it
// answers, with and without its stored form alike.
import {
  loadPolicySet,
  loadProgram,
  type PolicySet,
  renderDiagnostic,
  type SourceFile,
  serializeProgram,
} from '@edict/policy-lang'
import { runTests } from '@edict/policy-lang/testing'
import { shrinkText } from '../mutate-text.ts'
import { mutatePolicy, type PolicyCorpus } from '../policy-mutations.ts'
import { makeQuestion, NO_IDS } from '../questions.ts'
import { Random } from '../random.ts'
import { defineTarget, type Target, type Verdict } from '../target.ts'
import { findMisplaced } from './parse-and-format.ts'

interface LoadInput {
  readonly changed: SourceFile
  readonly others: readonly SourceFile[]
  readonly questionSeed: number
}

/** Whole sets take fifty times as long as small policies, and show little more. */
const SETS_ONE_IN = 40

export function createLoadTarget(corpus: PolicyCorpus): Target {
  return defineTarget<LoadInput>({
    name: 'load-and-decide',
    make: (random) => {
      const sources = random.oneIn(SETS_ONE_IN) ? random.pick(corpus.sets) : [random.pick(corpus.small)]
      const source = random.pick(sources)
      return {
        changed: { ...source, text: mutatePolicy(source.text, random, corpus) },
        others: sources.filter((other) => other !== source),
        questionSeed: random.below(2 ** 30),
      }
    },
    check: checkLoading,
    *shrink(input) {
      for (const other of input.others)
        yield { ...input, others: input.others.filter((one) => one !== other) }
      for (const text of shrinkText(input.changed.text))
        yield { ...input, changed: { ...input.changed, text } }
    },
    length: (input) => sourcesOf(input).reduce((sum, { text }) => sum + text.length, 0),
    print: (input) =>
      sourcesOf(input)
        .map(({ name, text }) => `// ${name}\n${text}`)
        .join('\n'),
  })
}

function sourcesOf({ changed, others }: LoadInput): readonly SourceFile[] {
  return [changed, ...others]
}

function checkLoading(input: LoadInput): Verdict {
  const sources = sourcesOf(input)
  const { policySet, diagnostics } = loadPolicySet(sources)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0 !== (policySet === undefined))
    return 'a policy set in spite of an error, or none without'
  const misplaced = findMisplaced(diagnostics, input.changed.text, input.changed.name)
  if (misplaced !== undefined) return misplaced
  for (const diagnostic of diagnostics.slice(0, 3)) renderDiagnostic(diagnostic, sources)
  return policySet === undefined ? undefined : checkAnswers(policySet, input.questionSeed)
}

function checkAnswers(policySet: PolicySet, seed: number): Verdict {
  runTests(policySet)
  const stored = loadProgram(serializeProgram(policySet.program))
  const random = new Random(seed, 0)
  for (let count = 0; count < 3; count++) {
    const question = makeQuestion(policySet.program, random, NO_IDS)
    const options = { now: () => Date.UTC(2026, 4, 4), detail: 'full' } as const
    const answer = JSON.stringify(policySet.decide(question, options))
    if (JSON.stringify(stored.decide(question, options)) !== answer) {
      return `the stored form answers otherwise to ${JSON.stringify(question)}`
    }
    const { decision } = policySet.explain(question, { ...options, trace: true })
    if (!answer.startsWith(`{"decision":"${decision}"`))
      return `explained otherwise: ${JSON.stringify(question)}`
  }
  return undefined
}
