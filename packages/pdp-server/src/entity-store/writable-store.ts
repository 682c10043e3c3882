// Entity data that is written while decisions rest on it: loaded from its file, checked against each policy set, and
// handed on whenever a group of writes is safe on disk.
import { isDeepStrictEqual } from 'node:util'
import type {
  JsonEntityRef,
  JsonObject,
  PolicySet,
  Program,
  ScopeRecord,
  TargetRecord,
} from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import type { EntityProvider, ProvidedEntities } from '../sources/reloader.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessProbe } from '../telemetry/readiness.ts'
import { FitCheck } from './fit-check.ts'
import { toContent } from './plan-write.ts'
import { type AssignmentRow, assignmentIdOf, createBaseIndex } from './row-index.ts'
import type { StoreBackend, StoreContents } from './store-backend.ts'
import { loadContents } from './stored-data.ts'
import type { Write, WriteReply } from './write.ts'
import { type StoredState, WriteQueue, type WriteQueueOptions } from './write-queue.ts'

export interface WritableStoreOptions extends Pick<WriteQueueOptions, 'audit' | 'timeoutMs'> {
  readonly backend: StoreBackend
  /** The policy set that decides now. */
  readonly current: () => PolicySet | undefined
  /** Told of the data once a group of writes is safe on disk. */
  readonly onChange: (provided: ProvidedEntities) => void
  readonly log: Log
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

/** A row as readers see it. */
export interface EntityRow {
  readonly ref: JsonEntityRef
  readonly content: JsonObject
  readonly number: number
}

export interface WritableStore extends EntityProvider {
  readonly write: (write: Write) => Promise<WriteReply>
  readonly entity: (ref: JsonEntityRef) => EntityRow | undefined
  /** By id in code-point order, from behind `after`. */
  readonly entitiesOf: (type: string, after: string | undefined, limit: number) => readonly EntityRow[]
  readonly assignment: (id: string) => AssignmentRow | undefined
  /** By id, from behind `after`. */
  readonly assignments: (query: AssignmentQuery) => readonly AssignmentRow[]
  /** Data number of what decisions rest on now. */
  readonly number: () => number
  readonly probe: ReadinessProbe
  readonly close: () => Promise<void>
}

export interface AssignmentQuery {
  readonly role: string | undefined
  readonly to: TargetRecord | undefined
  readonly on: ScopeRecord | undefined
  readonly after: string | undefined
  readonly limit: number
}

export function createWritableStore(options: WritableStoreOptions): WritableStore {
  const { backend, current, onChange, log, now = Date.now } = options
  const index = createBaseIndex()
  let queue: WriteQueue | undefined
  /** What the file held, until policies came that it fits. */
  let contents: StoreContents | undefined
  /** Of policies that may decide next. */
  let fitCheck: { readonly schema: string; readonly check: FitCheck } | undefined
  let listed: { readonly number: number; readonly rows: readonly AssignmentRow[] } | undefined

  const provide = ({ store, number }: StoredState, program: Program): ProvidedEntities => {
    const { entities, assignments } = index.counts()
    return {
      entities: store,
      number,
      counts: { dataFiles: 1, entities, assignments: assignments + program.assignments.length },
    }
  }

  function open(program: Program): WriteQueue {
    contents ??= backend.takeContents()
    const store = loadContents(program, contents, index)
    const start = { store, number: contents.number }
    contents = undefined
    return new WriteQueue({
      backend,
      index,
      start,
      program: () => requireLoaded(current()).program,
      onCommit: (state, steps) => {
        fitCheck?.check.note(steps)
        onChange(provide(state, requireLoaded(current()).program))
      },
      audit: options.audit,
      log,
      now,
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    })
  }

  const opened = (): WriteQueue => {
    if (queue === undefined) throw new PdpServerError('not-ready', 'no entity data is loaded')
    return queue
  }
  /** Undefined: all that is stored fits. INVARIANT: it does where the schemas are alike, since it was loaded or written so. */
  const otherSchema = (program: Program): string | undefined => {
    const decides = current()
    const schema = schemaText(program)
    return decides !== undefined && schemaText(decides.program) === schema ? undefined : schema
  }
  return {
    prepare: async ({ program }, signal) => {
      const schema = queue && otherSchema(program)
      if (schema === undefined) return
      const check = new FitCheck(program)
      fitCheck = { schema, check }
      await check.run(index, () => opened().state.store, signal)
    },
    entitiesFor: ({ program }) => {
      if (queue === undefined) {
        queue = open(program)
        return provide(queue.state, program)
      }
      const schema = otherSchema(program)
      if (schema !== undefined) {
        const check = fitCheck?.schema === schema ? fitCheck.check : new FitCheck(program)
        check.finish(index, queue.state.store, queue.stepsUnderWay)
      }
      fitCheck = undefined
      return provide(queue.state, program)
    },
    mark: () => {
      if (queue === undefined) return undefined
      // What is under way may come to nothing, and leaves no other number then.
      return queue.stepsUnderWay.length > 0 ? {} : queue.state.number
    },
    write: async (write) => opened().submit(write),
    entity: (ref) => readEntity(ref),
    entitiesOf: (type, after, limit) =>
      opened()
        .state.store.entitiesOf(type, after, limit)
        .flatMap((ref) => readEntity(ref) ?? []),
    assignment: (id) => {
      opened()
      return index.assignment(id)
    },
    assignments: ({ role, to, on, after, limit }) => {
      const { store } = opened().state
      const found =
        to !== undefined ? store.assignmentsTo(to) : on !== undefined ? store.assignmentsOn(on) : undefined
      const rows = found
        ? sortById(found.flatMap((record) => index.assignment(assignmentIdOf(record)) ?? []))
        : listAssignments()
      const fits = ({ record }: AssignmentRow): boolean =>
        (role === undefined || record.role === role) && (on === undefined || isDeepStrictEqual(record.on, on))
      const page: AssignmentRow[] = []
      for (
        let at = after === undefined ? 0 : countUpTo(rows, after);
        at < rows.length && page.length < limit;
        at++
      ) {
        const row = rows[at]
        if (row !== undefined && fits(row)) page.push(row)
      }
      return page
    },
    number: () => opened().state.number,
    probe: () => {
      const fault = queue?.fault
      if (fault === undefined)
        return { name: 'entityStore', status: 'ok', detail: 'the entity store takes writes' }
      return { name: 'entityStore', status: 'degraded', detail: `decisions go on, writes do not: ${fault}` }
    },
    close: async () => {
      await queue?.settle()
      await backend.close()
    },
  }

  /** In order, which takes a while for many: once for each state. */
  function listAssignments(): readonly AssignmentRow[] {
    const { number } = opened().state
    if (listed?.number !== number) listed = { number, rows: sortById(index.assignments()) }
    return listed.rows
  }

  function readEntity(ref: JsonEntityRef): EntityRow | undefined {
    const stored = opened().state.store.entity(ref)
    if (typeof stored === 'string') return undefined
    return { ref, content: toContent(stored), number: index.entityNumber(ref) ?? opened().state.number }
  }
}

function sortById(rows: Iterable<AssignmentRow>): readonly AssignmentRow[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** How many of the rows come before or are this one. */
function countUpTo(rows: readonly AssignmentRow[], id: string): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.id ?? '') <= id) low = middle + 1
    else high = middle
  }
  return low
}

/** All that rows are checked against. */
function schemaText({ schema, roleGraph }: Program): string {
  return JSON.stringify([schema, roleGraph])
}

function requireLoaded(policySet: PolicySet | undefined): PolicySet {
  if (policySet === undefined) throw new PdpServerError('not-ready', 'no policy set is loaded')
  return policySet
}
