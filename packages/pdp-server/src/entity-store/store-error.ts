import { PdpServerError } from '../errors.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = 5
const READONLY = 8
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/**
 * Why a write did not happen. `full` and `read-only`: nothing of it is stored, and later ones may be. `moved`: another
 * file, or none, has the name of the store, so that a restart would not find what is written. `unknown`: the disk
 * failed on the way, and what of it is stored is known only once the file is opened anew.
 */
export type WriteFault = 'full' | 'read-only' | 'moved' | 'unknown'

export function toWriteFault(error: unknown): WriteFault {
  if (error instanceof MovedFile) return 'moved'
  const code = primaryCode(error)
  if (code === FULL) return 'full'
  return code === READONLY || code === CANTOPEN || code === BUSY ? 'read-only' : 'unknown'
}

export function toWriteError(fault: WriteFault, cause?: unknown): PdpServerError {
  const options = cause === undefined ? {} : { cause }
  if (fault === 'full') {
    return new PdpServerError(
      'store-full',
      'the disk of the entity store is full: nothing was stored',
      options,
    )
  }
  if (fault === 'read-only') {
    return new PdpServerError(
      'store-closed',
      'the entity store cannot be written: nothing was stored',
      options,
    )
  }
  if (fault === 'moved') {
    const moved =
      'the file of the entity store was moved or replaced: nothing was stored, and none is until a restart'
    return new PdpServerError('store-failed', moved, options)
  }
  const detail =
    'the disk of the entity store failed: whether this write is stored shows once the service is restarted, and ' +
    'none is taken until then'
  return new PdpServerError('store-failed', detail, options)
}

/** Found where a commit is about to begin. */
export class MovedFile extends Error {}

/** What opening a store file came to, for whoever starts the service. */
export function toOpenError(path: string, error: unknown): PdpServerError {
  if (error instanceof PdpServerError) return error
  const code = primaryCode(error)
  const text = error instanceof Error ? error.message : String(error)
  return new PdpServerError('unreadable-files', `${path}: ${describeOpenFault(code) ?? text}`, {
    cause: error,
  })
}

function describeOpenFault(code: number | undefined): string | undefined {
  if (code === BUSY) return 'another process has this entity store open; a store belongs to one process'
  if (code === NOTADB) return 'is no entity store'
  if (code === READONLY) return 'the entity store, or its folder, cannot be written'
  if (code === CANTOPEN) return 'cannot be opened: is the folder there, and may it be written?'
  return undefined
}

/** The lowest byte tells what it is about; the others tell more. */
function primaryCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}
