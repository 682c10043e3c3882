// The key of the configuration that says how many processes answer.
import { whole } from '../config-values.ts'

export const workersShape = {
  workers: whole(0, 256)
    .default(0)
    .describe(
      'Processes that answer on the one port, each with policies and data of its own; `0`: this one alone.',
    ),
}
