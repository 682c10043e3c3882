// A process that owns the file of an entity store, to be killed.
import { serveBackend } from '../entity-store/serve-backend.ts'

serveBackend(
  { path: process.argv[2] ?? '', options: { create: true } },
  {
    tell: (reply) => process.send?.(reply),
    listen: (hear) => process.on('message', hear),
  },
)
