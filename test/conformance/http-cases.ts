// Cases of the certification scenario that stand in prose: headers, raw bodies, repetition.
import { type Ask, checkDecision, checkDecisions, checkSuccess, type Reply } from './scenario.ts'

const EVALUATION = '/access/v1/evaluation'
const EVALUATIONS = '/access/v1/evaluations'
const READ = {
  subject: { type: 'user', id: 'alice' },
  action: { name: 'read' },
  resource: { type: 'record', id: 'record-1' },
}
const BATCH = { subject: READ.subject, resource: READ.resource, evaluations: [{ action: READ.action }, {}] }

const checks: ReadonlyMap<string, (ask: Ask) => Promise<readonly string[]>> = new Map([
  ['C-2-4-3', (ask) => checkRefused(ask, JSON.stringify(READ), { 'content-type': 'text/plain' })],
  ['C-2-4-4', (ask) => checkRefused(ask, '{"subject": {"type": "user",')],
  ['C-2-4-5', (ask) => checkRefused(ask, '')],
  ['C-2-5-1', checkRequestIdEchoed],
  ['C-2-5-2', async (ask) => checkDecision(await ask(EVALUATION, { body: READ }), true)],
  ['C-2-6', checkStable],
  ['C-5', checkContentType],
])

/** What is wrong with how the server meets the section of the scenario. */
export async function checkHttpCase(section: string, ask: Ask): Promise<readonly string[]> {
  const check = checks.get(section)
  return check === undefined ? [`no check for section ${section}`] : check(ask)
}

/** Both endpoints answer 400. */
async function checkRefused(
  ask: Ask,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const replies = [await ask(EVALUATION, { body, headers }), await ask(EVALUATIONS, { body, headers })]
  return replies
    .filter((reply) => reply.status !== 400)
    .map((reply) => `status ${reply.status} instead of 400: ${reply.text.slice(0, 300)}`)
}

/** On success and on refusal. */
async function checkRequestIdEchoed(ask: Ask): Promise<readonly string[]> {
  const id = 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716'
  const headers = { 'x-request-id': id }
  const replies = [
    await ask(EVALUATION, { body: READ, headers }),
    await ask(EVALUATIONS, { body: BATCH, headers }),
    await ask(EVALUATION, { body: {}, headers }),
  ]
  return replies
    .map((reply) => reply.headers.get('x-request-id'))
    .filter((echoed) => echoed !== id)
    .map((echoed) => `X-Request-ID ${JSON.stringify(echoed)} instead of ${JSON.stringify(id)}`)
}

/** The same question three times: of a single one the decision stays, of a batch the whole body. */
async function checkStable(ask: Ask): Promise<readonly string[]> {
  const problems: string[] = []
  const bodies = new Set<string>()
  for (let round = 0; round < 3; round++) {
    problems.push(...checkDecision(await ask(EVALUATION, { body: READ }), true))
    const batch = await ask(EVALUATIONS, { body: BATCH })
    problems.push(...checkDecisions(batch, [true, false]))
    bodies.add(batch.text)
  }
  return bodies.size === 1 ? problems : [...problems, `the batch changes: ${[...bodies].join(' / ')}`]
}

async function checkContentType(ask: Ask): Promise<readonly string[]> {
  const replies: readonly Reply[] = [
    await ask(EVALUATION, { body: READ }),
    await ask(EVALUATIONS, { body: BATCH }),
  ]
  return replies.flatMap(checkSuccess)
}
