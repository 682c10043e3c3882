import { z } from 'zod'
import { createPageTokens, type PageTokens } from './page-token.ts'
import { searchShape } from './search-config.ts'
import { loadTokenKey } from './token-key.ts'

const schema = z.object(searchShape)

/** Throws `PdpServerError` `unreadable-files` where the file with the secret cannot be used. */
export function createConfiguredPageTokens({
  searchTokenKeyFile,
  searchTokenSeconds,
}: z.infer<typeof schema>): PageTokens {
  return createPageTokens({
    ...(searchTokenKeyFile !== undefined && { key: loadTokenKey(searchTokenKeyFile) }),
    lifetimeSeconds: searchTokenSeconds,
  })
}
