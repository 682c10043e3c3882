// Owns the file of an entity store for somebody elsewhere: reads it once, then carries out commits, one after another.
import type { BackendData, BackendReply, BackendRequest } from './store-backend.ts'
import { toWriteFault } from './store-error.ts'
import { openStoreFile, type StoreFile } from './store-file.ts'

/** Where requests come from, and replies go. */
export interface BackendPort {
  readonly tell: (reply: BackendReply) => void
  readonly listen: (hear: (request: BackendRequest) => void) => void
}

export function serveBackend({ path, options }: BackendData, { tell, listen }: BackendPort): void {
  try {
    const file = openStoreFile(path, options)
    const contents = { ...file.state(), entities: file.entities(), assignments: file.assignments() }
    listen((request) => tell(carryOut(file, request)))
    tell({ kind: 'opened', contents })
  } catch (error) {
    tell({ kind: 'refused', message: describe(error) })
  }
}

function carryOut(file: StoreFile, request: BackendRequest): BackendReply {
  const { id } = request
  try {
    if (request.kind === 'commit') file.commit(request.commit)
    else if (request.kind === 'close') file.close()
    const keys = request.kind === 'replies' ? request.keys : []
    return { kind: 'done', id, replies: keys.flatMap((key) => file.reply(key) ?? []) }
  } catch (error) {
    return { kind: 'failed', id, fault: toWriteFault(error), message: describe(error) }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
