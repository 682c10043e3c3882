// Keeps bundles on disk behind the back of what decides: a disk that hangs or is full stops nothing, and is told.
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessCheck } from '../telemetry/readiness.ts'
import type { KeptBundle } from './kept-bundle.ts'

/** How long anybody waits for the disk. */
const PATIENCE_MS = 5000

export class BundleKeeper {
  readonly #kept: KeptBundle
  readonly #log: Log
  /** What is to be done once the disk is free; a bundle to write comes before a confirmation. */
  #next: Uint8Array | 'confirm' | undefined
  #working: Promise<void> | undefined
  #isFailing = false

  constructor(kept: KeptBundle, log: Log) {
    this.#kept = kept
    this.#log = log
  }

  /** Whether what is in use is not what is kept. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  write(bytes: Uint8Array): void {
    this.#next = bytes
    this.#working ??= this.#work()
  }

  /** Does nothing where what is kept is not what is in use: only `write` mends that. */
  confirm(): void {
    if (this.#isFailing) return
    this.#next ??= 'confirm'
    this.#working ??= this.#work()
  }

  /** Ends once all is on disk, or cannot be, or takes too long. */
  async settle(): Promise<void> {
    if (this.#working === undefined) return
    await Promise.race([this.#working, pause(PATIENCE_MS, undefined, { ref: false })])
  }

  /** For `/readyz`: what decisions do not suffer from. */
  check(): ReadinessCheck {
    const name = 'bundleKept'
    if (!this.#isFailing) return { name, status: 'ok', detail: 'the last good bundle is kept' }
    const detail = 'the last good bundle cannot be kept: a restart while its source is away would have none'
    return { name, status: 'degraded', detail }
  }

  async #work(): Promise<void> {
    for (let task = this.#take(); task !== undefined; task = this.#take()) {
      try {
        if (task === 'confirm') await this.#kept.confirm()
        else await this.#kept.write(task)
        this.#isFailing = false
      } catch (err) {
        if (!this.#isFailing) this.#log.error({ err }, 'the bundle in use cannot be kept')
        this.#isFailing = true
        // It was meant for what is not on disk.
        if (this.#next === 'confirm') this.#next = undefined
      }
    }
    this.#working = undefined
  }

  #take(): Uint8Array | 'confirm' | undefined {
    const task = this.#next
    this.#next = undefined
    return task
  }
}
