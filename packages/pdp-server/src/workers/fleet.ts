// The processes that answer, as the first process sees them: started, started again where one dies, brought from one
// state to the next together, stopped together. What they do, it does not know.
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { PdpServerError, type PdpServerErrorCode } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { inTime } from './in-time.ts'
import { Wire } from './wire.ts'

export interface FleetOptions {
  readonly size: number
  /** What a new worker is told first. */
  readonly welcome: () => unknown
  /** Answers what workers ask, besides what the fleet answers itself. */
  readonly serve: (wire: Wire) => void
  /** What of an error they get besides its message. */
  readonly describeError: (error: unknown) => unknown
  readonly log: Log
}

/** A state on its way to workers: what each must hold before any of them uses it. */
export interface FleetState {
  /** @param held what the worker holds; of what is the same, it needs nothing */
  readonly pack: (held: FleetState | undefined) => PackedForWorker
}

export interface PackedForWorker {
  readonly message: unknown
  /** Whether to load it is a matter of milliseconds. */
  readonly isSmall: boolean
}

/** What a worker says once it listens. */
export interface MemberStart {
  readonly url: string
  readonly callers: string | undefined
}

interface Member {
  readonly worker: Worker
  readonly wire: Wire
  readonly startedAt: number
  /** It was told how things stand, and hears all news from then on. */
  isWelcome: boolean
  /** It holds the latest state, and gets each new one. */
  isJoined: boolean
  isListening: boolean
  held: FleetState | undefined
}

/** The source, or the built file. */
const WORKER_FILE = fileURLToPath(new URL(`./serve-worker${import.meta.url.slice(-3)}`, import.meta.url))
/** Who takes longer to load a state, or to hear news that all must hear, is started anew. */
const PREPARE_TIMEOUT_MS = 60_000
const HEAR_TIMEOUT_MS = 5000
const MIN_RESTART_MS = 100
const MAX_RESTART_MS = 10_000
/** Who lived as long did not die of its start. */
const SETTLED_MS = 10_000
/** So many deaths before all have started, and none will. */
const MAX_START_DEATHS = 5
/** Beyond the time that requests in flight have. */
const STOP_MARGIN_MS = 5000

export class Fleet {
  readonly #options: FleetOptions
  readonly #members = new Set<Member>()
  readonly #restartTimers = new Set<NodeJS.Timeout>()
  readonly #allJoined = Promise.withResolvers<void>()
  readonly #started = Promise.withResolvers<MemberStart>()
  #state: FleetState | undefined
  /** What is to be brought to workers, and when that is done. */
  #next: FleetState | undefined
  #publishing: Promise<void> | undefined
  /** Changes of what workers hold follow one another. */
  #queue: Promise<void> = Promise.resolve()
  #restarts = 0
  #quickDeaths = 0
  #hasStarted = false
  #isStopping = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  /** Ends once all listen. Throws `PdpServerError` where one cannot. */
  async start(): Promise<MemberStart> {
    cluster.setupPrimary({ exec: WORKER_FILE, args: [], serialization: 'advanced' })
    for (let count = 0; count < this.#options.size; count++) this.#fork()
    return this.#started.promise
  }

  status(): { readonly size: number; readonly listening: number; readonly restarts: number } {
    const listening = [...this.#members].filter((member) => member.isListening).length
    return { size: this.#options.size, listening, restarts: this.#restarts }
  }

  /**
   * Brings all workers to a state: each loads it, and once all have, each is told to use it. Ends once all do. Of
   * states that come while others are on their way, the last counts.
   * INVARIANT: none uses it while one that listens has not loaded it.
   */
  publish(state: FleetState): Promise<void> {
    this.#next = state
    this.#publishing ??= this.#inTurn(() => {
      this.#publishing = undefined
      return this.#bring(this.#next ?? state)
    })
    return this.#publishing
  }

  async #bring(state: FleetState): Promise<void> {
    this.#state = state
    const joined = [...this.#members].filter((member) => member.isJoined)
    await Promise.all(joined.map((member) => this.#prepare(member, state)))
    await Promise.all(joined.map((member) => this.#commit(member)))
  }

  /** News for all. */
  tell(topic: string, payload?: unknown): void {
    for (const { wire } of this.#members) wire.tell(topic, payload)
  }

  /** Ends once all have heard it, and answered; who does not is ended, so that none goes on without. */
  async tellSurely(topic: string, payload: unknown): Promise<void> {
    await Promise.all(
      [...this.#members].map(async (member) => {
        if (!member.isWelcome) return
        const isHeard = await inTime(member.wire.ask(topic, payload), HEAR_TIMEOUT_MS)
        if (!isHeard) this.#end(member, `a worker did not hear of ${topic}`)
      }),
    )
  }

  /** What all that can answer do answer. */
  async askAll(topic: string): Promise<readonly unknown[]> {
    const answers = await Promise.all(
      [...this.#members].map(async ({ wire, isListening }) => {
        if (!isListening) return []
        const answer = wire.ask(topic)
        return (await inTime(answer, HEAR_TIMEOUT_MS)) ? [await answer] : []
      }),
    )
    return answers.flat(1)
  }

  /** Ends once all are gone. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    for (const timer of this.#restartTimers) clearTimeout(timer)
    const gone = [...this.#members].map(({ worker }) => (worker.isDead() ? undefined : once(worker, 'exit')))
    this.tell('stop')
    const isDone = await inTime(Promise.all(gone), timeoutMs + STOP_MARGIN_MS)
    if (isDone) return
    for (const member of this.#members) this.#end(member, 'a worker did not stop in time')
    await Promise.all(gone)
  }

  #fork(): void {
    const { serve, welcome, describeError, log } = this.#options
    const worker = cluster.fork()
    const wire = new Wire(
      {
        send: (message) => worker.send(message as object, () => {}),
        onMessage: (listener) => worker.on('message', listener),
      },
      { describeError, onError: (error) => log.error({ err: error }, 'a message of a worker failed') },
    )
    const member: Member = {
      worker,
      wire,
      startedAt: performance.now(),
      isWelcome: false,
      isJoined: false,
      isListening: false,
      held: undefined,
    }
    this.#members.add(member)
    wire.handle('welcome', () => {
      member.isWelcome = true
      return welcome()
    })
    wire.handle('join', () => this.#join(member))
    wire.handle('listening', (start) => this.#listens(member, start as MemberStart))
    wire.handle('failed', (fault) => this.#fails(fault as StartFault))
    serve(wire)
    worker.on('error', (error) => log.error({ err: error }, 'a worker is in trouble'))
    worker.once('exit', (code, signal) => this.#exits(member, code, signal))
  }

  /** A worker holds the latest state from now on. Ends once all do that are to start together. */
  async #join(member: Member): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state !== undefined) {
        await this.#prepare(member, this.#state)
        await this.#commit(member)
      }
      member.isJoined = true
    })
    const joined = [...this.#members].filter(({ isJoined }) => isJoined)
    if (joined.length >= this.#options.size) this.#allJoined.resolve()
    await this.#allJoined.promise
  }

  async #prepare(member: Member, state: FleetState): Promise<void> {
    const { message, isSmall } = state.pack(member.held)
    const answer = member.wire.ask('prepare', message)
    if (await inTime(answer, isSmall ? HEAR_TIMEOUT_MS : PREPARE_TIMEOUT_MS)) member.held = state
    else this.#end(member, 'a worker could not load what is to decide')
  }

  async #commit(member: Member): Promise<void> {
    if (await inTime(member.wire.ask('commit'), HEAR_TIMEOUT_MS)) return
    this.#end(member, 'a worker did not use what is to decide')
  }

  #listens(member: Member, start: MemberStart): void {
    member.isListening = true
    const { listening, size } = this.status()
    if (listening >= size) {
      this.#hasStarted = true
      this.#started.resolve(start)
    }
    this.#tellStatus()
  }

  /** Before all listened: the service cannot start. Later, the worker is tried again like any that dies. */
  #fails({ message, code }: StartFault): void {
    if (this.#hasStarted) {
      this.#options.log.error({ detail: message }, 'a worker cannot start')
      return
    }
    this.#isStopping = true
    this.#started.reject(code === undefined ? new Error(message) : new PdpServerError(code, message))
  }

  #exits(member: Member, code: number | null, signal: string | null): void {
    this.#members.delete(member)
    member.wire.close()
    if (this.#isStopping) return
    this.#options.log.error(
      { pid: member.worker.process.pid, code, signal },
      'a worker ended, and is started again',
    )
    this.#tellStatus()
    const age = performance.now() - member.startedAt
    this.#quickDeaths = age > SETTLED_MS ? 0 : this.#quickDeaths + 1
    this.#restarts += 1
    if (!this.#hasStarted && this.#quickDeaths >= MAX_START_DEATHS) {
      this.#fails({ message: 'workers end before they listen; the log may say why' })
      return
    }
    const wait = Math.min(MIN_RESTART_MS * 2 ** Math.min(this.#quickDeaths, 20), MAX_RESTART_MS)
    const timer = setTimeout(() => {
      this.#restartTimers.delete(timer)
      if (!this.#isStopping) this.#fork()
    }, wait)
    this.#restartTimers.add(timer)
  }

  #end({ worker }: Member, why: string): void {
    if (worker.isDead()) return
    this.#options.log.error({ pid: worker.process.pid }, why)
    worker.process.kill('SIGKILL')
  }

  #tellStatus(): void {
    this.tell('fleet', this.status())
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return turn
  }
}

export interface StartFault {
  readonly message: string
  readonly code?: PdpServerErrorCode
}
