#!/usr/bin/env node
// The process around the command: the only place that knows of arguments, signals and exit codes.
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { runCli } from './cli/run-cli.ts'

// A reader that went away, such as `head`, has read enough. The command goes on to its end: a service must not die
// with the terminal that started it, and an exit code tells no less without its text.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

async function stopped(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  // Asked once more, it does not wait.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
}

function onReload(reload: () => void): () => void {
  process.on('SIGHUP', reload)
  return () => process.off('SIGHUP', reload)
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  readStdin: () => buffer(process.stdin),
  env: process.env,
  cwd: process.cwd(),
  stopped,
  onReload,
})
