import { randomUUID } from 'node:crypto'
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { formatPolicy } from '@edict/policy-lang'
import { PdpServerError } from '../errors.ts'
import { decodeText, readTextFile } from '../files/read-text-file.ts'
import { type CliIo, count, EXIT, type ExitCode, say } from './io.ts'
import { findPolicyFiles } from './policy-paths.ts'
import { printDiagnostics } from './print-findings.ts'

export interface FmtOptions {
  readonly check?: boolean
}

/** `edict fmt`: 0 where all is laid out, 1 where `--check` finds what is not, 2 where a file cannot be read as policy. */
export async function runFmt(paths: readonly string[], options: FmtOptions, io: CliIo): Promise<ExitCode> {
  if (paths.includes('-')) return formatStdin(options, io)
  let changed = 0
  let broken = 0
  const files = findPolicyFiles(paths, io)
  for (const { path, name } of files) {
    const text = readTextFile(path, name)
    const formatted = format(text, name, io)
    if (formatted === undefined) broken++
    else if (formatted !== text) {
      changed++
      if (options.check === true) say(io.stdout, name)
      else writeWhole(path, name, formatted)
    }
  }
  say(io.stderr, summarize(files.length, changed, broken, options))
  if (broken > 0) return EXIT.error
  return options.check === true && changed > 0 ? EXIT.no : EXIT.ok
}

async function formatStdin(options: FmtOptions, io: CliIo): Promise<ExitCode> {
  const text = decodeText(await io.readStdin(), 'standard input')
  const formatted = format(text, 'stdin', io)
  if (formatted === undefined) return EXIT.error
  if (options.check === true) return formatted === text ? EXIT.ok : EXIT.no
  io.stdout.write(formatted)
  return EXIT.ok
}

function format(text: string, name: string, io: CliIo): string | undefined {
  const { text: formatted, diagnostics } = formatPolicy(text, { name })
  if (formatted === undefined) printDiagnostics(diagnostics, [{ name, text }], io.stderr, io)
  return formatted
}

/** In one step: whoever reads meanwhile finds the old file or the new one. */
function writeWhole(path: string, name: string, text: string): void {
  // A link stays a link: what it leads to is replaced.
  const target = realpathSync(path)
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: statSync(target).mode })
    renameSync(draft, target)
  } catch (cause) {
    rmSync(draft, { force: true })
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unreadable-files', `${name} cannot be written (${code})`, { cause })
  }
}

function summarize(total: number, changed: number, broken: number, { check }: FmtOptions): string {
  const done = check === true ? 'would change' : 'changed'
  const cannot = broken === 0 ? '' : `, ${broken} cannot be read`
  return `${count(total, 'file')}, ${changed} ${done}${cannot}`
}
