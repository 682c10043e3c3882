// `npm test`: every check of the project, one after the other, with a summary. Continuous integration runs this and nothing else.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Step {
  readonly name: string
  readonly commands: readonly (readonly string[])[]
  /** Show what the commands print only where one fails. */
  readonly isQuiet?: boolean
}

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'edict-verify-'))
const report = join(scratch, 'vitest.json')
const packages = ['policy-lang', 'pdp-client', 'pdp-server']
const policySets = readdirSync(join(root, 'policies'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join('policies', entry.name))
const edict = ['node', 'packages/pdp-server/src/main.ts']
const pnpm = ['npx', '--yes', 'pnpm@12.21.0']

const steps: readonly Step[] = [
  { name: 'format and lint', commands: [['biome', 'ci', '.']] },
  {
    name: 'types',
    commands: [...packages.map((name) => `packages/${name}`), 'test'].map((path) => ['tsc', '-p', path]),
  },
  { name: 'unused code and dependencies', commands: [['knip']] },
  {
    name: 'unit, property, conformance and end-to-end tests',
    commands: [['vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]],
  },
  {
    name: 'policy sets: diagnostics, format, tests',
    commands: [
      [...edict, 'check', ...policySets],
      [...edict, 'fmt', '--check', 'policies', 'test/conformance', 'test/cases'],
      [...edict, 'test', ...policySets],
    ],
  },
  { name: 'conformance over HTTP', commands: [['node', 'test/conformance/run.ts']] },
  { name: 'cases', commands: [['node', 'test/cases/run.ts']] },
  {
    name: 'published packages',
    isQuiet: true,
    commands: packages.flatMap((name) => [
      ['tsc', '-p', `packages/${name}/tsconfig.build.json`],
      [...pnpm, '--dir', `packages/${name}`, 'pack', '--out', join(scratch, `${name}.tgz`)],
      ['publint', 'run', join(scratch, `${name}.tgz`), '--strict'],
    ]),
  },
]

function run(command: readonly string[], isQuiet: boolean): boolean {
  const [program = '', ...args] = command
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: isQuiet ? 'pipe' : 'inherit',
    // Windows needs a shell to find `tsc.cmd`; no argument here comes from outside.
    shell: process.platform === 'win32',
  })
  if (isQuiet && result.status !== 0) process.stdout.write(`${result.stdout}${result.stderr}`)
  return result.status === 0
}

function countTests(): { passed: number; failed: number; skipped: number } {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }
  const json = JSON.parse(readFileSync(report, 'utf8'))
  return { passed: json.numPassedTests, failed: json.numFailedTests, skipped: json.numPendingTests }
}

const outcomes = steps.map((step) => {
  console.log(`\n── ${step.name}`)
  const startedAt = performance.now()
  const ok = step.commands.every((command) => run(command, step.isQuiet ?? false))
  return { name: step.name, ok, seconds: (performance.now() - startedAt) / 1000 }
})

console.log('\n── summary')
for (const { name, ok, seconds } of outcomes) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s  ${name}`)
}
const tests = countTests()
const passedSteps = outcomes.filter((outcome) => outcome.ok).length
const failedSteps = outcomes.length - passedSteps
rmSync(scratch, { recursive: true, force: true })
// A failing test file already counts in the tests; its step counts too, so that a crash without a report shows.
console.log(
  `\n${tests.passed + passedSteps} passed, ${tests.failed + failedSteps} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`,
)
process.exitCode = failedSteps === 0 && tests.failed === 0 ? 0 : 1
