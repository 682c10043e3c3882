import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntityStore } from '@edict/policy-lang/program'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { createDirectorySource, type DirectorySourceOptions } from './directory-source.ts'
import { findLastGood } from './last-good.ts'
import type { PolicySource, SourceFailure, SourceState } from './policy-source.ts'
import { ticks } from './ticks.ts'

const POLICY = 'subject User\nresource Doc { actions read }\nrule v1: allow read on Doc\n'
const V2 = POLICY.replace('v1', 'v2')
const V3 = POLICY.replace('v1', 'v3')
const dataOf = (...ids: readonly string[]) =>
  JSON.stringify({ entities: ids.map((id) => ({ type: 'User', id, properties: { __proto__: 1 } })) })

type Heard =
  | { readonly kind: 'loaded'; readonly state: SourceState; readonly checkedAt: number }
  | { readonly kind: 'confirmed'; readonly checkedAt: number }
  | { readonly kind: 'failed'; readonly failure: SourceFailure }

let root: string
let source: PolicySource | undefined
let heard: Heard[]
let troubles: string[]
/** Whether what the source holds can be put in place. */
let fits = true
let wake: () => void = () => {}
let prepare: (state: SourceState) => Promise<void>

function hear(one: Heard): void {
  heard.push(one)
  wake()
}

async function start(options: Partial<DirectorySourceOptions> = {}): Promise<PolicySource> {
  heard = []
  troubles = []
  source = createDirectorySource({
    folders: { policies: join(root, 'p'), data: join(root, 'p', 'data') },
    pollMs: 60_000,
    log: { ...NO_LOG, warn: (_, message) => troubles.push(message) },
    ...options,
  })
  let latest: SourceState | undefined
  const place = (): boolean => {
    if (fits) latest?.keep?.()
    if (fits) latest = undefined
    return fits
  }
  await source.start({
    prepare: (state) => prepare(state),
    loaded: (state, checkedAt) => {
      latest = state
      hear({ kind: 'loaded', state, checkedAt })
      return place()
    },
    confirmed: (checkedAt) => {
      hear({ kind: 'confirmed', checkedAt })
      return place()
    },
    failed: (failure) => hear({ kind: 'failed', failure }),
  })
  return source
}

/** Ends once the source has said something of that kind, besides what it has said already. */
async function next<K extends Heard['kind']>(
  kind: K,
  from = heard.length,
): Promise<Extract<Heard, { kind: K }>> {
  for (;;) {
    const found = heard.slice(from).find((one) => one.kind === kind)
    if (found !== undefined) return found as Extract<Heard, { kind: K }>
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}

const write = (name: string, text: string) => writeFileSync(join(root, 'p', name), text)
const idsOf = (entities: EntityStore | undefined) => entities?.entitiesOf('User').map(({ id }) => id)

beforeEach(() => {
  prepare = () => Promise.resolve()
  root = mkdtempSync(join(tmpdir(), 'edict-source-'))
  mkdirSync(join(root, 'p', 'data'), { recursive: true })
  write('a.edict', POLICY)
  write('data/d.json', dataOf('ann'))
})
afterEach(async () => {
  await source?.stop()
  source = undefined
  rmSync(root, { recursive: true })
})

suite('createDirectorySource', () => {
  it('tells of what it loaded once that is made ready, and not after it was stopped', async () => {
    const { promise: ready, resolve } = Promise.withResolvers<void>()
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<SourceState>()
    prepare = (state) => {
      asked(state)
      return ready
    }
    const starting = start()
    const state = await isAsked
    expect(heard).toEqual([])
    resolve()
    await starting
    expect(heard).toMatchObject([{ kind: 'loaded', state }])
    const second = Promise.withResolvers<void>()
    const { promise: isAskedAgain, resolve: askedAgain } = Promise.withResolvers<void>()
    prepare = () => {
      askedAgain()
      return second.promise
    }
    write('a.edict', V2)
    const looking = source?.reload()
    await isAskedAgain
    await source?.stop()
    second.resolve()
    await looking
    await new Promise(setImmediate)
    expect(heard).toHaveLength(1)
  })

  // One thread for all of it: to start one takes a while.
  it('follows what changes, keeps what loaded last, and hears nothing once it is stopped', async () => {
    const stateDir = join(root, 'state')
    mkdirSync(stateDir)
    const kept = () => findLastGood(stateDir, join(root, 'p'))?.texts.policies[0]?.text
    const before = ticks()
    await start({ pollMs: 1000, stateDir })
    const [first] = heard
    if (first?.kind !== 'loaded') throw new Error('not loaded')
    expect(first.checkedAt).toBeGreaterThanOrEqual(before)
    expect([idsOf(first.state.entities), kept()]).toEqual([['ann'], POLICY])

    let coming = next('loaded')
    write('data/d.json', dataOf('ann', 'eve', '__proto__'))
    const second = (await coming).state
    expect(idsOf(second.entities)).toEqual(['__proto__', 'ann', 'eve'])
    expect(second.policySet.version).toBe(first.state.policySet.version)

    coming = next('loaded')
    write('a.edict', V2)
    let keptBefore: string | undefined
    prepare = async ({ keepSoon }) => {
      await keepSoon?.()
      keptBefore = kept()
    }
    const third = (await coming).state
    prepare = () => Promise.resolve()
    expect(keptBefore).toBe(V2)
    expect(third.entities?.version).toBe(second.entities?.version)
    const question = {
      subject: { type: 'User', id: 'ann' },
      action: { name: 'read' },
      resource: { type: 'Doc', id: 'd' },
    }
    expect(third.policySet.decide(question).reasons).toEqual([{ rule: 'v2' }])

    fits = false
    coming = next('loaded')
    write('a.edict', V3)
    await coming
    await source?.reload()
    expect(kept()).toBe(V2)
    fits = true
    await source?.reload()
    expect(kept()).toBe(V3)

    const failing = next('failed')
    write('a.edict', 'rule')
    expect((await failing).failure).toMatchObject({ what: 'policy', details: [{ place: 'a.edict:1:5' }] })
    expect(kept()).toBe(V3)

    const leaving = next('failed')
    renameSync(join(root, 'p'), join(root, 'away'))
    const { summary, details } = (await leaving).failure
    expect([summary, details]).toEqual([
      'a folder or file of policies or data cannot be read',
      [{ message: `there is no folder ${join(root, 'p')}` }],
    ])
    const confirming = next('confirmed')
    writeFileSync(join(root, 'away', 'a.edict'), V3)
    renameSync(join(root, 'away'), join(root, 'p'))
    await confirming

    coming = next('loaded')
    rmSync(stateDir, { recursive: true })
    write('a.edict', POLICY)
    await coming
    await source?.reload()
    expect(troubles).toEqual(['the policies and data that loaded last cannot be kept'])

    const { length } = heard
    write('a.edict', V2)
    const looking = source?.reload()
    await source?.stop()
    await looking
    await source?.reload()
    expect(heard).toHaveLength(length)
  })

  it('says that its thread ended, and answers no less to whoever waits for it', async () => {
    const dying =
      'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { throw new Error("oh") })'
    heard = []
    source = createDirectorySource({
      folders: { policies: join(root, 'p') },
      pollMs: 60_000,
      log: NO_LOG,
      worker: new URL(
        `data:text/javascript,${encodeURIComponent(`${dying}; parentPort.postMessage({kind: "started"})`)}`,
      ),
    })
    const failed: SourceFailure[] = []
    await source.start({
      loaded: () => true,
      confirmed: () => true,
      failed: (failure) => failed.push(failure),
    })
    await source.reload()
    expect(failed).toMatchObject([{ summary: expect.stringContaining('ended'), cause: { message: 'oh' } }])
    // It is started anew before its time where somebody asks.
    await source.reload()
    expect(failed).toHaveLength(2)
  })
})
