// `npm run test:long`: what takes too long for every change. More cases for the laws, a million inputs for the fuzzer,
// and the packages that promise Node 22 on Node 22. An hour or two; `npm run test:long -- --runs 200 --inputs 20000
// --seed 7` takes minutes.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5000' },
    inputs: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const { runs, inputs, kills, seconds, seed } = values
const vitest = join('node_modules', 'vitest', 'vitest.mjs')

interface Step {
  readonly name: string
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const steps: readonly Step[] = [
  {
    name: `properties, ${runs} cases, seed ${seed}`,
    command: ['node', vitest, 'run', '--testTimeout=3600000', 'test/properties', 'properties.test.ts'],
    environment: { EDICT_RUNS: runs, EDICT_SEED: seed, FC_NUM_RUNS: runs },
  },
  {
    name: `fuzzing, ${inputs} inputs, seed ${seed}`,
    command: ['node', 'test/fuzz/run.ts', '--inputs', inputs, '--seed', seed],
  },
  {
    name: `an entity store, killed ${kills} times while it is written`,
    command: ['node', 'test/faults/kill-while-writing.ts', '--kills', kills],
  },
  {
    name: `processes killed ${Math.ceil(Number(kills) / 5)} times while they decide, revoke, and change keys`,
    command: ['node', vitest, 'run', 'test/faults/kills.test.ts'],
    environment: { EDICT_KILLS: String(Math.ceil(Number(kills) / 5)) },
  },
  {
    name: `full load for ${seconds} seconds, 2,000 connections, a stop in full load`,
    command: ['node', 'test/load/soak.ts', '--seconds', seconds],
  },
  {
    name: 'reloads under load, five minutes',
    command: ['node', vitest, 'run', 'packages/pdp-server/src/sources/reload-under-load.test.ts'],
    environment: { EDICT_RELOAD_SECONDS: '300' },
  },
  {
    // Not a dependency: a second Node would double what everyone installs before their first start.
    name: 'policy-lang and pdp-client on Node 22',
    command: ['npx', '--yes', 'node@22', vitest, 'run', 'packages/policy-lang', 'packages/pdp-client'],
  },
]

function run({ name, command, environment }: Step): boolean {
  console.log(`\n── ${name}`)
  const [program = '', ...args] = command
  const { status } = spawnSync(program, args, {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'inherit',
    env: { ...process.env, ...environment },
    // Windows needs a shell to find `npx.cmd`; what comes from outside are numbers.
    shell: process.platform === 'win32',
  })
  return status === 0
}

const outcomes = steps.map((step) => ({ name: step.name, ok: run(step) }))
console.log('\n── summary')
for (const { name, ok } of outcomes) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
const failed = outcomes.filter(({ ok }) => !ok).length
console.log(`\n${outcomes.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
