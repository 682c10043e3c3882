// What a scenario is: a policy of ours, entity data and cases from the vectors, and how a case is asked and judged.
import type { EntityData } from '@edict/policy-lang'

export interface Scenario {
  readonly name: string
  /** Entity data by file name, made from the vectors. */
  readonly data: Readonly<Record<string, EntityData>>
  readonly cases: readonly ConformanceCase[]
  /** What of the vectors is not asked, and why. */
  readonly leftOut: readonly string[]
}

export interface ConformanceCase {
  readonly name: string
  /** Asks the server; gives what is wrong with its answers, nothing where all is well. */
  readonly check: (ask: Ask) => Promise<readonly string[]>
}

/** One HTTP exchange. `body` goes out as JSON, unless it is a string or bytes. */
export type Ask = (path: string, options?: AskOptions) => Promise<Reply>

export interface AskOptions {
  /** Default: POST. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where the body is not JSON. */
  readonly json: unknown
}

/** Asks the server at `url`. */
export function createAsk(url: string): Ask {
  return async (path, options = {}) => {
    const { body, method = 'POST' } = options
    const response = await fetch(new URL(path, url), {
      method,
      headers: { 'content-type': 'application/json', ...options.headers },
      ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is wrong with the head of a reply that should be a success (AuthZEN 1.0 §10.1). */
export function checkSuccess(reply: Reply): readonly string[] {
  if (reply.status !== 200) return [`status ${reply.status} instead of 200: ${reply.text.slice(0, 300)}`]
  const type = reply.headers.get('content-type') ?? ''
  return /^application\/json\s*(;|$)/i.test(type) ? [] : [`content type \`${type}\``]
}

/** What is wrong with a single decision. */
export function checkDecision(reply: Reply, expected: boolean): readonly string[] {
  const problems = [...checkSuccess(reply)]
  const decision = member(reply.json, 'decision')
  if (decision !== expected) problems.push(`decision ${JSON.stringify(decision)} instead of ${expected}`)
  if (member(reply.json, 'evaluations') !== undefined) problems.push('a single answer holds `evaluations`')
  return problems
}

/** What is wrong with the decisions of a batch; `undefined` stands for either. Other members of an item do not count. */
export function checkDecisions(reply: Reply, expected: readonly (boolean | undefined)[]): readonly string[] {
  const problems = [...checkSuccess(reply)]
  const items = member(reply.json, 'evaluations')
  if (!Array.isArray(items)) return [...problems, 'no list `evaluations`']
  if (items.length !== expected.length) {
    return [...problems, `${items.length} evaluations instead of ${expected.length}`]
  }
  expected.forEach((wanted, index) => {
    const decision = member(items[index], 'decision')
    const isRight = wanted === undefined ? typeof decision === 'boolean' : decision === wanted
    if (!isRight)
      problems.push(`evaluations[${index}]: ${JSON.stringify(decision)} instead of ${wanted ?? 'a boolean'}`)
  })
  return problems
}

/** A member of something that may be no object. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}
