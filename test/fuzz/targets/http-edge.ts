// Anything over HTTP: one of the documented statuses with a body that fits it, and an allow for one question alone.
import { type App, createApp, createPdp, type Log } from '@edict/pdp-server'
import { loadPolicySet } from '@edict/policy-lang'
import { HOSTILE_TEXTS } from '../hostile.ts'
import { mutateJson } from '../mutate-json.ts'
import { mutateCharacters, mutateWords, shrinkText, splitWords } from '../mutate-text.ts'
import type { Random } from '../random.ts'
import { defineTarget, type Target } from '../target.ts'
import { judgeReply } from './judge-reply.ts'
import { LOCK_POLICY, QUESTION } from './the-question.ts'

/** A request as it goes over the wire. */
export interface HttpInput {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: string
  /** Bytes of a character each instead of UTF-8. */
  readonly isLatin1: boolean
  /** Length of the pieces in which the body comes; 0: whole. */
  readonly chunkLength: number
  readonly breaksOff: boolean
  /** Whether the service has a policy set. */
  readonly isReady: boolean
}

export function createHttpTarget(): Target {
  const ready = createService(true)
  const empty = createService(false)
  return defineTarget<HttpInput>({
    name: 'http-edge',
    make: makeInput,
    check: async (input) => {
      const request = toRequest(input)
      // What the platform takes for no request never gets to a service.
      if (request === undefined) return undefined
      const faults: unknown[] = []
      const service = input.isReady ? ready : empty
      service.onFault = (fault) => faults.push(fault)
      const response = await service.app.fetch(request)
      const verdict = await judgeReply(input, response)
      return (
        verdict ?? (faults.length > 0 ? `a fault was logged: ${faults.map(String).join(', ')}` : undefined)
      )
    },
    shrink: shrinkInput,
    print: (input) => JSON.stringify(input, undefined, 2),
  })
}

interface Service {
  readonly app: App
  onFault: (fault: unknown) => void
}

function createService(isReady: boolean): Service {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'lock.edict', text: LOCK_POLICY }])
  if (policySet === undefined) throw new Error(JSON.stringify(diagnostics))
  const report = (fault: object): void => service.onFault((fault as { err?: unknown }).err ?? fault)
  const log: Log = { info: () => {}, warn: () => {}, error: report }
  const pdp = createPdp(isReady ? { state: { policySet } } : {})
  const limits = { maxBodyBytes: 8_000, maxDepth: 16, maxBatchLength: 10 }
  const service: Service = {
    app: createApp({ pdp, limits, log, publicUrl: 'https://pdp.example' }),
    onFault: () => {},
  }
  return service
}

const ITEM = QUESTION as unknown
const BODIES: readonly (readonly [path: string, body: unknown])[] = [
  ['/decide', ITEM],
  ['/decide', { ...QUESTION, explain: true }],
  ['/decide', { ...QUESTION, explain: { trace: true } }],
  ['/decide', { requests: [ITEM, ITEM] }],
  ['/decide', { requests: [ITEM], explain: true }],
  ['/access/v1/evaluation', ITEM],
  ['/access/v1/evaluations', ITEM],
  ['/access/v1/evaluations', { ...QUESTION, evaluations: [{}, { context: QUESTION.context }] }],
  [
    '/access/v1/evaluations',
    { evaluations: [ITEM, ITEM], options: { evaluations_semantic: 'deny_on_first_deny' } },
  ],
  ['/access/v1/search/subject', { ...QUESTION, page: { limit: 1 } }],
  ['/access/v1/search/resource', { ...QUESTION, page: { token: 'AAAA', properties: {} } }],
  ['/access/v1/search/action', ITEM],
]

const PATHS = [
  '/',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/.well-known/authzen-configuration',
  '/decide/',
  '//decide',
]
const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'post', 'QUERY', '__proto__']
const TYPES = [
  'application/json; charset=utf-8',
  'application/json; charset="UTF-8"',
  'application/json;',
  'application/json; charset=latin1',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonx',
  '',
]
const HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'x-request-id',
  'accept',
  'origin',
  'expect',
]

function makeInput(random: Random): HttpInput {
  const [path, body] = random.pick(BODIES)
  return {
    method: random.oneIn(20) ? random.pick(METHODS) : 'POST',
    path: makePath(path, random),
    headers: makeHeaders(random),
    body: makeBody(body, random),
    isLatin1: random.oneIn(10),
    chunkLength: random.oneIn(8) ? 1 + random.below(200) : 0,
    breaksOff: random.oneIn(60),
    isReady: !random.oneIn(20),
  }
}

function makePath(path: string, random: Random): string {
  if (random.oneIn(25)) return random.pick(PATHS)
  if (random.oneIn(40)) return `${path}?${random.pick(HOSTILE_TEXTS)}`
  // After a slash: before it, all would be part of the host's name.
  return random.oneIn(40) ? `/${mutateCharacters(path.slice(1), random, '/..%2e%00')}` : path
}

function makeHeaders(random: Random): HttpInput['headers'] {
  const headers: [string, string][] = []
  if (!random.oneIn(40))
    headers.push(['content-type', random.oneIn(10) ? random.pick(TYPES) : 'application/json'])
  while (random.oneIn(4)) {
    const value = random.pick([String(random.below(9_000)), 'gzip', 'identity', ...HOSTILE_TEXTS])
    headers.push([random.pick(HEADERS), value])
  }
  return headers
}

const JSON_WORDS = splitWords(
  '{"subject":{"id":1},"now":[null,true],"requests":{},"explain":true,"evaluations":[]}',
)

function makeBody(body: unknown, random: Random): string {
  let value = body
  for (let count = random.below(4); count > 0; count--) value = mutateJson(value, random)
  let text = JSON.stringify(value) ?? ''
  if (!random.oneIn(2)) return text
  for (let count = random.below(3); count > 0; count--) {
    text = random.oneIn(2) ? mutateCharacters(text, random, text) : mutateWords(text, random, JSON_WORDS)
  }
  return text
}

function toRequest(input: HttpInput): Request | undefined {
  const { method, path, headers, body } = input
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD'
  try {
    return new Request(`http://pdp.example${path}`, {
      method,
      headers: headers.map(([name, value]) => [name, value]),
      ...(hasBody && { body: toBody(input, body), duplex: 'half' }),
    } as RequestInit)
  } catch {
    return undefined
  }
}

function toBody({ isLatin1, chunkLength, breaksOff }: HttpInput, body: string): Uint8Array | ReadableStream {
  const bytes = Buffer.from(body, isLatin1 ? 'latin1' : 'utf8')
  if (chunkLength === 0 && !breaksOff) return bytes
  let at = 0
  return new ReadableStream({
    pull(controller) {
      const end = Math.min(bytes.length, at + (chunkLength || 64))
      if (end > at) controller.enqueue(bytes.subarray(at, end))
      at = end
      if (at < bytes.length) return
      if (breaksOff) controller.error(new Error('the line is dead'))
      else controller.close()
    },
  })
}

function* shrinkInput(input: HttpInput): Generator<HttpInput> {
  if (input.path.length > 40) yield { ...input, path: '/decide' }
  for (const header of input.headers) {
    yield { ...input, headers: input.headers.filter((other) => other !== header) }
  }
  if (input.chunkLength > 0) yield { ...input, chunkLength: 0 }
  if (input.isLatin1) yield { ...input, isLatin1: false }
  if (input.body !== undefined) for (const body of shrinkText(input.body)) yield { ...input, body }
}
