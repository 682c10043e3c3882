// The long run: `node test/fuzz/run.ts --inputs 1000000 --seed 7 [--from 0]`. Inputs run in a thread of their own, so
// that one that never ends, or takes the thread with it, is a finding like any other.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { createTargets, makeTrial } from './fuzz.ts'
import type { Report, Start } from './run-worker.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    from: { type: 'string', default: '0' },
  },
})
const seed = Number(values.seed)
const from = Number(values.from)
const end = from + Number(values.inputs)

/** On the clock of the wall, with the time that a busy machine needs to start a thread and read what inputs are made of. */
const HANG_MS = 300_000
const MAX_FAILURES = 100

let folder: string | undefined
let failed = 0
let slowest = { ms: 0, target: 'none', index: 0 }
let done = from

function save(index: number, name: string, text: string): string {
  folder ??= mkdtempSync(join(tmpdir(), 'edict-fuzz-'))
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${index}-${name}.txt`)
  writeFileSync(path, text)
  return path
}

function fail(index: number, target: string, message: string, input: string, smallest: string): void {
  failed++
  const path = save(index, target, `${message}\n\n=== smallest\n${smallest}\n\n=== input\n${input}\n`)
  console.log(`FAILED ${target}, input ${index} of seed ${seed}: ${message.split('\n')[0]}\n  ${path}`)
}

/** Runs from `start` until the end, a failure of the thread, or a hang; answers with the index to go on from. */
function runThread(start: number): Promise<number> {
  const workerData: Start = { seed, start, end }
  const worker = new Worker(new URL('./run-worker.ts', import.meta.url), { workerData })
  let current = start
  return new Promise((resolve) => {
    const timer = setInterval(() => stop(`hangs: no end after ${HANG_MS} ms`), HANG_MS)
    const stop = (message: string) => {
      clearInterval(timer)
      const trial = makeTrial(createTargets(), seed, current)
      fail(current, trial.target, message, trial.print(), 'not made smaller')
      void worker.terminate().then(() => resolve(current + 1))
    }
    worker.on('message', (report: Report) => {
      timer.refresh()
      const { target, ms = 0 } = report
      if (ms > slowest.ms) slowest = { ms, target, index: current }
      current = report.next
      done = report.next
      if (report.failure !== undefined) {
        const { index, message, input, smallest } = report.failure
        fail(index, target, message, input, smallest)
      }
      if (current < end && failed < MAX_FAILURES) return
      clearInterval(timer)
      void worker.terminate().then(() => resolve(end))
    })
    worker.on('error', (error: Error) => stop(`ends the thread: ${error.stack ?? error.message}`))
  })
}

const startedAt = performance.now()
const progress = setInterval(() => {
  const seconds = (performance.now() - startedAt) / 1000
  console.log(
    `${done - from} of ${end - from} inputs, ${failed} failed, ${Math.round((done - from) / seconds)} a second`,
  )
}, 30_000)
console.log(`fuzzing ${end - from} inputs from ${from}, seed ${seed}`)
for (let next = from; next < end && failed < MAX_FAILURES; ) next = await runThread(next)
clearInterval(progress)
console.log(`slowest: ${Math.round(slowest.ms)} ms, ${slowest.target}, input ${slowest.index}`)
console.log(`${done - from - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
