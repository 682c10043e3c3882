// Every engine of the benchmark, Edict and its floor first. A process imports only the one that it measures.
import type { Engine } from './engine.ts'

const IMPORTS: ReadonlyMap<string, () => Promise<Engine>> = new Map([
  ['edict', async () => (await import('./edict.ts')).EDICT],
  ['floor', async () => (await import('./floor.ts')).FLOOR],
  ['edict-program', async () => (await import('./edict.ts')).EDICT_PROGRAM],
  ['cedar-wasm', async () => (await import('./cedar.ts')).CEDAR],
  ['casbin', async () => (await import('./casbin.ts')).CASBIN],
  ['casl', async () => (await import('./casl.ts')).CASL],
  ['accesscontrol', async () => (await import('./accesscontrol.ts')).ACCESS_CONTROL],
  ['cel-js', async () => (await import('./cel.ts')).CEL],
])

export const ENGINE_NAMES: readonly string[] = [...IMPORTS.keys()]

/** @throws Error where there is no such engine */
export async function importEngine(name: string): Promise<Engine> {
  const engine = await IMPORTS.get(name)?.()
  if (engine === undefined) throw new Error(`no engine \`${name}\``)
  return engine
}
