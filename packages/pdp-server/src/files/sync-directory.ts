// Without this a new name may be lost with the power, though the bytes under it are not.
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** Windows cannot open a folder, and keeps names without being told. */
const isNeeded = process.platform !== 'win32'

export async function syncDirectory(path: string): Promise<void> {
  if (!isNeeded) return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The same before anything else goes on. */
export function syncDirectoryNow(path: string): void {
  if (!isNeeded) return
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
