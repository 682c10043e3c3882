// The thread that owns the file of an entity store.
import { parentPort, workerData } from 'node:worker_threads'
import { serveBackend } from './serve-backend.ts'
import type { BackendData } from './store-backend.ts'

serveBackend(workerData as BackendData, {
  tell: (reply) => parentPort?.postMessage(reply),
  listen: (hear) => parentPort?.on('message', hear),
})
