// What a process of its own measures once: loading, memory, garbage. Engines take turns here as well.
import type { GarbageReply, GarbageTask } from './garbage-worker.ts'
import type { LoadReply, LoadTask } from './load-worker.ts'
import type { MemoryReply, MemoryTask } from './memory-worker.ts'
import { median } from './statistics.ts'
import { startWorker } from './worker-client.ts'

/** Half a gigabyte of room for young objects. */
const GARBAGE_FLAGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512']
/** An object of two properties: three words of header, two of properties. */
const KNOWN_BYTES = 40

interface Failed {
  readonly kind: 'failed'
  readonly message: string
}

async function runOnce<Reply extends { readonly kind: string }>(
  file: string,
  task: { readonly workload: string; readonly engine: string },
  nodeOptions: readonly string[] = [],
): Promise<Exclude<Reply, Failed>> {
  const worker = startWorker<Reply | Failed>(file, task, nodeOptions)
  try {
    const reply = await worker.receive()
    if (reply.kind === 'failed') {
      throw new Error(`${task.workload}, ${task.engine}: ${(reply as Failed).message}`)
    }
    return reply as Exclude<Reply, Failed>
  } finally {
    worker.stop()
  }
}

/** @returns milliseconds by engine, the median over fresh processes; engines without a form are left out */
export async function measureLoad(
  workload: string,
  engines: readonly string[],
  samples: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number[]>()
  for (let turn = 0; turn < samples; turn++) {
    for (const engine of engines) {
      if (turn > 0 && !found.has(engine)) continue
      const task: LoadTask = { workload, engine }
      const reply = await runOnce<LoadReply>('load-worker.ts', task)
      if (reply.kind !== 'loaded') continue
      found.set(engine, [...(found.get(engine) ?? []), reply.milliseconds])
    }
  }
  return new Map([...found].map(([engine, values]) => [engine, median(values)]))
}

/** @returns bytes a rule; undefined where the engine has no form */
export async function measureMemory(task: MemoryTask): Promise<number | undefined> {
  const reply = await runOnce<MemoryReply>('memory-worker.ts', task, ['--expose-gc'])
  return reply.kind === 'measured' ? reply.bytesOfRule : undefined
}

/**
 * @returns bytes a decision; undefined where the engine has no form
 * @throws Error where the method does not find what a known function allocates
 */
export async function measureGarbage(task: GarbageTask): Promise<number | undefined> {
  const reply = await runOnce<GarbageReply>('garbage-worker.ts', task, GARBAGE_FLAGS)
  if (reply.kind !== 'measured') return undefined
  if (Math.abs(reply.bytesOfKnown - KNOWN_BYTES) > 1) {
    throw new Error(`garbage cannot be measured here: ${reply.bytesOfKnown} bytes instead of ${KNOWN_BYTES}`)
  }
  return Math.max(0, reply.bytes)
}
