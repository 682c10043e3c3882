import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface LoadJob {
  readonly url: string
  readonly path: string
  /** Sent in turn by each connection. */
  readonly bodies: readonly string[]
  readonly connections: number
  readonly seconds: number
}

export interface LoadReport {
  /** Answers of status 2xx a second. */
  readonly perSecond: number
  /** Answers of another status, and connections that broke. */
  readonly failures: number
}

export interface Generator {
  readonly run: (job: LoadJob) => Promise<LoadReport>
  readonly stop: () => void
}

/** Starts the generator's process; it takes one job at a time. */
export function startGenerator(): Generator {
  const child = fork(new URL('./load-process.ts', import.meta.url))
  return {
    run: async (job) => {
      child.send(job)
      const [report] = (await once(child, 'message')) as [LoadReport]
      return report
    },
    stop: () => child.kill(),
  }
}
