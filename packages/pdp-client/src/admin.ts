// Writes entity data. INVARIANT: what resolves is on the disk of the decision point and seen by its decisions; all else
// throws, and what is sent again by the same key is done once.
import { PdpClientError } from './errors.ts'
import type { JsonEntityRef, JsonObject } from './types.ts'

/** An entity as it is stored. */
export interface EntityRecord extends JsonEntityRef {
  readonly properties?: JsonObject
  /** Left out: none. */
  readonly parents?: readonly JsonEntityRef[]
}

/** To whom: an entity (for a group: everyone in it), a type, everyone, or the holders of a role on an entity. */
export type TargetRecord =
  | JsonEntityRef
  | { readonly type: string }
  | '*'
  | { readonly role: string; readonly on: JsonEntityRef }
/** Where: an entity, a type, or everything. */
export type ScopeRecord = JsonEntityRef | { readonly type: string } | '*'

export interface AssignmentRecord {
  readonly role: string
  readonly to: TargetRecord
  readonly on: ScopeRecord
  /** The role's parameters. */
  readonly with?: JsonObject
  /** The assignment counts while now < expires. RFC 3339, a date, or epoch seconds. */
  readonly expires?: string | number
}

/** Under which a write is wanted; entity tags are such as `"17"`, in quotes. */
export interface WriteConditions {
  readonly ifMatch?: string
  /** `*`: only where there is none. */
  readonly ifNoneMatch?: string
}

export type WriteOperation = WriteConditions &
  (
    | ({ readonly op: 'putEntity' } & EntityRecord)
    /** `patch`: a JSON merge patch (RFC 7396) of `{ properties, parents }`. */
    | ({ readonly op: 'patchEntity'; readonly patch: JsonObject } & JsonEntityRef)
    /** `cascade`: assignments that name the entity go with it. Else they keep it there. */
    | ({ readonly op: 'deleteEntity'; readonly cascade?: boolean } & JsonEntityRef)
    | { readonly op: 'assign' | 'revoke'; readonly assignment: AssignmentRecord }
  )

export interface WriteOptions {
  readonly signal?: AbortSignal
  /** Default 15,000: a disk may take its time, and what is given up may still be done. */
  readonly timeoutMs?: number
  /** The same key with the same write is done once, for a day. Default: a random UUID. */
  readonly idempotencyKey?: string
}

export interface Written {
  /** Of the data since; decisions asked for with it as `minDataNumber` see the write. */
  readonly number: number
  /** In the order of the operations: whether what was written was not there before. */
  readonly results: readonly { readonly isNew: boolean }[]
}

/** Each throws `PdpClientError` unless the write is done: `http-status` with `status` 404, 409 or 412, for example. */
export interface PdpAdmin {
  readonly putEntity: (entity: EntityRecord, options?: WriteOptions & WriteConditions) => Promise<Written>
  readonly deleteEntity: (
    entity: JsonEntityRef,
    options?: WriteOptions & WriteConditions & { readonly cascade?: boolean },
  ) => Promise<Written>
  readonly assign: (
    assignment: AssignmentRecord,
    options?: WriteOptions & WriteConditions,
  ) => Promise<Written>
  readonly revoke: (
    assignment: AssignmentRecord,
    options?: WriteOptions & WriteConditions,
  ) => Promise<Written>
  /** All, in order, or none. */
  readonly batch: (operations: readonly WriteOperation[], options?: WriteOptions) => Promise<Written>
}

const DEFAULT_TIMEOUT_MS = 15_000

/** Gives the body of the answer, or throws `PdpClientError`. */
type Ask = (
  path: string,
  body: () => unknown,
  options: Omit<WriteOptions, 'idempotencyKey'> & { readonly extraHeaders: Readonly<Record<string, string>> },
) => Promise<unknown>

export function createPdpAdmin(ask: Ask): PdpAdmin {
  async function batch(operations: readonly WriteOperation[], options: WriteOptions = {}): Promise<Written> {
    const { idempotencyKey = crypto.randomUUID(), timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options
    const body = await ask('admin/batch', () => ({ operations }), {
      timeoutMs,
      ...(signal !== undefined && { signal }),
      extraHeaders: { 'idempotency-key': `"${idempotencyKey.replace(/["\\]/g, '\\$&')}"` },
    })
    return readWritten(body, operations.length)
  }
  const conditions = ({ ifMatch, ifNoneMatch }: WriteConditions): WriteConditions => ({
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  })
  return {
    batch,
    putEntity: ({ type, id, properties, parents }, options = {}) =>
      batch(
        [
          {
            op: 'putEntity',
            type,
            id,
            ...(properties !== undefined && { properties }),
            ...(parents !== undefined && { parents }),
            ...conditions(options),
          },
        ],
        options,
      ),
    deleteEntity: ({ type, id }, options = {}) =>
      batch(
        [{ op: 'deleteEntity', type, id, cascade: options.cascade === true, ...conditions(options) }],
        options,
      ),
    assign: (assignment, options = {}) =>
      batch([{ op: 'assign', assignment, ...conditions(options) }], options),
    revoke: (assignment, options = {}) =>
      batch([{ op: 'revoke', assignment, ...conditions(options) }], options),
  }
}

function readWritten(body: unknown, count: number): Written {
  const { number, results } = (body ?? {}) as { readonly number?: unknown; readonly results?: unknown }
  if (typeof number === 'number' && Number.isSafeInteger(number) && Array.isArray(results)) {
    const statuses = results.map((result) => (result as { readonly status?: unknown } | null)?.status)
    if (statuses.length === count && statuses.every((status) => status === 200 || status === 201)) {
      return { number, results: statuses.map((status) => ({ isNew: status === 201 })) }
    }
  }
  throw new PdpClientError('bad-response', 'the answer does not say what was written')
}
