// The long form of test/load: full load for minutes, with bad requests in between; then two thousand connections at
// once; then a stop in full load. Prints figures, and fails where an answer was wrong or missing, a record is lost, or
// memory grew. `node test/load/soak.ts --seconds 600`
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createKey } from '../service/create-key.ts'
import { exchange, openSocket, toHead, toPost } from '../service/raw.ts'
import {
  createFolder,
  killLeftOver,
  OWN,
  READ,
  type ServiceProcess,
  serveApart,
  WRITE,
} from '../service/serve.ts'
import { type HammerResult, hammer } from './hammer.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    connections: { type: 'string', default: '64' },
    many: { type: 'string', default: '2000' },
  },
})
const seconds = Number(values.seconds)
/** What memory may do from the second quarter of the time to the last. */
const MOST_GROWTH = 1.1

const folder = createFolder()
const problems: string[] = []

async function main(): Promise<void> {
  const bearer = `Authorization: Bearer ${await createKey(folder, 'app', 'decide')}`
  const admin = await createKey(folder, 'ops', 'admin')
  const service = await serveApart(
    folder,
    ...[
      '--key-file',
      'keys.json',
      '--metrics',
      '--decision-log',
      'file',
      '--decision-log-file',
      'decisions.log',
    ],
    ...['--decision-log-file-max-bytes', '20000000', '--decision-log-file-keep', '2'],
    ...['--auth-failures-per-minute', '1000000'],
  )
  const load = (connections: number, until: Promise<unknown>) =>
    hammer({
      port: service.port,
      connections,
      requests: [
        toPost('/decide', READ, bearer),
        toPost('/decide', WRITE, bearer),
        toPost('/access/v1/evaluation', OWN, bearer),
      ],
      expected: ['"decision":"allow"', '"decision":"deny"', '{"decision":true}'],
      until,
    })
  const connections = Number(values.connections)
  const warmUp = await load(connections, pause(2000))
  const memory: number[] = []
  const bad = { count: 0, isOver: false }
  const attack = attackOn(service, bad)
  const sample = setInterval(() => memory.push(residentBytes(service.pid)), 1000)
  const main = await timed(`${connections} connections, ${seconds} s`, seconds, (until) =>
    load(connections, until),
  )
  bad.isOver = true
  await attack
  clearInterval(sample)
  const manySeconds = Math.max(5, Math.min(30, seconds / 6))
  const many = await timed(`${values.many} connections, ${manySeconds} s`, manySeconds, (until) =>
    load(Number(values.many), until),
  )
  checkMemory(memory)
  const answered = warmUp.answered + main.answered + many.answered
  await checkRecords(service, admin, answered)
  console.log(`bad requests in between: ${bad.count}, none of them answered with a decision`)
  const stopped = await load(
    connections,
    pause(1000).then(() => {
      service.signal('SIGTERM')
      return service.exited
    }),
  )
  report('a stop in full load', stopped)
  if ((await service.exited) !== 0) problems.push(`the service ended with ${await service.exited}`)
}

async function timed(
  name: string,
  length: number,
  run: (until: Promise<unknown>) => Promise<HammerResult>,
): Promise<HammerResult> {
  const startedAt = performance.now()
  const result = await run(pause(length * 1000))
  report(name, result, (performance.now() - startedAt) / 1000)
  return result
}

function report(name: string, { answered, failures, latency }: HammerResult, length?: number): void {
  const ms = (percentile: number) => (latency.percentile(percentile) / 1000).toFixed(1)
  const rate = length === undefined ? '' : `, ${Math.round(answered / length)} a second`
  console.log(
    `${name}: ${answered} answered${rate}; p50 ${ms(50)} ms, p99 ${ms(99)} ms, p99.9 ${ms(99.9)} ms`,
  )
  for (const [why, count] of failures) problems.push(`${name}: ${count} times ${why}`)
}

/** Some of each kind every second, for as long as the load lasts. */
async function attackOn({ port }: ServiceProcess, bad: { count: number; isOver: boolean }): Promise<void> {
  const POST = ['POST /decide HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
  const texts = [
    toPost('/decide', OWN),
    toPost('/decide', OWN, 'Authorization: Bearer x'),
    toPost('//decide', OWN),
    toPost('/decide', '['.repeat(10_000)),
    toPost('/decide', `{"a":`),
    toHead(...POST, `Content-Length: ${10 * 1024 * 1024}`) + ' '.repeat(1024 * 1024),
    toHead(...POST, 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    toHead(...POST, 'Content-Length: 100'),
    `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    '\0\0\0',
  ]
  while (!bad.isOver) {
    const halves = await Promise.all(Array.from({ length: 10 }, () => openSocket(port)))
    for (const socket of halves) socket.write('POST /decide HTTP/1.1\r\nHost: localhost\r\n')
    const answers = await Promise.all(texts.map((text) => exchange(port, text)))
    bad.count += texts.length + halves.length
    for (const { status, body } of answers.flat()) {
      if (status === 200 || status >= 500 || /"decision"/.test(body))
        problems.push(`a bad request: ${status} ${body}`)
    }
    await pause(1000)
    for (const socket of halves) socket.destroy()
  }
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

function checkMemory(samples: readonly number[]): void {
  const median = (from: number, to: number): number => {
    const part = samples.slice(Math.floor(samples.length * from), Math.floor(samples.length * to))
    return part.sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? Number.NaN
  }
  const [early, late] = [median(0.25, 0.5), median(0.75, 1)]
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`
  console.log(`memory: ${mebibytes(early)} in the second quarter, ${mebibytes(late)} in the last`)
  if (!(late / early <= MOST_GROWTH)) problems.push('memory grew')
}

/** Every decision has its line, or is counted as dropped: on a slow disk the log may not keep up. */
async function checkRecords({ url }: ServiceProcess, admin: string, answered: number): Promise<void> {
  const read = async () => {
    const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${admin}` } })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`metrics: ${response.status} ${text}`)
    const sum = (name: string) =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))].reduce(
        (all, [, n]) => all + Number(n),
        0,
      )
    return {
      decisions: sum('edict_decisions_total'),
      lines: sum('edict_decision_log_lines_total'),
      dropped: sum('edict_decision_log_dropped_total'),
    }
  }
  let counts = await read()
  for (let tries = 0; tries < 100 && counts.lines + counts.dropped < counts.decisions; tries++) {
    await pause(100)
    counts = await read()
  }
  const { decisions, lines, dropped } = counts
  console.log(`records: ${decisions} decisions, ${answered} answered, ${lines} lines, ${dropped} dropped`)
  if (decisions !== answered || lines + dropped !== decisions) problems.push('records are missing')
}

try {
  await main()
} catch (error) {
  problems.push(String(error))
} finally {
  killLeftOver()
  folder.remove()
}
for (const problem of problems.slice(0, 20)) console.log(`FAILED ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
