import { readVectors } from './read-vectors.ts'
import { type ConformanceCase, checkSuccess, member, type Reply, type Scenario } from './scenario.ts'

interface Example {
  readonly section: string
  readonly title: string | null
  readonly line: number
  readonly http_head?: string
  readonly json?: unknown
}

/** The requests of the examples of the specification: each is taken, and answered in the shape that it says. */
export function loadSpecExamples(vectors: string): Scenario {
  const { examples } = readVectors<{ examples: readonly Example[] }>(
    vectors,
    'authzen-spec-examples/examples.json',
  )
  const cases = examples.flatMap(toCase)
  return {
    name: 'spec-examples',
    data: {},
    cases,
    leftOut: [`${examples.length - cases.length} examples that are no requests, or parts of one`],
  }
}

function toCase(example: Example): readonly ConformanceCase[] {
  const path = pathOf(example)
  if (path === undefined) return []
  const requestId = /^X-Request-ID: (.+)$/m.exec(example.http_head ?? '')?.[1]
  const headers = requestId === undefined ? {} : { 'x-request-id': requestId }
  return [
    {
      name: `line ${example.line}: ${path}`,
      check: async (ask) => {
        const reply = await ask(path, { body: example.json, headers })
        // The page that its token leads to is one of another service.
        if (hasForeignToken(example))
          return reply.status === 400 ? [] : [`status ${reply.status} instead of 400`]
        const echoed = reply.headers.get('x-request-id') ?? undefined
        return [
          ...checkShape(path, example.json, reply),
          ...(echoed === requestId ? [] : [`X-Request-ID ${echoed} instead of ${requestId}`]),
        ]
      },
    },
  ]
}

/** Where the example is to be sent; undefined where it is no whole request. */
function pathOf({ http_head: head, section, json }: Example): string | undefined {
  if (head !== undefined) {
    const path = /^POST (\S+) /.exec(head)?.[1]
    return json === undefined ? undefined : path
  }
  const has = (...names: readonly string[]) => names.every((name) => member(json, name) !== undefined)
  const search = /(Subject|Resource|Action) Search API/.exec(section)?.[1]?.toLowerCase()
  if (has('results') || has('decision')) return undefined
  if (search !== undefined) return `/access/v1/search/${search}`
  if (section.includes('Pagination')) {
    return `/access/v1/search/${member(member(json, 'resource'), 'id') === undefined ? 'resource' : 'subject'}`
  }
  const items = member(json, 'evaluations')
  if (Array.isArray(items))
    return items.some((item) => member(item, 'decision') !== undefined) ? undefined : BATCH
  return has('subject', 'action', 'resource') ? '/access/v1/evaluation' : undefined
}

const BATCH = '/access/v1/evaluations'

function hasForeignToken({ json }: Example): boolean {
  return member(member(json, 'page'), 'token') !== undefined
}

function checkShape(path: string, request: unknown, reply: Reply): readonly string[] {
  const problems = [...checkSuccess(reply)]
  const isDecision = (value: unknown) => typeof member(value, 'decision') === 'boolean'
  if (path.includes('/search/')) {
    return Array.isArray(member(reply.json, 'results')) ? problems : [...problems, 'no list `results`']
  }
  if (path !== BATCH) return isDecision(reply.json) ? problems : [...problems, 'no decision']
  const items = member(reply.json, 'evaluations')
  const asked = member(request, 'evaluations') as readonly unknown[]
  const semantic = member(member(request, 'options'), 'evaluations_semantic') ?? 'execute_all'
  if (!Array.isArray(items) || !items.every(isDecision)) return [...problems, 'no list of decisions']
  const isWhole = items.length === asked.length || (semantic !== 'execute_all' && items.length > 0)
  return isWhole ? problems : [...problems, `${items.length} decisions for ${asked.length} questions`]
}
