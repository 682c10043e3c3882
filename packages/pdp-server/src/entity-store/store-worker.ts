// The thread that owns the file of an entity store: reads it once, then carries out commits, one after the other.
import { parentPort, workerData } from 'node:worker_threads'
import type { BackendData, BackendReply, BackendRequest } from './store-backend.ts'
import { toWriteFault } from './store-error.ts'
import { openStoreFile, type StoreFile } from './store-file.ts'

const { path, options } = workerData as BackendData

function tell(reply: BackendReply): void {
  parentPort?.postMessage(reply)
}

function serve(file: StoreFile): void {
  parentPort?.on('message', (request: BackendRequest) => {
    const { id } = request
    try {
      if (request.kind === 'commit') file.commit(request.commit)
      else if (request.kind === 'close') file.close()
      const keys = request.kind === 'replies' ? request.keys : []
      tell({ kind: 'done', id, replies: keys.flatMap((key) => file.reply(key) ?? []) })
    } catch (error) {
      tell({ kind: 'failed', id, fault: toWriteFault(error), message: describe(error) })
    }
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  const file = openStoreFile(path, options)
  const contents = { ...file.state(), entities: file.entities(), assignments: file.assignments() }
  tell({ kind: 'opened', contents })
  serve(file)
} catch (error) {
  tell({ kind: 'refused', message: describe(error) })
}
