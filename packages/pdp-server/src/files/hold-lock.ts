// A lock between processes of one machine that ends with its owner, however that ends.
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { PdpServerError } from '../errors.ts'

const WAIT_MS = 5000
const RETRY_MS = 25
const BUSY = 5

/**
 * Waits until nobody else holds the lock at `path`, and gives what ends it. The empty file stays there for the next
 * owner: whoever removed it could remove the lock of another. The system holds the lock, by way of SQLite, since Node
 * has no other way to ask for one. Throws `PdpServerError` `unwritable-file`.
 * @param what what is changed, for people
 */
export async function holdLock(path: string, what: string, waitMs = WAIT_MS): Promise<() => void> {
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      return takeLock(path)
    } catch (cause) {
      const { code, errcode } = cause as { readonly code?: string; readonly errcode?: number }
      if (errcode !== BUSY) {
        throw new PdpServerError('unwritable-file', `${what} cannot be locked (${path}: ${code})`, { cause })
      }
      if (waited >= waitMs) {
        throw new PdpServerError(
          'unwritable-file',
          `another command changes ${what}: try again once it is done`,
          {
            cause,
          },
        )
      }
    }
    await setTimeout(RETRY_MS)
  }
}

function takeLock(path: string): () => void {
  create(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return () => database.close()
  } catch (error) {
    database.close()
    throw error
  }
}

/** For its owner alone: whoever may read it may hold a lock. One that is there is left closed, or its locks would end. */
function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
