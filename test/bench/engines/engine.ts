import type { Workload } from '../workloads/workload.ts'

/** An engine that holds a workload. Requests are named by their place in the list of the workload. */
export interface Asker {
  /** Makes what the engine is spared for this request: entities cut, abilities cached. Never timed. */
  readonly ready?: (index: number) => void
  readonly decide: (index: number) => boolean
}

export interface Engine {
  /** The name in results. */
  readonly name: string
  /** What its time leaves out, in words for the report. */
  readonly spared: string
  /** Undefined where the engine cannot say the workload. */
  readonly prepare: (workload: Workload) => Promise<Asker | undefined>
  /**
   * Writes the policies down as the engine reads them, and returns what makes them ready: a call that is timed.
   * Left out: there is nothing to load.
   */
  readonly planLoading?: (workload: Workload) => Promise<LoadingPlan | undefined>
}

export interface LoadingPlan {
  /** The text that is loaded. */
  readonly source: string
  /** Returns what must stay alive for decisions. */
  readonly load: (source: string) => unknown
  /** What is loaded lies where the heap's figures do not show it. */
  readonly isOutsideHeap?: boolean
}

/**
 * Imports a peer. They are installed beside the benchmark alone, so their types are not here either: who imports says
 * what it needs.
 */
export async function importPeer<T>(name: string): Promise<T> {
  return (await import(name)) as T
}
