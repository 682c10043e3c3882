import { PolicyLangError } from '@edict/policy-lang'
import { createPdp } from '../decide/pdp.ts'
import { type CliIo, EXIT, type ExitCode, say } from './io.ts'
import { type ChosenFolders, loadChosenState } from './load-chosen-state.ts'
import { printAnswer } from './print-answer.ts'
import { type QuestionOptions, readInstant, readQuestion } from './read-question.ts'

export interface DecideCommandOptions extends QuestionOptions, ChosenFolders {
  readonly explain?: boolean
  readonly json?: boolean
}

/** `edict decide`: 0 for allow, 1 for deny, 2 where there is no decision. */
export async function runDecide(options: DecideCommandOptions, io: CliIo): Promise<ExitCode> {
  const { explain = false, json = false } = options
  const now = options.now === undefined ? undefined : readInstant(options.now)
  const request = await readQuestion(options, io)
  const state = loadChosenState(options, io)
  if (state === undefined) return EXIT.error
  const decider = createPdp({ state, ...(now !== undefined && { now: () => now }) }).begin()
  try {
    if (json) {
      const answer = explain ? decider.explain(request, { trace: true }) : decider.decide(request)
      say(io.stdout, JSON.stringify(answer, undefined, 2))
      return toExitCode(answer.decision)
    }
    const answer = decider.explain(request, { trace: explain })
    printAnswer(answer, request, state.policySet, io, explain)
    return toExitCode(answer.decision)
  } catch (error) {
    if (!(error instanceof PolicyLangError)) throw error
    say(io.stderr, `error: ${error.message}`)
    return EXIT.error
  }
}

function toExitCode(decision: 'allow' | 'deny'): ExitCode {
  return decision === 'allow' ? EXIT.ok : EXIT.no
}
