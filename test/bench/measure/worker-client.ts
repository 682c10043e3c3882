// The parent's end of a process that measures.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

export interface WorkerClient<Reply> {
  /** The next message of the process. */
  receive(): Promise<Reply>
  send(message: string): void
  stop(): void
}

/** Starts a worker file of this folder with a task, in a process of its own. */
export function startWorker<Reply>(
  file: string,
  task: object,
  nodeOptions: readonly string[] = [],
): WorkerClient<Reply> {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(task)], {
    execArgv: ['--max-old-space-size=8192', ...nodeOptions],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    receive: () => receive<Reply>(child),
    send: (message) => {
      child.send(message)
    },
    stop: () => {
      child.kill()
    },
  }
}

function receive<Reply>(child: ChildProcess): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a measuring process ended with ${code}`))
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message as Reply)
    })
  })
}
