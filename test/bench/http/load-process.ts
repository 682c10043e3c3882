// Puts load on a server: a process of its own, so that it shares no thread with what is measured.
import type { LoadJob, LoadReport } from './load.ts'

interface AutocannonResult {
  readonly duration: number
  readonly '2xx': number
  readonly non2xx: number
  readonly errors: number
}

type Autocannon = (options: object) => Promise<AutocannonResult>

// By a name that is no literal: the package is there for those who run the benchmark, and has no types.
const name: string = 'autocannon'
const { default: autocannon } = (await import(name)) as { default: Autocannon }

process.on('message', async ({ url, path, bodies, connections, seconds }: LoadJob) => {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: bodies.map((body) => ({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body,
    })),
  })
  const report: LoadReport = {
    perSecond: result['2xx'] / result.duration,
    failures: result.non2xx + result.errors,
  }
  process.send?.(report)
})
