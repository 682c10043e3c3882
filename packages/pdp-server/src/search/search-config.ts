// The keys of the configuration that say how far searches go.
import { text, whole } from '../config-values.ts'
import { DEFAULT_LIMITS } from '../limits.ts'

export const searchShape = {
  maxSearchResults: whole(1, 10_000_000)
    .default(DEFAULT_LIMITS.maxSearchResults)
    .describe('Most results of one page of a search, whatever `limit` asks for.'),
  searchStepBudget: whole(1, 1_000_000_000)
    .default(DEFAULT_LIMITS.searchStepBudget)
    .describe('Steps after which a page of a search ends where it is; its token leads on.'),
  searchTokenSeconds: whole(1, 604_800)
    .default(900)
    .describe('How long the token for the next page of a search may be used.'),
  searchTokenKeyFile: text('a file')
    .optional()
    .describe(
      'File with a secret of at least 32 characters that seals these tokens, for services that share them. ' +
        'Default: a new one at each start.',
    ),
}

/** Keys whose values are paths. */
export const SEARCH_PATHS = ['searchTokenKeyFile'] as const
