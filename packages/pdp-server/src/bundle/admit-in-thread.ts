import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { EntityStore } from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import { unpackState } from '../sources/pack-state.ts'
import type { SourceState } from '../sources/policy-source.ts'
import type { AdmissionResult, AdmissionTask } from './admission-messages.ts'
import { type AdmissionRules, admitBundle, type SeenBundle } from './admit-bundle.ts'

/** A bundle that may be put to use. */
export interface AdmittedBundle {
  readonly seen: SeenBundle
  readonly keyId: string
  readonly state: SourceState
  readonly bytes: Uint8Array
}

export interface AdmissionOptions {
  readonly rules: AdmissionRules
  /** The entity data in use, which a bundle may share. */
  readonly known: EntityStore | undefined
  /** Ends it. */
  readonly signal: AbortSignal
  /** Up to this size, a thread of its own takes longer than the bundle. Default 65,536. */
  readonly inlineBytes?: number
}

/** The source, or the built file. */
const WORKER = new URL(`./admission-worker${import.meta.url.slice(-3)}`, import.meta.url)
const INLINE_BYTES = 64 * 1024

/**
 * Checks and loads a bundle: a large one in a thread of its own, so that no request waits for it.
 * Throws `PdpServerError` `bad-bundle`.
 */
export async function admitInThread(bytes: Uint8Array, options: AdmissionOptions): Promise<AdmittedBundle> {
  const { rules, known, signal, inlineBytes = INLINE_BYTES } = options
  if (bytes.length <= inlineBytes) {
    const { loaded, ...admission } = admitBundle(bytes, rules)
    return { ...admission, state: loaded.state, bytes }
  }
  const result = await runThread({ bytes: toOwnBuffer(bytes), rules, knownData: known?.version }, signal)
  if (result.kind === 'refused') {
    const { message, problems, isForNow } = result
    throw new PdpServerError('bad-bundle', message, { problems, isForNow })
  }
  const { seen, keyId, state } = result
  return { seen, keyId, bytes: result.bytes, state: await unpackState(state, known) }
}

async function runThread(task: AdmissionTask, signal: AbortSignal): Promise<AdmissionResult> {
  const worker = new Worker(WORKER, { workerData: task, transferList: [task.bytes.buffer as ArrayBuffer] })
  const stop = () => void worker.terminate()
  signal.addEventListener('abort', stop)
  try {
    // Where it ends without a word, such as for want of memory, `error` says so, or it was stopped.
    const ended = once(worker, 'exit').then(() =>
      Promise.reject(new Error('the thread ended without a result')),
    )
    const [result] = await Promise.race([once(worker, 'message'), ended])
    return result as AdmissionResult
  } finally {
    signal.removeEventListener('abort', stop)
    void worker.terminate()
  }
}

/** Bytes that are the whole of their buffer can be handed over. */
function toOwnBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes)
}
