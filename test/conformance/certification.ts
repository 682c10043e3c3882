import type { EntityRecord } from '@edict/policy-lang'
import { checkHttpCase } from './http-cases.ts'
import { readVectors } from './read-vectors.ts'
import {
  type Ask,
  type ConformanceCase,
  checkDecision,
  checkDecisions,
  member,
  type Reply,
  type Scenario,
} from './scenario.ts'
import { isSearch } from './search.ts'

interface Fixture {
  readonly subjects: readonly EntityRecord[]
  readonly resources: readonly EntityRecord[]
}

interface ScenarioCase {
  readonly id: string
  readonly title: string
  readonly endpoint: string
  readonly method: string
  readonly request: unknown
  readonly expected_status: number | readonly number[]
  readonly expected?: unknown
  readonly compare?: string
  readonly repeat?: number
}

interface ScenarioFile {
  readonly cases: readonly ScenarioCase[]
  readonly http_cases: readonly { readonly section: string; readonly text: string }[]
}

/** The certification scenario of the OpenID Foundation: fixture, cases, and the rules of the HTTP binding. */
export function loadCertification(vectors: string): Scenario {
  const fixture = readVectors<Fixture>(vectors, 'authzen-certification/fixture.json')
  const file = readVectors<ScenarioFile>(vectors, 'authzen-certification/scenario-cases.json')
  return {
    name: 'certification',
    data: { 'fixture.json': { entities: [...fixture.subjects, ...fixture.resources] } },
    cases: [
      // Searches are a scenario of their own.
      ...file.cases.filter((one) => !isSearch(one)).map(toCase),
      ...file.http_cases.map(({ section, text }) => ({
        name: `${section} ${text}`,
        check: (ask: Ask) => checkHttpCase(section, ask),
      })),
      { name: 'discovery: not there, or as AuthZEN 1.0 §9 says', check: checkDiscovery },
    ],
    leftOut: [],
  }
}

function toCase(one: ScenarioCase): ConformanceCase {
  return {
    name: `${one.id} ${one.title} ${JSON.stringify(one.request)}`,
    check: async (ask) => {
      const replies: Reply[] = []
      for (let round = 0; round < (one.repeat ?? 1); round++) {
        replies.push(await ask(one.endpoint, { method: one.method, body: one.request }))
      }
      return [...replies.flatMap((reply) => checkReply(one, reply)), ...checkRepeated(one, replies)]
    },
  }
}

function checkReply(one: ScenarioCase, reply: Reply): readonly string[] {
  const statuses = [one.expected_status].flat()
  if (!statuses.includes(reply.status)) {
    return [`status ${reply.status} instead of ${statuses.join(' or ')}: ${reply.text.slice(0, 300)}`]
  }
  if (reply.status !== 200) return []
  const structure = /^structure only: evaluations array of (\d+) objects/.exec(one.compare ?? '')
  if (structure !== null) return checkDecisions(reply, new Array(Number(structure[1])).fill(undefined))
  // A way to compare that is not known here must not pass for agreement.
  if (one.compare !== undefined) return [`unknown comparison \`${one.compare}\``]
  return checkExpected(one.expected, reply)
}

function checkExpected(expected: unknown, reply: Reply): readonly string[] {
  const decision = member(expected, 'decision')
  if (typeof decision === 'boolean') return checkDecision(reply, decision)
  const items = member(expected, 'evaluations')
  if (!Array.isArray(items)) return ['the case holds no expected decision']
  return checkDecisions(
    reply,
    items.map((item) => {
      const wanted = member(item, 'decision')
      return typeof wanted === 'boolean' ? wanted : undefined
    }),
  )
}

/** The same question has the same answer: of a single one the decision, of a batch the whole body. */
function checkRepeated(one: ScenarioCase, replies: readonly Reply[]): readonly string[] {
  const seen = replies.map((reply) =>
    one.endpoint.endsWith('/evaluation') ? String(member(reply.json, 'decision')) : reply.text,
  )
  return new Set(seen).size <= 1 ? [] : [`repeated, the answer changes: ${seen.join(' / ')}`]
}

/** Metadata is optional: without it, clients use the default paths. What is there must be right. */
async function checkDiscovery(ask: Ask): Promise<readonly string[]> {
  const reply = await ask('/.well-known/authzen-configuration', { method: 'GET' })
  if (reply.status === 404) return []
  if (reply.status !== 200) return [`status ${reply.status} instead of 200 or 404`]
  const problems: string[] = []
  if (!/^application\/json\s*(;|$)/i.test(reply.headers.get('content-type') ?? '')) problems.push('no JSON')
  for (const name of ['policy_decision_point', 'access_evaluation_endpoint']) {
    if (!URL.canParse(String(member(reply.json, name)))) problems.push(`\`${name}\` is no URL`)
  }
  return problems
}
