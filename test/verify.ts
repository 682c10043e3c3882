// `npm test`: every check of the project, with a summary. Continuous integration runs this and nothing else. The tests
// take longest, and leave a core idle at times: the other checks run beside them, one after the other.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Step {
  readonly name: string
  readonly commands: readonly (readonly string[])[]
  /** Show what the commands print only where one fails. */
  readonly isQuiet?: boolean
}

interface Outcome {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
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

const tests: Step = {
  name: 'unit, property, conformance and end-to-end tests',
  commands: [['vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]],
}

const otherSteps: readonly Step[] = [
  { name: 'format and lint', commands: [['biome', 'ci', '.']] },
  {
    name: 'types',
    commands: [...packages.map((name) => `packages/${name}`), 'test'].map((path) => ['tsc', '-p', path]),
  },
  { name: 'unused code and dependencies', commands: [['knip']] },
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

/** What one command prints is shown once it ends, so that nothing is mixed. */
async function run(command: readonly string[], print: (output: string) => void): Promise<boolean> {
  const [program = '', ...args] = command
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Programs that are started many times are compiled once.
    env: { ...process.env, NODE_COMPILE_CACHE: join(scratch, 'compiled') },
    // Windows needs a shell to find `tsc.cmd`; no argument here comes from outside.
    shell: process.platform === 'win32',
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.on('error', (error) => {
    print(`${program}: ${error.message}\n`)
    resolve(false)
  })
  child.on('close', (code) => {
    print(Buffer.concat(chunks).toString())
    resolve(code === 0)
  })
  return promise
}

async function runStep({ name, commands, isQuiet = false }: Step): Promise<Outcome> {
  const startedAt = performance.now()
  const printed: string[] = []
  let ok = true
  for (const command of commands) {
    ok = await run(command, (output) => printed.push(output))
    if (!ok) break
  }
  process.stdout.write(`\n── ${name}\n${isQuiet && ok ? '' : printed.join('')}`)
  return { name, ok, seconds: (performance.now() - startedAt) / 1000 }
}

async function runInTurn(steps: readonly Step[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const step of steps) outcomes.push(await runStep(step))
  return outcomes
}

function countTests(): { passed: number; failed: number; skipped: number } {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }
  const json = JSON.parse(readFileSync(report, 'utf8'))
  return { passed: json.numPassedTests, failed: json.numFailedTests, skipped: json.numPendingTests }
}

console.log('This takes two to three minutes; what a check prints is shown once it ends.')
const [tested, checked] = await Promise.all([runStep(tests), runInTurn(otherSteps)])
const outcomes = [tested, ...checked]

console.log('\n── summary')
for (const { name, ok, seconds } of outcomes) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s  ${name}`)
}
const counted = countTests()
const passedSteps = outcomes.filter((outcome) => outcome.ok).length
const failedSteps = outcomes.length - passedSteps
rmSync(scratch, { recursive: true, force: true })
// A failing test file already counts in the tests; its step counts too, so that a crash without a report shows.
console.log(
  `\n${counted.passed + passedSteps} passed, ${counted.failed + failedSteps} failed${counted.skipped > 0 ? `, ${counted.skipped} skipped` : ''}`,
)
process.exitCode = failedSteps === 0 && counted.failed === 0 ? 0 : 1
