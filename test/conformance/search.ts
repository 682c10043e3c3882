import type { EntityRecord } from '@edict/policy-lang'
import { readVectors } from './read-vectors.ts'
import {
  type Ask,
  type ConformanceCase,
  checkSuccess,
  member,
  type Reply,
  type Scenario,
} from './scenario.ts'

interface Fixture {
  readonly subjects: readonly EntityRecord[]
  readonly resources: readonly EntityRecord[]
}

interface SearchCase {
  readonly id: string
  readonly title: string
  readonly label: string
  readonly endpoint: string
  readonly request: Readonly<Record<string, unknown>>
  readonly expected_status: number
  readonly expected?: { readonly results: readonly unknown[] }
  readonly compare?: string
}

export const isSearch = ({ endpoint }: { readonly endpoint: string }): boolean =>
  endpoint.startsWith('/access/v1/search/')

/** The searches of the certification scenario, and how pages hang together. */
export function loadSearch(vectors: string): Scenario {
  const fixture = readVectors<Fixture>(vectors, 'authzen-certification/fixture.json')
  const { cases } = readVectors<{ readonly cases: readonly SearchCase[] }>(
    vectors,
    'authzen-certification/scenario-cases.json',
  )
  return {
    name: 'search',
    data: { 'fixture.json': { entities: [...fixture.subjects, ...fixture.resources] } },
    cases: [...cases.filter(isSearch).map(toCase), ...cases.filter(isFull).map(toPagedCase), tokens],
    leftOut: [],
  }
}

function toCase(one: SearchCase): ConformanceCase {
  return {
    name: `${one.id} ${one.title}, ${one.label} ${JSON.stringify(one.request)}`,
    check: async (ask) => {
      const request = await withToken(one, ask)
      const replies: Reply[] = []
      for (let round = 0; round < 3; round++) replies.push(await ask(one.endpoint, { body: request }))
      return [...replies.flatMap((reply) => checkReply(one, reply)), ...checkRepeated(replies)]
    },
  }
}

/** One case asks with the token of an answer before, for which its text has a place. */
async function withToken({ endpoint, request }: SearchCase, ask: Ask): Promise<unknown> {
  if (member(request.page, 'token') === undefined) return request
  const first = await ask(endpoint, { body: { ...request, page: { limit: 1 } } })
  return { ...request, page: { token: nextToken(first) } }
}

function checkReply(one: SearchCase, reply: Reply): readonly string[] {
  if (reply.status !== one.expected_status) {
    return [`status ${reply.status} instead of ${one.expected_status}: ${reply.text.slice(0, 300)}`]
  }
  return reply.status === 200 ? [...checkSuccess(reply), ...checkResults(one, resultsOf(reply))] : []
}

function checkResults({ endpoint, expected, compare }: SearchCase, results: readonly string[] | undefined) {
  if (results === undefined) return ['no list `results`']
  const wanted = (expected?.results ?? []).map((one) => JSON.stringify(one))
  const missing = wanted.filter((one) => !results.includes(one)).map((one) => `${one} is not found`)
  const isExact = compare === 'exact'
  if (!isExact && compare !== 'superset (additional results permitted)')
    return [`unknown comparison \`${compare}\``]
  const others = isExact
    ? results.filter((one) => !wanted.includes(one))
    : results.filter(isOfOtherKind(endpoint))
  return [...missing, ...others.map((one) => `${one} should not be found`)]
}

/** Results are of the kind that is looked for, and nothing else (AuthZEN 1.0 §8.2). */
const isOfOtherKind = (endpoint: string) => (result: string) =>
  endpoint.endsWith('/action')
    ? !/^\{"name":"[^"]+"\}$/.test(result)
    : !/^\{"type":"(user|record)","id":"[^"]*"\}$/.test(result)

/** The token apart, an answer stays. */
function checkRepeated(replies: readonly Reply[]): readonly string[] {
  const seen = new Set(replies.map(({ text }) => text.replace(/"next_token":"[^"]+"/, '"next_token":"…"')))
  return seen.size <= 1 ? [] : [`repeated, the answer changes: ${[...seen].join(' / ')}`]
}

const isFull = (one: SearchCase): boolean =>
  isSearch(one) && one.expected !== undefined && one.request.page === undefined

/** The same search a result at a time: the same results, in the same order. */
function toPagedCase(one: SearchCase): ConformanceCase {
  return {
    name: `${one.id} in pages of one`,
    check: async (ask) => {
      const whole = resultsOf(await ask(one.endpoint, { body: one.request }))
      const paged: string[] = []
      let page: Readonly<Record<string, unknown>> = { limit: 1 }
      for (let count = 0; count < 20; count++) {
        const reply = await ask(one.endpoint, { body: { ...one.request, page } })
        const results = resultsOf(reply)
        if (results === undefined) return [`no list \`results\`: ${reply.text.slice(0, 300)}`]
        if (results.length > 1) return [`${results.length} results in a page of one`]
        paged.push(...results)
        const token = nextToken(reply)
        if (token === '') {
          const isSame = JSON.stringify(paged) === JSON.stringify(whole)
          return isSame ? [] : [`in pages ${paged.join()} instead of ${whole?.join()}`]
        }
        page = count % 2 === 0 ? { token } : { token, limit: 1 }
      }
      return ['the pages do not end']
    },
  }
}

const SEARCH = '/access/v1/search/subject'
const READERS = {
  subject: { type: 'user' },
  action: { name: 'read' },
  resource: { type: 'record', id: 'record-1' },
}

/** AuthZEN 1.0 §8.2.1: what is no token, or belongs to another search, is an error. */
const tokens: ConformanceCase = {
  name: 'a token leads on in its own search alone',
  check: async (ask) => {
    const token = nextToken(await ask(SEARCH, { body: { ...READERS, page: { limit: 1 } } }))
    if (token === '') return ['no token, though there is more']
    const wrong: readonly (readonly [string, unknown])[] = [
      [SEARCH, { ...READERS, page: { token, limit: 2 } }],
      [SEARCH, { ...READERS, action: { name: 'write' }, page: { token } }],
      [SEARCH, { ...READERS, context: { time: 'now' }, page: { token } }],
      [SEARCH, { ...READERS, page: { token: `${token.slice(0, -4)}AAAA` } }],
      [SEARCH, { ...READERS, page: { token: 'bob' } }],
      ['/access/v1/search/resource', { ...READERS, subject: { type: 'user', id: 'bob' }, page: { token } }],
    ]
    const replies = await Promise.all(
      wrong.map(async ([path, body]) => ({ body, reply: await ask(path, { body }) })),
    )
    return replies
      .filter(({ reply }) => reply.status !== 400)
      .map(({ body, reply }) => `status ${reply.status} instead of 400 for ${JSON.stringify(body)}`)
  },
}

function nextToken(reply: Reply): string {
  return String(member(member(reply.json, 'page'), 'next_token') ?? '')
}

/** Each as JSON. */
function resultsOf(reply: Reply): readonly string[] | undefined {
  const results = member(reply.json, 'results')
  return Array.isArray(results) ? results.map((one) => JSON.stringify(one)) : undefined
}
