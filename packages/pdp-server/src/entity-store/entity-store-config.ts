// The key of the configuration that makes entity data writable, and what cannot stand beside it.
import { z } from 'zod'
import { text } from '../config-values.ts'

export const entityStoreShape = {
  entityStore: text('a file')
    .optional()
    .describe(
      'File of entity data that can be written over HTTP, in place of `data`. Make it with `edict store import`, or ' +
        'let it begin empty. It belongs to one process.',
    ),
}

/** Keys whose values are paths. */
export const ENTITY_STORE_PATHS = ['entityStore'] as const

const schema = z.object(entityStoreShape)

/** What of the configuration says whether a store can be used. */
export type EntityStoreConfig = Readonly<z.infer<typeof schema>> & {
  readonly data?: string | undefined
  readonly keyFile?: string | undefined
  readonly callerIssuers?: readonly unknown[] | undefined
  readonly certificateCallers?: readonly unknown[] | undefined
  readonly signatureKeys?: string | undefined
}

/** What cannot be together, each with what to do about it. */
export function findStoreContradictions(config: EntityStoreConfig): readonly string[] {
  const { entityStore, data, keyFile, callerIssuers, certificateCallers, signatureKeys } = config
  if (entityStore === undefined) return []
  const hasCallers = (keyFile ?? callerIssuers ?? certificateCallers ?? signatureKeys) !== undefined
  const found: (string | false)[] = [
    data !== undefined &&
      '`entityStore` and `data` are both given, and there is one set of entity data: leave `data` out; ' +
        'edict store import DIR --store FILE puts what a folder holds in a store',
    !hasCallers &&
      '`entityStore` can be written over HTTP, and callers are not authenticated: whoever reaches the port could ' +
        'give himself any role. Give callers API keys (edict keys create NAME --scopes admin --file keys.json, then ' +
        '`keyFile`)',
  ]
  return found.filter((complaint) => complaint !== false)
}
