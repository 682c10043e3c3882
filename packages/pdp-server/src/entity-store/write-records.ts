// Records of writes, kept until they are safe. A write is on the disk before its record is: where that fails, nothing
// may confirm the write, neither to whoever repeats it nor to whoever finds it done, until its record was told again.
import { PdpServerError } from '../errors.ts'
import type { WriteRecord } from './audit-entry.ts'

interface Told {
  readonly record: WriteRecord
  safe: Promise<void>
  isFailed: boolean
}

export class WriteRecords {
  readonly #audit: (record: WriteRecord) => Promise<void> | undefined
  /** Told, and not safe yet, in the order of the writes. */
  readonly #open = new Set<Told>()
  #whenSafe: Promise<void> | undefined

  /** @param audit gives what ends once a record is safe; undefined: nobody waits for that */
  constructor(audit: (record: WriteRecord) => Promise<void> | undefined) {
    this.#audit = audit
  }

  tell(record: WriteRecord): void {
    const told: Told = { record, safe: Promise.resolve(), isFailed: false }
    if (!this.#tell(told)) return
    this.#awaitAll(this.#whenSafe === undefined ? [told.safe] : [this.#whenSafe, told.safe])
  }

  /** Ends once all that was told is safe; rejects where something is not. Undefined: it is. */
  whenSafe(): Promise<void> | undefined {
    return this.#open.size === 0 ? undefined : this.#whenSafe
  }

  /** Tells those again that failed. Throws `PdpServerError` `not-recorded` where one fails again. */
  async makeUp(): Promise<void> {
    const failed = [...this.#open].filter(({ isFailed }) => isFailed)
    if (failed.length === 0) return
    for (const told of failed) this.#tell(told)
    this.#awaitAll([...this.#open].map(({ safe }) => safe))
    await this.whenSafe()?.catch((cause) => {
      throw new PdpServerError('not-recorded', NOT_TAKEN, { cause })
    })
  }

  /** Whether it is not safe at once. */
  #tell(told: Told): boolean {
    const safe = this.#start(told.record)
    if (safe === undefined) {
      this.#open.delete(told)
      return false
    }
    told.safe = safe
    told.isFailed = false
    this.#open.add(told)
    safe.then(
      () => this.#open.delete(told),
      () => {
        told.isFailed = true
      },
    )
    return true
  }

  #start(record: WriteRecord): Promise<void> | undefined {
    try {
      return this.#audit(record)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #awaitAll(promises: readonly Promise<void>[]): void {
    this.#whenSafe = Promise.all(promises).then(
      () => undefined,
      (cause) => {
        throw new PdpServerError('not-recorded', NOT_SAFE, { cause })
      },
    )
    // Some writes are answered without it.
    this.#whenSafe.catch(() => undefined)
  }
}

const NOT_SAFE =
  'what is stored cannot be confirmed, since its record, or that of a write before, is not safe: repeat the request, ' +
  'with the same Idempotency-Key if it had one'
const NOT_TAKEN = 'the record of a write before is not safe yet, and no other is taken: nothing was stored'
