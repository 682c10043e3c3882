// Asks for the pages of a search. INVARIANT: a list that is given is what the decision point said, whole; whatever goes
// wrong throws, since an empty list would say that there is nothing.
import { PdpClientError } from './errors.ts'
import { readToken } from './pick-request.ts'
import { readFoundPage } from './read-found.ts'
import type { SearchOptions, SearchPage, SearchPages } from './search-types.ts'

export type SearchKind = 'subject' | 'resource' | 'action'

/** Gives the body of the answer, or throws `PdpClientError`. */
export type AskPage = (path: string, body: () => unknown, options: SearchOptions) => Promise<unknown>

export interface SearchCall {
  readonly kind: SearchKind
  readonly request: object
  readonly options: SearchOptions
  readonly understood: readonly string[]
}

const DEFAULT_LIMIT = 1000
const DEFAULT_TIMEOUT_MS = 10_000
/** A decision point whose pages do not end is broken. */
const MAX_PAGES = 100_000

export function searchPages<T>(ask: AskPage, call: SearchCall): SearchPages<T> {
  const iterate = () => readPages<T>(ask, call)
  return {
    [Symbol.asyncIterator]: iterate,
    all: async () => {
      const results: T[] = []
      for await (const page of iterate()) for (const one of page.results) results.push(one)
      return results
    },
  }
}

async function* readPages<T>(ask: AskPage, call: SearchCall): AsyncGenerator<SearchPage<T>> {
  const { kind, request, options, understood } = call
  if (typeof request !== 'object' || request === null) {
    throw new PdpClientError('malformed-request', 'the search must be an object')
  }
  const limit = checkLimit(options.limit ?? DEFAULT_LIMIT)
  const type = typeOf(kind, request)
  const how = { ...options, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS }
  let token = options.pageToken
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = { limit, ...(token !== undefined && { token }) }
    const body = await ask(`access/v1/search/${kind}`, () => ({ ...pickSearch(kind, request), page }), how)
    const found = readFoundPage<T>(body, type, understood)
    yield found
    token = found.nextToken
    if (token === undefined) return
  }
  throw new PdpClientError('bad-response', `the search has not ended after ${MAX_PAGES} pages`)
}

function checkLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit
  throw new PdpClientError('malformed-request', '`limit` must be a whole number, at least 1')
}

/** Only what a search may hold goes out, and of what is looked for the type alone. */
function pickSearch(kind: SearchKind, request: object): object {
  const { subject, token, action, resource, context } = request as Readonly<Record<string, unknown>>
  if (token !== undefined && (kind === 'subject' || subject !== undefined)) {
    const message = 'the request says `subject` and `token`: who is meant?'
    throw new PdpClientError('malformed-request', message)
  }
  return {
    ...(token === undefined
      ? { subject: kind === 'subject' ? pickType(subject) : subject }
      : { token: readToken(token) }),
    ...(kind === 'action' ? {} : { action }),
    resource: kind === 'resource' ? pickType(resource) : resource,
    ...(context === undefined ? {} : { context }),
  }
}

/** The type that all results must have; undefined for actions, which have none. */
function typeOf(kind: SearchKind, request: object): string | undefined {
  if (kind === 'action') return undefined
  const searched = (request as Readonly<Record<string, unknown>>)[kind]
  const { type } = pickType(searched)
  if (typeof type === 'string') return type
  throw new PdpClientError('malformed-request', `\`${kind}.type\` must say what is looked for`)
}

function pickType(side: unknown): { readonly type?: unknown } {
  return typeof side === 'object' && side !== null && 'type' in side ? { type: side.type } : {}
}
