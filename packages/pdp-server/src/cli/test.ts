import { findRule, type Location, loadPolicySet, type PolicySet, ruleAt } from '@edict/policy-lang'
import { runTests, type TestFailure, type TestReport } from '@edict/policy-lang/testing'
import { type CliIo, count, createPaint, EXIT, type ExitCode, say, visible } from './io.ts'
import { type PolicySetPath, readPolicySets } from './policy-paths.ts'
import { countErrors, printDiagnostics } from './print-findings.ts'

export interface TestOptions {
  readonly json?: boolean
  readonly verbose?: boolean
}

interface Tested {
  readonly set: PolicySetPath
  readonly policySet: PolicySet
  readonly report: TestReport
}

/** `edict test`: 0 where all tests pass, 1 where one fails, 2 where a policy set does not load. */
export function runTestCommand(paths: readonly string[], options: TestOptions, io: CliIo): ExitCode {
  const tested: Tested[] = []
  for (const set of readPolicySets(paths, io)) {
    const { policySet, diagnostics } = loadPolicySet(set.sources)
    if (policySet === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      printDiagnostics(errors, set.sources, io.stderr, io)
      say(io.stderr, `${set.shownAs} does not load: ${count(countErrors(errors), 'error')}`)
      return EXIT.error
    }
    tested.push({ set, policySet, report: runTests(policySet) })
  }
  if (options.json === true) {
    const sets = tested.map(({ set, report }) => ({ path: set.shownAs, ...report }))
    say(io.stdout, JSON.stringify({ sets }, undefined, 2))
  } else for (const one of tested) printTested(one, options, io)
  return tested.every(({ report }) => report.failed === 0) ? EXIT.ok : EXIT.no
}

function printTested({ set, policySet, report }: Tested, options: TestOptions, io: CliIo): void {
  const paint = createPaint(io.stdout, io.env)
  for (const { name, at, passed, failures } of report.tests) {
    if (passed && options.verbose === true) say(io.stdout, `${paint('green', 'ok')}    ${visible(name)}`)
    if (passed) continue
    say(io.stdout, `${paint('red', 'FAIL')}  ${paint('bold', visible(name))}  ${place(at)}`)
    for (const failure of failures) printFailure(failure, policySet, io)
  }
  const failed = report.failed > 0 ? paint('red', `${report.failed} failed`) : '0 failed'
  say(io.stdout, `${set.shownAs}: ${report.passed} passed, ${failed}`)
}

function printFailure({ at, message, got }: TestFailure, { program }: PolicySet, io: CliIo): void {
  say(io.stdout, `  ${place(at)}`)
  say(io.stdout, `    ${visible(message)}`)
  for (const id of got?.by ?? []) {
    const index = findRule(program, id)
    if (index === undefined) continue
    const [source, line, column] = ruleAt(program, index).at
    say(io.stdout, `    ${visible(id)} is at ${place({ file: program.sources[source] ?? '', line, column })}`)
  }
}

function place({ file, line, column }: Location): string {
  return visible(`${file}:${line}:${column}`)
}
