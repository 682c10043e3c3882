// A service with entity data that can be written, without a socket: its own file in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicySet } from '@edict/policy-lang'
import type { AppOptions } from '../app.ts'
import { createPdp, type Pdp } from '../decide/pdp.ts'
import type { WriteRecord } from '../entity-store/audit-entry.ts'
import { openStore, openStoreHere, type StoreBackend } from '../entity-store/store-backend.ts'
import type { OpenOptions } from '../entity-store/store-file.ts'
import { createWritableStore, type WritableStore } from '../entity-store/writable-store.ts'
import { createFreshness } from '../sources/freshness.ts'
import { openNumberBook } from '../sources/number-book.ts'
import { createReloader, type Reloader } from '../sources/reloader.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { type Ask, createAsk, loadPolicy } from './service.ts'

const STORE_POLICY = `
subject User in Team { email?: String }
entity Team in Team
resource Doc { owner?: User  isSecret?: Bool  actions read, write, delete }
subject resource "__proto__" { a?: String  actions read }

role viewer { can read on Doc }
role editor extends viewer { can write on Doc }
role exporter(limit: Number) { can delete on Doc if limit > 10 }
rule ownersDoAll: allow * on Doc if (resource.owner ?? User::"") == subject
`

export interface StoreService {
  readonly ask: Ask
  readonly pdp: Pdp
  readonly store: WritableStore
  readonly reloader: Reloader
  readonly path: string
  /** Writes that were told to the log. */
  readonly records: readonly WriteRecord[]
  /** Sets the clock of decisions and writes (epoch milliseconds). */
  readonly setClock: (now: number) => void
  /** Loads other policies; what keeps them from loading is thrown. */
  readonly load: (policySet: PolicySet) => void
  readonly close: () => Promise<void>
}

export interface StoreServiceOptions extends Partial<AppOptions> {
  readonly policy?: string
  readonly open?: OpenOptions
  readonly path?: string
  readonly timeoutMs?: number
  /** Default: in this thread. */
  readonly openBackend?: (path: string) => StoreBackend | Promise<StoreBackend>
  /** What answers of writes wait for. Default: nothing. */
  readonly audit?: (record: WriteRecord) => Promise<void> | undefined
  /** Stands between the service and its file. */
  readonly wrap?: (backend: StoreBackend) => StoreBackend
}

export const START = Date.UTC(2027, 0, 1)

let root: string | undefined
process.once('exit', () => {
  if (root !== undefined) rmSync(root, { recursive: true, force: true })
})

/** A folder that is gone once the process ends. */
export function createStoreFolder(): string {
  root ??= mkdtempSync(join(tmpdir(), 'edict-store-'))
  return mkdtempSync(join(root, 'one-'))
}

let shared: PolicySet | undefined
function loadShared(): PolicySet {
  shared ??= loadPolicy(STORE_POLICY)
  return shared
}

export async function createStoreService(options: StoreServiceOptions = {}): Promise<StoreService> {
  const { policy = STORE_POLICY, open, wrap = (one) => one, timeoutMs, openBackend, audit, ...rest } = options
  const path = options.path ?? join(createStoreFolder(), 'store.db')
  let now = START
  const clock = (): number => now
  const records: WriteRecord[] = []
  const backend = await openStore(path, { create: true, now: START, ...open }, openBackend ?? openStoreHere)
  const pdp = createPdp({ now: clock })
  const store = createWritableStore({
    backend: wrap(backend),
    current: () => pdp.current()?.policySet,
    onChange: (provided) => reloader.replaceEntities(provided),
    audit: (record) => {
      records.push(record)
      return audit?.(record)
    },
    log: NO_LOG,
    now: clock,
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  const reloader = createReloader({
    pdp,
    source: { name: 'test', start: async () => {}, reload: async () => {}, stop: async () => {} },
    numbers: openNumberBook({ source: 'test' }),
    freshness: createFreshness({ ticks: clock }),
    log: NO_LOG,
    provider: store,
  })
  try {
    reloader.use({ policySet: policy === STORE_POLICY ? loadShared() : loadPolicy(policy) })
  } catch (error) {
    await store.close()
    throw error
  }
  return {
    ask: createAsk({ pdp, entityStore: store, probes: [store.probe], ...rest }),
    pdp,
    store,
    reloader,
    path,
    records,
    setClock: (instant) => {
      now = instant
    },
    load: (policySet) => reloader.use({ policySet }),
    close: () => store.close(),
  }
}
