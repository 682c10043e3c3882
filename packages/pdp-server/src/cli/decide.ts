import { resolve } from 'node:path'
import { PolicyLangError } from '@edict/policy-lang'
import { defaultData, loadConfig } from '../config.ts'
import { createPdp, type PdpState } from '../decide/pdp.ts'
import { loadState } from '../load-state.ts'
import { type CliIo, count, EXIT, type ExitCode, say } from './io.ts'
import { dataPrefix, show } from './policy-paths.ts'
import { printAnswer } from './print-answer.ts'
import { countErrors, printDataProblems, printDiagnostics } from './print-findings.ts'
import { type QuestionOptions, readInstant, readQuestion } from './read-question.ts'

export interface DecideCommandOptions extends QuestionOptions {
  readonly policies?: string
  readonly data?: string
  readonly explain?: boolean
  readonly json?: boolean
}

/** `edict decide`: 0 for allow, 1 for deny, 2 where there is no decision. */
export async function runDecide(options: DecideCommandOptions, io: CliIo): Promise<ExitCode> {
  const { explain = false, json = false } = options
  const now = options.now === undefined ? undefined : readInstant(options.now)
  const request = await readQuestion(options, io)
  const state = loadStateOrPrint(options, io)
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

function loadStateOrPrint(options: DecideCommandOptions, io: CliIo): PdpState | undefined {
  const { policies, data } = chooseFolders(options, io)
  const loaded = loadState({
    policies,
    data,
    namePrefix: dataPrefix(policies, io),
    ...(data !== undefined && { dataNamePrefix: dataPrefix(data, io) }),
  })
  if (loaded.state !== undefined) return loaded.state
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  printDiagnostics(errors, loaded.sources, io.stderr, io)
  printDataProblems(loaded.dataProblems, 'error', io.stderr, io)
  const total = countErrors(errors) + loaded.dataProblems.length
  say(io.stderr, `${show(policies, io)} does not load: ${count(total, 'error')}`)
  return undefined
}

/** Data of the configuration belongs to its policies, not to others. */
function chooseFolders(
  options: DecideCommandOptions,
  io: CliIo,
): { readonly policies: string; readonly data: string | undefined } {
  const given = options.data === undefined ? undefined : resolve(io.cwd, options.data)
  if (options.policies !== undefined) {
    const policies = resolve(io.cwd, options.policies)
    return { policies, data: given ?? defaultData(policies) }
  }
  const config = loadConfig({ flags: {}, env: io.env, cwd: io.cwd })
  return { policies: config.policies, data: given ?? config.data }
}
