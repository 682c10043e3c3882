import { type Answer, loadProgram, serializeProgram } from '@edict/policy-lang'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PolicyCase, type PolicyQuestion, policyCases } from './arbitraries/policy-case.ts'
import { askEngine, askNaively, explainEngine, type LoadedCase, loadCase, toFullDecision } from './compare.ts'
import { keepFootprintOfData, keepFootprintOfRequest } from './narrow-question.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(25)

interface Asked {
  readonly loaded: LoadedCase
  readonly policyCase: PolicyCase
  readonly question: PolicyQuestion
}

function checkEveryAnswer(check: (asked: Asked) => void): void {
  fc.assert(
    fc.property(policyCases, (policyCase) => {
      const loaded = loadCase(policyCase)
      for (const question of policyCase.questions) check({ loaded, policyCase, question })
    }),
    options,
  )
}

/** What an enforcement point acts on. */
const toActedOn = ({
  decision,
  obligations,
  advice,
}: Pick<Answer, 'decision' | 'obligations' | 'advice'>) => ({
  decision,
  obligations,
  advice,
})

const YEAR_MS = 366 * 86_400_000

/** The last moment, or one far off, at which the answer still holds. */
function lastMoment(answer: Answer, now: number): number | undefined {
  if (answer.cacheable === false) return undefined
  const { until } = answer.cacheable
  return until === null ? now + YEAR_MS : Date.parse(until) - 1
}

describe('an answer', { timeout: options.numRuns * 3_000 }, () => {
  it('in brief is a part of the full one', () => {
    checkEveryAnswer(({ loaded, question }) => {
      const brief = askEngine(loaded, question, { detail: 'brief' })
      const full = askEngine(loaded, question, { detail: 'full' })
      expect(toActedOn(brief)).toEqual(toActedOn(full))
      expect(full.reasons).toEqual(expect.arrayContaining([...brief.reasons]))
      expect(brief.reasons).toHaveLength(1)
      expect(toFullDecision(full).errors).toEqual(expect.arrayContaining([...toFullDecision(brief).errors]))
    })
  })

  it('is the same out of a stored Program', () => {
    checkEveryAnswer(({ loaded, question }) => {
      const stored = { ...loaded, policySet: loadProgram(serializeProgram(loaded.policySet.program)) }
      const answer = askEngine(loaded, question, { detail: 'full', footprint: true })
      expect(askEngine(stored, question, { detail: 'full', footprint: true })).toEqual(answer)
    })
  })

  it('is the same with its explanation', () => {
    checkEveryAnswer(({ loaded, question }) => {
      const answer = askEngine(loaded, question, { detail: 'full', footprint: true })
      const { nearestMisses: _, roles: __, trace: ___, ...explained } = explainEngine(loaded, question)
      expect(explained).toEqual(answer)
    })
  })

  it('holds as long as `cacheable` says', () => {
    checkEveryAnswer(({ loaded, policyCase, question }) => {
      if (question.now === undefined) return
      for (const detail of ['brief', 'full'] as const) {
        const answer = askEngine(loaded, question, { detail })
        const later = lastMoment(answer, question.now)
        if (later === undefined) continue
        expect(later).toBeGreaterThanOrEqual(question.now)
        const then = askNaively(loaded, policyCase, { ...question, now: later })
        if (detail === 'full') expect(then).toEqual(toFullDecision(answer))
        else expect(toActedOn(then)).toEqual(toActedOn(answer))
      }
    })
  })

  it('rests on its footprint alone', () => {
    checkEveryAnswer(({ loaded, policyCase, question }) => {
      for (const detail of ['brief', 'full'] as const) {
        const answer = askEngine(loaded, question, { detail, footprint: true })
        const { footprint } = answer
        if (footprint === undefined) throw new Error('no footprint')
        const data = keepFootprintOfData(policyCase.data, footprint)
        const narrowed = askNaively(
          loaded,
          { ...policyCase, data },
          keepFootprintOfRequest(question, footprint),
        )
        if (detail === 'full') expect(narrowed).toEqual(toFullDecision(answer))
        else expect(toActedOn(narrowed)).toEqual(toActedOn(answer))
      }
    })
  })
})
