// Asks the real service every case of the public AuthZEN scenarios over HTTP, and prints where its answers differ.
// The vectors are not part of this repository; entity data is made from them into a temporary directory.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadCertification } from './certification.ts'
import { loadGateway } from './gateway.ts'
import { loadJsonParsing } from './json-parsing.ts'
import { createAsk, type Scenario } from './scenario.ts'
import { loadSearch } from './search.ts'
import { startServer } from './server.ts'
import { loadSpecExamples } from './spec-examples.ts'
import { loadTodo } from './todo.ts'

const USAGE = `usage: node test/conformance/run.ts [--vectors DIR] [--scenario NAME]… [--write-data OUT | --url URL]

  --vectors DIR     where the AuthZEN vectors stand (default: ../shared/vectors beside this repository)
  --scenario NAME   todo, gateway, certification, search, json-parsing or spec-examples; may be given
                    several times (default: all)
  --write-data OUT  write policy and entity data of the scenarios to OUT/NAME, to be served by hand, and stop
  --url URL         ask a service that runs already, for the scenarios named`

const loaders: Readonly<Record<string, (vectors: string) => Scenario>> = {
  todo: loadTodo,
  gateway: loadGateway,
  certification: loadCertification,
  'json-parsing': loadJsonParsing,
  'spec-examples': loadSpecExamples,
  search: loadSearch,
}

interface Outcome {
  readonly passed: number
  readonly failed: number
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      vectors: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      'write-data': { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const vectors = resolve(values.vectors ?? join(import.meta.dirname, '../../../shared/vectors'))
  if (!existsSync(join(vectors, 'authzen-todo'))) {
    console.log(`no AuthZEN vectors in ${vectors}: nothing was asked`)
    return values.vectors === undefined ? 0 : 2
  }
  const names = values.scenario ?? Object.keys(loaders)
  if (values.url !== undefined && values.scenario === undefined) {
    throw new Error('--url needs --scenario: a service runs one policy set')
  }
  const scenarios = names.map((name) => loadScenario(name, vectors))
  const out = values['write-data']
  if (out !== undefined) {
    for (const scenario of scenarios) console.log(writeScenario(scenario, resolve(out)))
    return 0
  }
  const outcomes: Outcome[] = []
  for (const scenario of scenarios) {
    outcomes.push(
      values.url === undefined ? await runOnOwnServer(scenario) : await runScenario(scenario, values.url),
    )
  }
  const count = (kind: keyof Outcome): number => outcomes.reduce((sum, outcome) => sum + outcome[kind], 0)
  console.log(`\n${count('passed')} passed, ${count('failed')} failed`)
  return count('failed') === 0 ? 0 : 1
}

function loadScenario(name: string, vectors: string): Scenario {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined
  if (load === undefined)
    throw new Error(`no scenario \`${name}\`: there are ${Object.keys(loaders).join(', ')}`)
  return load(vectors)
}

/** A policy directory as the service wants it: our policy, and the data in `data/`. */
function writeScenario(scenario: Scenario, directory: string): string {
  const target = join(directory, scenario.name)
  mkdirSync(join(target, 'data'), { recursive: true })
  cpSync(join(import.meta.dirname, scenario.name), target, { recursive: true })
  for (const [file, data] of Object.entries(scenario.data)) {
    writeFileSync(join(target, 'data', file), `${JSON.stringify(data, undefined, 2)}\n`)
  }
  return target
}

async function runOnOwnServer(scenario: Scenario): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'edict-conformance-'))
  try {
    const server = await startServer(writeScenario(scenario, directory))
    try {
      return await runScenario(scenario, server.url)
    } finally {
      const code = await server.stop()
      if (code !== 0) console.log(`${scenario.name}: the service ended with exit code ${code}`)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function runScenario(scenario: Scenario, url: string): Promise<Outcome> {
  const ask = createAsk(url)
  // One clear word instead of a failure for each case.
  await ask('/', { method: 'GET' }).catch((error: unknown) => {
    throw new Error(`nothing answers at ${url}`, { cause: error })
  })
  const failures: string[] = []
  for (const { name, check } of scenario.cases) {
    const problems = await check(ask).catch((error: unknown) => [String(error)])
    if (problems.length > 0)
      failures.push(`${name}\n${problems.map((problem) => `    ${problem}`).join('\n')}`)
  }
  const passed = scenario.cases.length - failures.length
  console.log(`${scenario.name.padEnd(14)} ${passed} of ${scenario.cases.length}`)
  for (const what of scenario.leftOut) console.log(`  left out: ${what}`)
  for (const failure of failures) console.log(`  FAILED ${failure}`)
  return { passed, failed: failures.length }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
