// The key of the configuration that says how many answers are kept.
import { whole } from '../config-values.ts'

const GiB = 1024 * 1024 * 1024

export const decisionCacheShape = {
  decisionCacheBytes: whole(0, 16 * GiB)
    .default(0)
    .describe(
      'Most bytes of answers that are kept for questions that come again; `0`: none. Pays for policies with duties made of values, parameters of roles or `entities` alone: measure.',
    ),
}
