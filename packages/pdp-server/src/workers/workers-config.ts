// The key of the configuration that says how many processes answer.
import { z } from 'zod'
import { whole } from '../config-values.ts'

export const workersShape = {
  workers: whole(0, 256)
    .default(0)
    .describe(
      'Processes that answer on the one port, each with policies and data of its own; `0`: this one alone.',
    ),
}

const schema = z.object(workersShape)
export type WorkersConfig = Readonly<z.infer<typeof schema>>

/** What cannot be together, each with what to do about it. */
export function findWorkerContradictions({
  workers,
  entityStore,
}: WorkersConfig & { readonly entityStore?: string | undefined }): readonly string[] {
  if (workers === 0 || entityStore === undefined) return []
  return [
    '`workers` and `entityStore` cannot be together: a store that is written has one process; leave `workers` at 0',
  ]
}
