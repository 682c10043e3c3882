// The entity store of the configuration, opened and put in its place.
import type { Pdp } from '../decide/pdp.ts'
import { toBytes, toLine } from '../decision-log/entry-line.ts'
import { findDataFloor } from '../sources/number-book.ts'
import type { ProvidedEntities } from '../sources/reloader.ts'
import type { Log } from '../telemetry/log.ts'
import { toAuditEntry, type WriteRecord } from './audit-entry.ts'
import type { EntityStoreConfig } from './entity-store-config.ts'
import { openStore } from './store-backend.ts'
import { createWritableStore, type WritableStore } from './writable-store.ts'

export interface ConfiguredStoreOptions {
  /** Names what brings the policies. */
  readonly source: string
  readonly pdp: Pdp
  readonly log: Log
  /** Records a write where decisions are recorded. Undefined: they are not. */
  readonly recordWrite: ((record: WriteRecord) => Promise<void> | undefined) | undefined
  readonly onChange: (provided: ProvidedEntities) => void
}

/** Undefined where none is configured. Throws `PdpServerError` `unreadable-files` where it cannot be used. */
export async function openConfiguredStore(
  { entityStore, stateDir }: EntityStoreConfig & { readonly stateDir?: string | undefined },
  { source, pdp, log, recordWrite, onChange }: ConfiguredStoreOptions,
): Promise<WritableStore | undefined> {
  if (entityStore === undefined) return undefined
  const floor = findDataFloor({ stateDir, source, entityStore })
  const backend = await openStore(entityStore, { create: true, now: Date.now(), floor })
  return createWritableStore({
    backend,
    current: () => pdp.current()?.policySet,
    onChange,
    audit: recordWrite ?? writeToStandardError,
    log,
  })
}

/** Whatever the level of the log: who changed what must be told somewhere. */
function writeToStandardError(record: WriteRecord): undefined {
  process.stderr.write(toBytes(toLine(toAuditEntry(record))))
}
