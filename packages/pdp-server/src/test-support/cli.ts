// Runs the command in this process, in a folder of its own.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCli } from '../cli/run-cli.ts'

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
  readonly stopped?: () => Promise<void>
  /** Told all that was written so far, after each write. */
  readonly onOutput?: (output: string) => void
}

export interface Workspace {
  readonly directory: string
  readonly write: (files: Readonly<Record<string, string | Uint8Array>>) => void
  readonly read: (name: string) => string
  readonly run: (args: readonly string[], options?: CliOptions) => Promise<CliRun>
  readonly remove: () => void
}

export function createWorkspace(): Workspace {
  const directory = mkdtempSync(join(tmpdir(), 'edict-cli-'))
  return {
    directory,
    write: (files) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true })
        writeFileSync(join(directory, name), text)
      }
    },
    read: (name) => readFileSync(join(directory, name), 'utf8'),
    run: (args, options) => run(directory, args, options),
    remove: () => rmSync(directory, { recursive: true }),
  }
}

async function run(cwd: string, args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { stdin = '', env = {}, isTTY = false, stopped = () => Promise.resolve(), onOutput } = options
  let [stdout, stderr] = ['', '']
  const code = await runCli(args, {
    stdout: {
      isTTY,
      write: (text) => {
        stdout += text
        onOutput?.(stdout)
      },
    },
    stderr: {
      isTTY,
      write: (text) => {
        stderr += text
      },
    },
    readStdin: () => Promise.resolve(typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin),
    env,
    cwd,
    stopped,
  })
  return { code, stdout, stderr }
}
