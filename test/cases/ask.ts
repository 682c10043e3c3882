// Puts the questions of a policy set: to the engine in this process, and to a started server.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Decision,
  type EntityData,
  type EntityStore,
  loadEntityData,
  type PolicySet,
} from '@edict/policy-lang'
import { startServer } from '../conformance/server.ts'
import type { Question } from './adapter.ts'

/** What came of a question; an error is never an allow. */
export type Reply =
  | { readonly decision: Decision; readonly detail: string }
  | { readonly decision: 'error'; readonly detail: string }

export type Ask = (question: Question) => Reply

/** Asks the engine. Entity data is loaded once for each object of it. */
export function createAsk(policySet: PolicySet): Ask {
  const loaded = new Map<EntityData, EntityStore | string>()
  return ({ request, data = {}, now }) => {
    const store = loaded.get(data) ?? load(policySet, data)
    loaded.set(data, store)
    if (typeof store === 'string') return { decision: 'error', detail: store }
    try {
      const clock = now === undefined ? {} : { now: () => Date.parse(now) }
      const answer = policySet.explain(request, { entities: store, detail: 'full', ...clock })
      return { decision: answer.decision, detail: JSON.stringify(answer, undefined, 2) }
    } catch (error) {
      return { decision: 'error', detail: String(error) }
    }
  }
}

function load(policySet: PolicySet, data: EntityData): EntityStore | string {
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'data', data }])
  return (
    store ?? `entity data is refused: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`
  )
}

/** Asks servers of this policy text, one after the other for each object of entity data. */
export async function askServer(
  text: string,
  questions: readonly Question[],
): Promise<ReadonlyMap<Question, Reply>> {
  const replies = new Map<Question, Reply>()
  const groups = Map.groupBy(
    questions.filter(({ now }) => now === undefined),
    ({ data }) => data,
  )
  for (const [data = {}, group] of groups) {
    const directory = mkdtempSync(join(tmpdir(), 'edict-cases-'))
    try {
      writeFileSync(join(directory, 'policy.edict'), text)
      mkdirSync(join(directory, 'data'))
      writeFileSync(join(directory, 'data', 'data.json'), JSON.stringify(data))
      await askEach(directory, group, replies)
    } catch (error) {
      for (const question of group) replies.set(question, { decision: 'error', detail: String(error) })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  return replies
}

async function askEach(
  directory: string,
  questions: readonly Question[],
  replies: Map<Question, Reply>,
): Promise<void> {
  const server = await startServer(directory)
  try {
    for (const question of questions) replies.set(question, await post(server.url, question))
  } finally {
    await server.stop()
  }
}

async function post(url: string, { request }: Question): Promise<Reply> {
  const response = await fetch(new URL('/decide', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  const decision = response.status === 200 ? JSON.parse(text).decision : undefined
  if (decision === 'allow' || decision === 'deny') return { decision, detail: text }
  return { decision: 'error', detail: `status ${response.status}: ${text}` }
}
