// Requests a second over HTTP: Edict beside a bare `node:http` server and beside Cerbos, one process each, taking
// turns under the same generator. Ratios are taken within a turn, so that a machine that slows down slows all.
import { AUTHZEN_BATCH, AUTHZEN_SINGLE, CERBOS, type Dialect, EDICT } from './dialects.ts'
import { type Generator, startGenerator } from './load.ts'
import { type MeasuredServer, startCerbos, startEdict, startFloor, startLoggingEdict } from './servers.ts'
import { type Exchange, isAllowed, makeExchanges } from './workload.ts'

export interface HttpBenchOptions {
  /** Turns of each server. Default 5. */
  readonly samples?: number
  /** Of each turn. Default 3. */
  readonly seconds?: number
  /** Kept alive. Default 64. */
  readonly connections?: number
  /** Further flags of `edict serve`. Default: none. */
  readonly edictFlags?: readonly string[]
  /** Whether Cerbos is measured beside. Default true. */
  readonly peers?: boolean
  /** Default: nowhere. */
  readonly say?: (line: string) => void
}

export interface HttpResult {
  readonly workload: string
  readonly engine: string
  readonly metric: 'httpSingle' | 'httpBatch'
  readonly unit: 'requests/s'
  /** The median of all turns. */
  readonly value: number
  /**
   * The median ratio to the bare server in the same turn; AuthZEN's bodies are shorter, and have one of their own. What
   * Edict does besides is compared with Edict without it.
   */
  readonly floorRatio: number
}

const WORKLOADS = [
  { metric: 'httpSingle', exchanges: makeExchanges(40, 1) },
  { metric: 'httpBatch', exchanges: makeExchanges(20, 20) },
] as const

type Workload = (typeof WORKLOADS)[number]

/** One server asked in one way. */
interface Contestant {
  readonly engine: string
  readonly url: string
  readonly path: string
  readonly bodies: readonly string[]
  /** The bare server that it is compared with. */
  readonly floor: string
}

/** Room for all answers there are. */
const CACHE_FLAGS = ['--decision-cache-bytes', String(64 * 1024 * 1024)]

/** Edict with what it can do besides. */
interface Variants {
  readonly logging: MeasuredServer
  readonly caching: MeasuredServer
  /** As many processes as there are cores here at least: peers of other languages use them all. */
  readonly workers: MeasuredServer
}

const FLOOR = 'node:http'
const AUTHZEN_FLOOR = 'node:http AuthZEN'

/** Measures single questions and batches of 20. Throws where any answer is wrong. */
export async function runHttpBench(options: HttpBenchOptions = {}): Promise<HttpResult[]> {
  const { edictFlags = [], peers = true } = options
  const running: MeasuredServer[] = []
  const generator = startGenerator()
  const keep = (server: MeasuredServer): MeasuredServer => {
    running.push(server)
    return server
  }
  try {
    const edict = keep(await startEdict(edictFlags))
    const variants = {
      logging: keep(await startLoggingEdict(edictFlags)),
      caching: keep(await startEdict([...CACHE_FLAGS, ...edictFlags])),
      workers: keep(await startEdict(['--workers', '2', ...edictFlags])),
    }
    const cerbos = peers ? keep(await startCerbos()) : undefined
    const floor = keep(await startFloor(await sampleAnswers(edict)))
    const results: HttpResult[] = []
    for (const workload of WORKLOADS) {
      const contestants = await admit(workload, floor, edict, variants, cerbos)
      results.push(...(await compete(workload, contestants, generator, options)))
    }
    return results
  } finally {
    generator.stop()
    await Promise.all(running.map((server) => server.stop()))
  }
}

/** For each way of asking Edict, an answer of middle length: what the bare server gives back. */
async function sampleAnswers({ url }: MeasuredServer): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const { metric, exchanges } of WORKLOADS) {
    for (const dialect of [EDICT, authzenOf(metric)]) {
      const texts = await Promise.all(exchanges.map((exchange) => ask(url, dialect, exchange)))
      answers[floorPath(metric, dialect)] = middle(texts, (text) => text.length)
    }
  }
  return answers
}

function authzenOf(metric: Workload['metric']): Dialect {
  return metric === 'httpSingle' ? AUTHZEN_SINGLE : AUTHZEN_BATCH
}

function floorPath(metric: Workload['metric'], { path }: Dialect): string {
  return `/${metric}${path}`
}

/** Those who take part, once each has answered every question rightly. */
async function admit(
  { metric, exchanges }: Workload,
  floor: MeasuredServer,
  edict: MeasuredServer,
  { logging, caching, workers }: Variants,
  cerbos: MeasuredServer | undefined,
): Promise<readonly Contestant[]> {
  const authzen = authzenOf(metric)
  const entries: [engine: string, server: MeasuredServer, dialect: Dialect, floor: string][] = [
    ['edict', edict, EDICT, FLOOR],
    ['edict AuthZEN', edict, authzen, AUTHZEN_FLOOR],
    ['edict, log and metrics', logging, EDICT, 'edict'],
    ['edict, answers kept', caching, EDICT, 'edict'],
    ['edict, two workers', workers, EDICT, 'edict'],
  ]
  if (cerbos !== undefined) entries.push(['cerbos', cerbos, CERBOS, FLOOR])
  for (const [engine, server, dialect] of entries) await verify(engine, server, dialect, exchanges)
  const bodies = (dialect: Dialect) => exchanges.map((exchange) => JSON.stringify(dialect.toBody(exchange)))
  const bare = (name: string, dialect: Dialect): Contestant => {
    return {
      engine: name,
      url: floor.url,
      path: floorPath(metric, dialect),
      bodies: bodies(dialect),
      floor: name,
    }
  }
  return [
    bare(FLOOR, EDICT),
    bare(AUTHZEN_FLOOR, authzen),
    ...entries.map(([engine, { url }, dialect, floor]) => {
      return { engine, url, path: dialect.path, bodies: bodies(dialect), floor }
    }),
  ]
}

async function verify(
  engine: string,
  { url }: MeasuredServer,
  dialect: Dialect,
  exchanges: readonly Exchange[],
): Promise<void> {
  for (const exchange of exchanges) {
    const answer = JSON.parse(await ask(url, dialect, exchange)) as never
    const decisions = JSON.stringify(dialect.toDecisions(answer, exchange))
    if (decisions === JSON.stringify(exchange.map(isAllowed))) continue
    throw new Error(`${engine} decides ${decisions} for ${JSON.stringify(exchange)}`)
  }
}

async function ask(url: string, { path, toBody }: Dialect, exchange: Exchange): Promise<string> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(toBody(exchange)),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}${path} answers ${response.status}: ${text}`)
  return text
}

async function compete(
  { metric }: Workload,
  contestants: readonly Contestant[],
  generator: Generator,
  { samples = 5, seconds = 3, connections = 64, say = () => {} }: HttpBenchOptions,
): Promise<HttpResult[]> {
  const turn = async ({ engine, ...target }: Contestant): Promise<number> => {
    const { perSecond, failures } = await generator.run({ ...target, connections, seconds })
    if (failures > 0) throw new Error(`${engine} fails ${failures} requests under load`)
    return perSecond
  }
  // Twice before it counts: compilers and pools get warm.
  for (let warming = 0; warming < 2; warming++) {
    for (const contestant of contestants) await turn(contestant)
  }
  const rounds: number[][] = []
  for (let sample = 0; sample < samples; sample++) {
    const round: number[] = []
    for (const contestant of contestants) round.push(await turn(contestant))
    rounds.push(round)
    say(`${metric}: ${contestants.map(({ engine }, at) => `${engine} ${round[at]?.toFixed(0)}`).join(', ')}`)
  }
  const floorOf = (floor: string) => contestants.findIndex(({ engine }) => engine === floor)
  return contestants.map(({ engine, floor }, at) => ({
    workload: 'documents',
    engine,
    metric,
    unit: 'requests/s',
    value: middle(rounds.map((round) => round[at] ?? 0)),
    floorRatio: middle(rounds.map((round) => (round[at] ?? 0) / (round[floorOf(floor)] ?? 0))),
  }))
}

/** The median, by `measure`. */
function middle<T>(items: readonly T[], measure: (item: T) => number = Number): T {
  const sorted = items.toSorted((a, b) => measure(a) - measure(b))
  return sorted[Math.floor(sorted.length / 2)] as T
}
