import type { OpenAPIHono } from '@hono/zod-openapi'
import type { SearchKind } from '../decide/search-record.ts'
import type { Exchange } from '../middleware/gate.ts'
import { hashQuestion } from '../search/hash-question.ts'
import type { PagePlace, PageTokens, TokenBinding } from '../search/page-token.ts'
import { runSearch } from '../search/run-search.ts'
import { type Searcher, type SearchTurns, takeTurn } from '../search/search-turns.ts'
import { malformedRequest } from '../wire/request-schema.ts'
import {
  createSearchResponseSchemas,
  type RequestedPage,
  type Search,
  searchSchemas,
  serializeSearch,
  toSearch,
} from '../wire/search.ts'
import { beginDecisions } from './begin-decisions.ts'
import { addJsonEndpoint, type JsonEndpoint } from './json-endpoint.ts'
import { BODY_PROBLEMS, type RouteContext } from './route.ts'

export const SEARCH_PATHS = {
  subject: '/access/v1/search/subject',
  resource: '/access/v1/search/resource',
  action: '/access/v1/search/action',
} as const satisfies Record<SearchKind, string>

const SUMMARIES = {
  subject: 'Subject search: who may do it (AuthZEN 1.0)',
  resource: 'Resource search: on what the subject may do it (AuthZEN 1.0)',
  action: 'Action search: what the subject may do there (AuthZEN 1.0)',
} as const satisfies Record<SearchKind, string>

/** What all searches share. */
export interface SearchContext extends RouteContext {
  readonly pageTokens: PageTokens
  readonly turns: SearchTurns
}

/** AuthZEN 1.0 §8: all that is stored and allowed, a page at a time. */
export function addSearchRoutes(app: OpenAPIHono, context: SearchContext): readonly JsonEndpoint[] {
  const responses = createSearchResponseSchemas(context.evaluationForm.obligation)
  return (['subject', 'resource', 'action'] as const).map((kind) => {
    const endpoint: JsonEndpoint = {
      path: SEARCH_PATHS[kind],
      typeCode: 'malformed-request',
      answer: (body, exchange) => answerSearch(toSearch(kind, body), exchange, context),
    }
    return addJsonEndpoint(app, context, endpoint, {
      summary: SUMMARIES[kind],
      description:
        'Results are those of the entity data that an evaluation would allow, by id in code-point order. ' +
        '`page` is there where the request holds one, or where there may be more.',
      request: searchSchemas[kind],
      response: responses[kind],
      problems: BODY_PROBLEMS,
    })
  })
}

async function answerSearch(
  { question, page }: Search,
  exchange: Exchange,
  { pdp, limits, pageTokens, turns, evaluationForm }: SearchContext,
): Promise<string> {
  const binding: TokenBinding = { caller: exchange.caller?.id ?? '', question: hashQuestion(question) }
  const place = findPlace(page ?? {}, pageTokens, binding)
  const searcher: Searcher = {
    callerId: exchange.caller?.id,
    isGone: () => exchange.incoming?.socket.destroyed === true,
  }
  const { decider, texts, next } = await takeTurn(turns, searcher, async (hasWaited) => {
    // What holds now counts, and not what held when it came: it may have waited for seconds.
    if (hasWaited) await exchange.checkFacts?.()
    const decider = beginDecisions(exchange, pdp)
    const startedAt = performance.now()
    const bounds = { maxResults: limits.maxSearchResults, maxSteps: limits.searchStepBudget }
    const form = evaluationForm
    const found = await runSearch({ decider, question, place, limits: bounds, turns, searcher, form })
    const { texts, next } = found
    const durationMs = performance.now() - startedAt
    decider.tellSearch({ question, count: texts.length, isCut: next !== undefined, durationMs })
    return { decider, texts, next }
  })
  await decider.recorded()
  const nextToken = next === undefined ? undefined : pageTokens.seal(next, binding)
  return serializeSearch(texts, nextToken ?? (page === undefined ? undefined : ''))
}

/** Where the page begins, and how long it may be. Throws `PdpServerError` for a token that does not lead here. */
function findPlace({ token, limit }: RequestedPage, tokens: PageTokens, binding: TokenBinding): PagePlace {
  if (token === undefined) return limit === undefined ? {} : { limit }
  const place = tokens.open(token, binding)
  if (limit !== undefined && limit !== place.limit) {
    const was = place.limit === undefined ? 'there was none' : `it was ${place.limit}`
    const detail = `must stay as it was with the first page, or be left out: ${was}`
    throw malformedRequest([{ path: '$.page.limit', detail }])
  }
  return place
}
