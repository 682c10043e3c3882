import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PdpServerError } from '../errors.ts'
import { syncDirectory, syncDirectoryNow } from './sync-directory.ts'

/**
 * Replaces a file whole: a reader sees the old content or the new, and after a crash one of both is there. Readable and
 * writable for its owner alone. A link stays a link. Throws `PdpServerError` `unwritable-file`.
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  try {
    replace(followLink(path), content)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** The same without making anybody else wait. Rejects with `PdpServerError` `unwritable-file`. */
export function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  return replaceBy(path, async (temporary, target) => {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
    await syncDirectory(dirname(target))
  })
}

/**
 * The same without waiting for the disk, and without making anybody else wait: for what is of use, and not needed. After
 * a loss of power the file may be empty. Rejects with `PdpServerError` `unwritable-file`.
 */
export function writeFileSoon(path: string, text: string): Promise<void> {
  return replaceBy(path, async (temporary, target) => {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
    await rename(temporary, target)
  })
}

async function replaceBy(
  path: string,
  work: (temporary: string, target: string) => Promise<void>,
): Promise<void> {
  const target = followLink(path)
  const temporary = nameTemporary(target)
  try {
    await work(temporary, target)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw unwritable(path, cause)
  }
}

function nameTemporary(target: string): string {
  return `${target}.${randomBytes(6).toString('hex')}.tmp`
}

function unwritable(path: string, cause: unknown): PdpServerError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new PdpServerError('unwritable-file', `${path} cannot be written (${code})`, { cause })
}

function replace(path: string, content: string | Uint8Array): void {
  const temporary = nameTemporary(path)
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeWhole(file, typeof content === 'string' ? Buffer.from(content) : content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncDirectoryNow(dirname(path))
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
}

function followLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
