import { open } from 'node:fs/promises'

/** Without this, the name of a new file may be lost with the power, though its bytes are not. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
