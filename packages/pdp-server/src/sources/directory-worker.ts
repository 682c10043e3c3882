// The thread that follows the folders: what it takes to look at files, parse and check, no request waits for.
import { parentPort, workerData } from 'node:worker_threads'
import type { StateTexts } from '../load-state.ts'
import { createContentComparer } from './compare-content.ts'
import { followDirectories, type SettledLook } from './directory-follower.ts'
import { createDirectoryLoader } from './directory-loader.ts'
import type { FollowerMessage, FollowerSetup, HeardReply, LookRequest } from './directory-messages.ts'
import { writeNextGood } from './last-good.ts'
import { yieldToRequests } from './yield-to-requests.ts'

const port = parentPort
if (port === null) throw new Error('this file is run as a thread')
const { folders, pollMs, initial, initialData, stateDir } = workerData as FollowerSetup

const say = (message: FollowerMessage, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...transfer])

yieldToRequests()

/** Told once the other thread knows what the folders hold: one look at a time is under way. */
let hear = (): void => {}

function ask(message: FollowerMessage, transfer?: readonly ArrayBuffer[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  hear = resolve
  say(message, transfer)
  return promise
}

/** The version of the entity data that the other thread has. */
let knownData = initialData
const contents = createContentComparer()
let lastFault: string | undefined

async function looked(look: SettledLook, checkedAt: number): Promise<void> {
  if (look.outcome === 'failed') {
    const fault = JSON.stringify(look.failure)
    if (fault !== lastFault) say({ kind: 'failed', failure: look.failure })
    lastFault = fault
    return
  }
  lastFault = undefined
  if (look.outcome === 'same') return ask({ kind: 'confirmed', checkedAt })
  const isWritten = write(look.texts)
  const { packState, transferable } = await import('./pack-state.ts')
  const { content, state: { entities } = {} } = look.loaded
  const changes = content && entities && contents.next(content, entities.version)
  const state = packState(look.loaded, knownData, changes)
  knownData = state.data?.version
  await ask({ kind: 'loaded', state, checkedAt, isWritten }, transferable(state))
}

/** Before it is offered: a disk that is slow holds up nobody here. */
function write(texts: StateTexts): boolean {
  if (stateDir === undefined) return false
  try {
    writeNextGood(stateDir, folders.policies, texts)
    return true
  } catch (error) {
    say({ kind: 'trouble', message: 'the policies and data that loaded last cannot be kept', error })
    return false
  }
}

const follower = followDirectories({
  loader: createDirectoryLoader(folders, { initial }),
  directories: [folders.policies, ...(folders.data === undefined ? [] : [folders.data])],
  pollMs,
  looked,
  trouble: (message, error) => say({ kind: 'trouble', message, error }),
})

port.on('message', (message: LookRequest | HeardReply) => {
  if (message.kind === 'heard') hear()
  else void follower.look(true).then(() => say({ kind: 'looked', id: message.id }))
})
void follower.look(false).then(() => say({ kind: 'started' }))
