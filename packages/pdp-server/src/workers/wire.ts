// What two processes say to each other: questions with one answer each, and news. Who is at the other end it does not
// know, nor what they say.
import { PdpServerError, type PdpServerErrorCode } from '../errors.ts'

/** One end of a connection between two processes. */
export interface Port {
  readonly send: (message: unknown) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
}

export type Handler = (payload: unknown) => unknown

type Message =
  | { readonly edict: 'ask'; readonly id: number; readonly topic: string; readonly payload: unknown }
  | { readonly edict: 'tell'; readonly topic: string; readonly payload: unknown }
  | { readonly edict: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly edict: 'fault'; readonly id: number; readonly fault: PackedError }

/** An error on its way: whoever gets it can tell its kind, and say what it says. */
interface PackedError {
  readonly message: string
  readonly code?: PdpServerErrorCode
  /** Whatever else the sender wants told apart. */
  readonly detail?: unknown
}

/** An error that happened in the other process. */
export class RemoteError extends Error {
  readonly detail: unknown

  constructor(message: string, detail: unknown) {
    super(message)
    this.name = 'RemoteError'
    this.detail = detail
  }
}

export interface WireOptions {
  /** Told of news that nobody takes, and of what news bring about. Default: nobody. */
  readonly onError?: (error: unknown) => void
  /** What of an error the other end gets besides its message. Default: nothing. */
  readonly describeError?: (error: unknown) => unknown
}

export class Wire {
  readonly #port: Port
  readonly #options: WireOptions
  readonly #handlers = new Map<string, Handler>()
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #nextId = 0
  #isClosed = false

  constructor(port: Port, options: WireOptions = {}) {
    this.#port = port
    this.#options = options
    port.onMessage((message) => this.#take(message))
  }

  /** What the other end is answered on a topic; for news, what they bring about. */
  handle(topic: string, handler: Handler): void {
    this.#handlers.set(topic, handler)
  }

  /** Ends with the answer; throws where the other end did, or is gone. */
  ask(topic: string, payload?: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(gone())
    const id = this.#nextId++
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answer)
    try {
      this.#port.send({ edict: 'ask', id, topic, payload } satisfies Message)
    } catch (error) {
      this.#settle(id)?.reject(error)
    }
    return answer.promise
  }

  tell(topic: string, payload?: unknown): void {
    this.#send({ edict: 'tell', topic, payload })
  }

  /** The other end is gone: whoever waits for it hears so. */
  close(): void {
    this.#isClosed = true
    for (const { reject } of this.#waiting.values()) reject(gone())
    this.#waiting.clear()
  }

  #send(message: Message): void {
    if (this.#isClosed) return
    try {
      this.#port.send(message)
    } catch (error) {
      // The other end has just gone, which is told in its own way.
      this.#options.onError?.(error)
    }
  }

  #take(message: unknown): void {
    if (!isMessage(message)) return
    switch (message.edict) {
      case 'answer':
        this.#settle(message.id)?.resolve(message.value)
        return
      case 'fault':
        this.#settle(message.id)?.reject(unpackError(message.fault))
        return
      case 'tell':
        void this.#run(message.topic, message.payload).catch((error: unknown) =>
          this.#options.onError?.(error),
        )
        return
      case 'ask':
        this.#run(message.topic, message.payload)
          .then((value) => this.#port.send({ edict: 'answer', id: message.id, value } satisfies Message))
          // Also where the answer cannot be sent.
          .catch((error: unknown) =>
            this.#send({ edict: 'fault', id: message.id, fault: this.#packError(error) }),
          )
    }
  }

  async #run(topic: string, payload: unknown): Promise<unknown> {
    const handler = this.#handlers.get(topic)
    if (handler === undefined) throw new Error(`nobody takes ${topic}`)
    return await handler(payload)
  }

  #settle(id: number): PromiseWithResolvers<unknown> | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #packError(error: unknown): PackedError {
    const message = error instanceof Error ? error.message : String(error)
    const detail = this.#options.describeError?.(error)
    return {
      message,
      ...(error instanceof PdpServerError && { code: error.code }),
      ...(detail !== undefined && { detail }),
    }
  }
}

function unpackError({ message, code, detail }: PackedError): Error {
  return code === undefined ? new RemoteError(message, detail) : new PdpServerError(code, message)
}

function gone(): Error {
  return new Error('the other process is gone')
}

function isMessage(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'edict' in message
}
