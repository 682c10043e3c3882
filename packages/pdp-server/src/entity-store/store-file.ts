// The file of an entity store: SQLite with settings by which a commit that returned survives a crash of the process
// and of the machine. It knows rows and transactions; what they mean is for others.
import { closeSync, existsSync, fsyncSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { PdpServerError } from '../errors.ts'
import { MovedFile, toOpenError } from './store-error.ts'

/** `Edct`, in the head of the file: which application it belongs to. */
const APPLICATION_ID = 0x45646374
const SCHEMA_VERSION = 1

const SCHEMA = `
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, version TEXT NOT NULL) STRICT;
  CREATE TABLE entity (key TEXT PRIMARY KEY, content TEXT NOT NULL, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE assignment (key TEXT PRIMARY KEY, content TEXT NOT NULL, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE reply (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, expires INTEGER NOT NULL, content TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE INDEX reply_expires ON reply (expires);
  INSERT INTO state VALUES (1, 0, '');
`

/**
 * What must hold for a commit to be durable, as it is set and as it must read back: a log that is flushed at each
 * commit (sqlite.org/pragma.html, synchronous=FULL with a write-ahead log), also through the cache of a disk where the
 * system offers that, and one process alone.
 */
const SETTINGS: readonly {
  readonly name: string
  readonly value: string
  readonly reads: string | number
}[] = [
  { name: 'locking_mode', value: 'EXCLUSIVE', reads: 'exclusive' },
  { name: 'journal_mode', value: 'WAL', reads: 'wal' },
  { name: 'synchronous', value: 'FULL', reads: 2 },
  { name: 'fullfsync', value: 'ON', reads: 1 },
  { name: 'checkpoint_fullfsync', value: 'ON', reads: 1 },
  { name: 'cell_size_check', value: 'ON', reads: 1 },
  { name: 'trusted_schema', value: 'OFF', reads: 0 },
]

/** The log is cut to this size once its pages are in the file. */
const MAX_IDLE_LOG_BYTES = 64 * 1024 * 1024

export interface StoreRow {
  readonly key: string
  /** JSON. */
  readonly content: string
  readonly number: number
}

/** A row to be written; without content, to be removed. */
export interface RowWrite {
  readonly table: 'entity' | 'assignment'
  readonly key: string
  readonly content: string | undefined
  readonly number: number
}

/** An answer that is given again to whoever asks for the same by the same key. */
export interface KeptReply {
  readonly key: string
  readonly fingerprint: string
  /** Epoch milliseconds. */
  readonly expires: number
  /** JSON. */
  readonly content: string
}

/** What becomes durable together. */
export interface Commit {
  readonly number: number
  readonly version: string
  readonly rows: readonly RowWrite[]
  readonly replies: readonly KeptReply[]
  /** Replies that expired before this instant go. */
  readonly now: number
}

export interface StoreFile {
  /** Of the last commit. */
  readonly state: () => { readonly number: number; readonly version: string }
  readonly entities: () => readonly StoreRow[]
  readonly assignments: () => readonly StoreRow[]
  readonly reply: (key: string) => KeptReply | undefined
  /** All or nothing, and durable once it returns. Throws what SQLite says. */
  readonly commit: (commit: Commit) => void
  readonly close: () => void
}

export interface OpenOptions {
  /** Whether a file that is not there is made. Default: refused. */
  readonly create?: boolean
  /** Whether the whole file is checked for corruption. Default true. */
  readonly check?: boolean
  /** Most pages of 4096 bytes: what a full disk comes to, for tests. Default: as many as fit. */
  readonly maxPages?: number
}

/**
 * Opens a store for this process alone. Throws `PdpServerError` `unreadable-files` where it cannot be opened, is none,
 * is open elsewhere, is corrupt, or where durability cannot be had.
 */
export function openStoreFile(path: string, options: OpenOptions = {}): StoreFile {
  let database: DatabaseSync | undefined
  try {
    if (!existsSync(path)) createFile(path, options.create === true)
    database = new DatabaseSync(path, { timeout: 0, defensive: true })
    prepareDatabase(database, path, options)
    return createStoreFile(database, path)
  } catch (error) {
    database?.close()
    throw toOpenError(path, error)
  }
}

/** For its owner alone, and its name on the disk before anything is promised. */
function createFile(path: string, mayCreate: boolean): void {
  if (!mayCreate) throw new PdpServerError('unreadable-files', `${path}: there is no entity store`)
  try {
    closeSync(openSync(path, 'wx', 0o600))
    if (process.platform === 'win32') return
    const directory = openSync(dirname(path), 'r')
    fsyncSync(directory)
    closeSync(directory)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unreadable-files', `${path}: cannot be made (${code})`, { cause })
  }
}

function prepareDatabase(
  database: DatabaseSync,
  path: string,
  { check = true, maxPages }: OpenOptions,
): void {
  const read = (pragma: string): unknown => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]
  // Before anything is read: with a log, whoever reads first settles how it is shared.
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  const isNew = isEmpty(database, read)
  if (!isNew && read('application_id') !== APPLICATION_ID) throw refuse(path, 'is no entity store')
  if (!isNew && read('user_version') !== SCHEMA_VERSION) {
    throw refuse(path, `is a store of another version of Edict (form ${String(read('user_version'))})`)
  }
  for (const { name, value } of SETTINGS) database.exec(`PRAGMA ${name} = ${value}`)
  database.exec(`PRAGMA journal_size_limit = ${MAX_IDLE_LOG_BYTES}`)
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`)
  // In exclusive mode, the lock that the first write takes is held until the end.
  database.exec('BEGIN IMMEDIATE')
  if (isNew) {
    database.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${SCHEMA}`,
    )
  }
  database.exec('COMMIT')
  for (const { name, reads } of SETTINGS) {
    if (read(name) === reads) continue
    throw refuse(
      path,
      `writes would not be safe here: ${name} is ${String(read(name))}, not ${String(reads)}`,
    )
  }
  if (check && read('integrity_check(1)') !== 'ok') {
    throw refuse(path, 'is corrupt: put a copy of before in its place, or make a store anew and import data')
  }
}

/** Nothing was ever written: not by Edict, and by nobody else. */
function isEmpty(database: DatabaseSync, read: (pragma: string) => unknown): boolean {
  const row = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()
  return row?.tables === 0 && read('application_id') === 0 && read('user_version') === 0
}

function refuse(path: string, why: string): PdpServerError {
  return new PdpServerError('unreadable-files', `${path}: ${why}`)
}

function createStoreFile(database: DatabaseSync, path: string): StoreFile {
  const identity = identify(path)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const end = database.prepare('COMMIT')
  const setState = database.prepare('UPDATE state SET number = ?, version = ?')
  const getState = database.prepare('SELECT number, version FROM state')
  const writers = {
    entity: createRowWriter(database, 'entity'),
    assignment: createRowWriter(database, 'assignment'),
  }
  const putReply = database.prepare('INSERT OR REPLACE INTO reply VALUES (?, ?, ?, ?)')
  const dropReplies = database.prepare('DELETE FROM reply WHERE expires <= ?')
  const getReply = database.prepare('SELECT key, fingerprint, expires, content FROM reply WHERE key = ?')
  const list = (table: string): readonly StoreRow[] =>
    database.prepare(`SELECT key, content, number FROM ${table} ORDER BY key`).all() as unknown as StoreRow[]
  return {
    state: () => getState.get() as unknown as ReturnType<StoreFile['state']>,
    entities: () => list('entity'),
    assignments: () => list('assignment'),
    reply: (key) => getReply.get(key) as KeptReply | undefined,
    commit: ({ number, version, rows, replies, now }) => {
      if (identify(path) !== identity) throw new MovedFile()
      begin.run()
      try {
        dropReplies.run(now)
        for (const row of rows) writers[row.table](row)
        for (const { key, fingerprint, expires, content } of replies) {
          putReply.run(key, fingerprint, expires, content)
        }
        setState.run(number, version)
        end.run()
      } catch (error) {
        // Some faults have ended it already.
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    close: () => database.close(),
  }
}

/** Which file it is, whatever it holds. */
function identify(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev} ${stats.ino}`
}

function createRowWriter(database: DatabaseSync, table: RowWrite['table']): (row: RowWrite) => void {
  const put: StatementSync = database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?)`)
  const drop: StatementSync = database.prepare(`DELETE FROM ${table} WHERE key = ?`)
  return ({ key, content, number }) => {
    if (content === undefined) drop.run(key)
    else put.run(key, content, number)
  }
}
