// Writes in the order they come, made durable in groups: what comes while the disk is busy shares the next commit.
import type { EntityStore, Program, StoreStep } from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { toProblemOfError } from '../wire/problem.ts'
import type { WriteRecord } from './audit-entry.ts'
import { noteSteps, type Plan, planWrite } from './plan-write.ts'
import { assignmentIdOf, type BaseIndex, createRowLayer, type RowLayer } from './row-index.ts'
import type { StoreBackend } from './store-backend.ts'
import { toWriteError } from './store-error.ts'
import type { KeptReply, RowWrite } from './store-file.ts'
import { toRowWrites } from './stored-data.ts'
import {
  isKept,
  keyOf,
  keyReused,
  slowDisk,
  tooMany,
  underWay,
  type Write,
  type WriteReply,
} from './write.ts'
import { WriteRecords } from './write-records.ts'

/** All that is safe on disk. */
export interface StoredState {
  readonly store: EntityStore
  readonly number: number
}

export interface WriteQueueOptions {
  readonly backend: StoreBackend
  readonly index: BaseIndex
  readonly start: StoredState
  /** What rows are checked against. Throws where nothing is loaded. */
  readonly program: () => Program
  /** Told of each group once it is safe on disk; whoever is answered afterwards must see it. */
  readonly onCommit: (state: StoredState, steps: readonly StoreStep[]) => void
  /** Told of each write that is done, or was done already; answers wait for what this gives. */
  readonly audit: (record: WriteRecord) => Promise<void> | undefined
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  /** How long a write waits. Default 10,000. */
  readonly timeoutMs?: number
}

/** How long an answer is kept for a key. */
const REPLY_KEPT_MS = 24 * 60 * 60 * 1000

const DEFAULT_TIMEOUT_MS = 10_000
const MAX_WAITING = 10_000
const MAX_GROUP = 256
/** So long a group is planned before it is committed: decisions wait meanwhile. */
const MAX_PLANNING_MS = 20

interface Pending {
  readonly write: Write
  /** Of its idempotency; undefined: none. */
  readonly key: string | undefined
  readonly answer: PromiseWithResolvers<WriteReply>
  isUnderWay: boolean
}

/** A write with the answer that it gets once it is safe, and recorded. */
interface Done {
  readonly pending: Pending
  readonly outcome: { readonly reply: WriteReply } | { readonly error: unknown }
  /** What its record tells of; undefined: there is nothing to tell. */
  readonly plan?: Plan
}

/** A group on its way to the disk. */
interface Group {
  store: EntityStore
  number: number
  readonly rows: RowWrite[]
  readonly steps: StoreStep[]
  readonly replies: KeptReply[]
  readonly layer: RowLayer
  readonly done: Done[]
}

export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #records: WriteRecords
  #state: StoredState
  #waiting: Pending[] = []
  /** Fingerprints by the keys of writes that are not answered yet. */
  readonly #keys = new Map<string, string>()
  #running: Promise<void> | undefined
  #underWay: Group | undefined
  #fault: { readonly error: PdpServerError; readonly isFinal: boolean } | undefined

  constructor(options: WriteQueueOptions) {
    this.#options = options
    this.#records = new WriteRecords(options.audit)
    this.#state = options.start
  }

  get state(): StoredState {
    return this.#state
  }

  /** What went wrong last; undefined where the last write was stored. */
  get fault(): string | undefined {
    return this.#fault?.error.message
  }

  /** Of writes that are planned, and not safe on disk yet. */
  get stepsUnderWay(): readonly StoreStep[] {
    return this.#underWay?.steps ?? []
  }

  /** Rejects with `PdpServerError` where nothing was stored, or where nobody knows. */
  submit(write: Write): Promise<WriteReply> {
    if (this.#fault?.isFinal) return Promise.reject(this.#fault.error)
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(tooMany())
    const key = keyOf(write)
    const known = key === undefined ? undefined : this.#keys.get(key)
    if (known !== undefined)
      return Promise.reject(known === write.idempotency?.fingerprint ? underWay() : keyReused())
    const pending: Pending = { write, key, answer: Promise.withResolvers(), isUnderWay: false }
    if (key !== undefined) this.#keys.set(key, write.idempotency?.fingerprint ?? '')
    this.#waiting.push(pending)
    this.#running ??= this.#run()
    return this.#answerInTime(pending)
  }

  /** Ends once nothing is under way. */
  async settle(): Promise<void> {
    await this.#running
  }

  #answerInTime(pending: Pending): Promise<WriteReply> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options
    const timer = setTimeout(() => {
      if (pending.isUnderWay) pending.answer.reject(slowDisk())
      else {
        this.#waiting = this.#waiting.filter((one) => one !== pending)
        this.#refuse(pending, toWriteError('read-only'))
      }
    }, timeoutMs)
    return pending.answer.promise.finally(() => clearTimeout(timer))
  }

  async #run(): Promise<void> {
    // What comes in this turn of the event loop is one group.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      try {
        await this.#records.makeUp()
      } catch (error) {
        for (const one of this.#waiting.splice(0)) this.#refuse(one, error)
        continue
      }
      const pending = this.#waiting.splice(0, MAX_GROUP)
      if (this.#fault?.isFinal) {
        for (const one of pending) this.#refuse(one, this.#fault.error)
        continue
      }
      for (const one of pending) one.isUnderWay = true
      try {
        await this.#carryOut(pending)
      } catch (error) {
        this.#options.log.error({ err: error }, 'a write to the entity store failed')
        for (const one of pending) if (one.isUnderWay) this.#refuse(one, error)
      }
    }
    this.#running = undefined
  }

  async #carryOut(pending: readonly Pending[]): Promise<void> {
    const { backend, now, onCommit } = this.#options
    const keys = pending.flatMap(({ key }) => key ?? [])
    let replies: readonly KeptReply[]
    try {
      replies = keys.length === 0 ? [] : await backend.replies(keys)
    } catch (error) {
      this.#fail(pending, error)
      return
    }
    const known = new Map(replies.map((reply) => [reply.key, reply]))
    const group = this.#plan(pending, known)
    if (group.rows.length > 0 || group.replies.length > 0) {
      this.#underWay = group
      try {
        const { number, store, rows, replies } = group
        await backend.commit({ number, version: store.version, rows, replies, now: now() })
      } catch (error) {
        this.#fail(
          group.done.map((one) => one.pending),
          error,
        )
        return
      } finally {
        this.#underWay = undefined
      }
      if (this.#fault !== undefined) this.#options.log.warn({}, 'the entity store takes writes again')
      this.#fault = undefined
      group.layer.merge()
      this.#state = { store: group.store, number: group.number }
      onCommit(this.#state, group.steps)
    }
    for (const one of group.done) this.#finish(one)
  }

  /** Each write meets what the ones before it leave. One that is refused leaves no trace. */
  #plan(pending: readonly Pending[], known: ReadonlyMap<string, KeptReply>): Group {
    const { index } = this.#options
    const layer = createRowLayer(index)
    const group: Group = { ...this.#state, rows: [], steps: [], replies: [], layer, done: [] }
    const startedAt = performance.now()
    for (const [at, one] of pending.entries()) {
      if (at > 0 && performance.now() - startedAt > MAX_PLANNING_MS) {
        const rest = pending.slice(at)
        for (const later of rest) later.isUnderWay = false
        this.#waiting = [...rest, ...this.#waiting]
        break
      }
      const kept = one.key === undefined ? undefined : known.get(one.key)
      if (kept !== undefined && kept.expires > this.#options.now()) this.#repeat(one, kept)
      else this.#planOne(group, one)
    }
    return group
  }

  #planOne(group: Group, pending: Pending): void {
    const { write } = pending
    try {
      const { store, number, layer } = group
      const plan = planWrite(
        { program: this.#options.program(), store, number, rows: layer },
        write.operations,
      )
      const reply = write.toReply(plan)
      noteSteps(layer, plan.steps, plan.number)
      group.rows.push(...toRowWrites(plan.steps, plan.number, assignmentIdOf))
      group.steps.push(...plan.steps)
      group.store = plan.store
      group.number = plan.number
      this.#keep(group, pending, reply)
      group.done.push({ pending, outcome: { reply }, plan })
    } catch (error) {
      if (!isKept(error)) this.#refuse(pending, error)
      else if (pending.key === undefined) group.done.push({ pending, outcome: { error } })
      else {
        const problem = toProblemOfError(error)
        const reply = { status: problem.status, body: JSON.stringify(problem) }
        this.#keep(group, pending, reply)
        group.done.push({ pending, outcome: { reply } })
      }
    }
  }

  #keep(group: Group, { key, write }: Pending, reply: WriteReply): void {
    if (key === undefined || write.idempotency === undefined) return
    const expires = this.#options.now() + REPLY_KEPT_MS
    const { fingerprint } = write.idempotency
    group.replies.push({ key, fingerprint, expires, content: JSON.stringify(reply) })
  }

  /** It tells of itself, too: the process may have ended before the record of the first was safe. */
  #repeat(pending: Pending, { fingerprint, content }: KeptReply): void {
    const { write } = pending
    if (fingerprint !== write.idempotency?.fingerprint) {
      this.#refuse(pending, keyReused())
      return
    }
    const reply = JSON.parse(content) as WriteReply
    const { number } = reply
    if (number !== undefined) this.#tell(write, { number, version: undefined, steps: [] })
    this.#answer({ pending, outcome: { reply: { ...reply, isRepeated: true } } })
  }

  #fail(pending: readonly Pending[], error: unknown): void {
    const fault = error instanceof PdpServerError ? error : toWriteError('unknown', error)
    // Whether it is stored, nobody knows: one that builds on either could be wrong.
    const isFinal = fault.code === 'store-failed'
    if (this.#fault === undefined)
      this.#options.log.error({ err: fault }, 'the entity store cannot be written')
    this.#fault = { error: fault, isFinal }
    for (const one of pending) this.#refuse(one, fault)
  }

  #finish(done: Done): void {
    const { pending, plan } = done
    if (plan !== undefined) this.#tell(pending.write, { ...plan, version: plan.store.version })
    this.#answer(done)
  }

  #tell(
    { caller, operations }: Write,
    { number, version, steps }: Pick<WriteRecord, 'number' | 'version' | 'steps'>,
  ): void {
    const time = this.#options.now()
    this.#records.tell({ caller, number, version, steps, time, ...(steps.length === 0 && { operations }) })
  }

  /** Whatever an answer says, it may rest on writes before: it goes out once they are recorded. */
  #answer({ pending, outcome }: Done): void {
    const safe = this.#records.whenSafe()
    const answer = () => {
      if ('error' in outcome) this.#refuse(pending, outcome.error)
      else this.#resolve(pending, outcome.reply)
    }
    if (safe === undefined) answer()
    else safe.then(answer, (error) => this.#refuse(pending, error))
  }

  #resolve(pending: Pending, reply: WriteReply): void {
    if (pending.key !== undefined) this.#keys.delete(pending.key)
    pending.answer.resolve(reply)
  }

  #refuse(pending: Pending, error: unknown): void {
    if (pending.key !== undefined) this.#keys.delete(pending.key)
    pending.answer.reject(error)
  }
}
