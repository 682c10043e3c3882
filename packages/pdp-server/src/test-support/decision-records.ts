// Records of decisions, and receivers of the log, for tests of what is told of them.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DecisionRequest } from '@edict/policy-lang'
import type { DecisionOrigin, DecisionRecord } from '../decide/decision-record.ts'
import { createPdp } from '../decide/pdp.ts'
import { exportOpen, loadPolicy } from './service.ts'

const policySet = loadPolicy()

export interface RecordChanges extends Partial<Omit<DecisionRecord, 'origin' | 'id'>> {
  /** Default: `{ id: 'id-1' }`. */
  readonly origin?: DecisionOrigin
}

/** The record of a decision by the policy of the tests. */
export function createRecord(
  request: DecisionRequest = exportOpen,
  { origin, index, ...changes }: RecordChanges = {},
): DecisionRecord {
  const records: DecisionRecord[] = []
  const now = () => Date.UTC(2026, 0, 1)
  const pdp = createPdp({ state: { policySet }, now, onDecision: (record) => void records.push(record) })
  pdp.begin({ id: 'id-1', ...origin }).decide(request, index)
  return { ...(records[0] as DecisionRecord), durationMs: 0.25, ...changes }
}

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** What is answered from now on. Default 200. */
  answer: { status: number; headers?: Record<string, string>; body?: string }
  readonly stop: () => Promise<void>
}

/** A server that takes whatever is posted. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const receiver = { url: '', received, answer: { status: 200 } as Receiver['answer'], stop: () => stop() }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const { status, headers = {}, body: text = '' } = receiver.answer
      if (status === 200) received.push({ headers: request.headers, body })
      response.writeHead(status, headers).end(text)
    })
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`
  return receiver
}

/** Ends once the condition holds; fails after two seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 2000) throw new Error(`never: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The JSON of each line. */
export function readLines(text: string): readonly Record<string, unknown>[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line is torn')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}
