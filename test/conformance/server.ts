import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../packages/pdp-server/src/main.ts')

export interface RunningServer {
  readonly url: string
  /** Asks it to stop and gives its exit code. */
  readonly stop: () => Promise<number | null>
}

/** Starts the real service on a policy directory and a free port, and waits until it says where it listens. */
export async function startServer(policyDirectory: string): Promise<RunningServer> {
  const child = spawn(process.execPath, [main, 'serve', policyDirectory, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = await readUrl(child)
  return {
    url,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGTERM')
        await exited
      }
      return child.exitCode
    },
  }
}

/** The address stands in what the service prints on start. */
function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (why: string): void => {
      clearTimeout(timer)
      child.kill('SIGTERM')
      reject(new Error(`the service did not start: ${why}\n${output}`))
    }
    const timer = setTimeout(() => fail('no address within 20 s'), 20_000)
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const found = /http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):[1-9]\d*/.exec(output)
      if (found === null) return
      clearTimeout(timer)
      resolve(found[0])
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code) => fail(`exit code ${code}`))
  })
}
