// One page of a search, a slice at a time, so that a long one holds nobody up. It answers from the one state that its
// decider began with.
import type { Decider } from '../decide/decider.ts'
import type { Found, SearchQuestion } from '../decide/search-record.ts'
import type { EvaluationForm } from '../wire/authzen.ts'
import { serializeFound } from '../wire/search.ts'
import type { PagePlace } from './page-token.ts'
import { abandoned, type Searcher, type SearchTurns } from './search-turns.ts'

/** How long a search goes on before others have their turn. */
const SLICE_MS = 5
/** Steps between two looks at the clock: about half a millisecond. */
const STEPS_AT_ONCE = 1000

export interface SearchLimits {
  readonly maxResults: number
  readonly maxSteps: number
}

export interface SearchRun {
  readonly decider: Decider
  readonly question: SearchQuestion
  readonly place: PagePlace
  readonly limits: SearchLimits
  /** It has the first of them already. */
  readonly turns: SearchTurns
  readonly searcher: Searcher
  readonly form: Pick<EvaluationForm, 'toObligations'>
}

export interface FoundPage {
  /** Each result as JSON. */
  readonly texts: readonly string[]
  /** Where to go on. Left out: nothing is left. */
  readonly next?: PagePlace
}

/** Throws `PolicyLangError` for a malformed question, `PdpServerError` where nobody waits for it any more. */
export async function runSearch(run: SearchRun): Promise<FoundPage> {
  return run.place.limit === 0 ? findNothing(run) : await collectPage(run)
}

async function collectPage(run: SearchRun): Promise<FoundPage> {
  const { decider, question, place, limits, turns, searcher, form } = run
  const most = Math.min(place.limit ?? Number.POSITIVE_INFINITY, limits.maxResults)
  const stepsPerCandidate = 1 + stepsToRead(question)
  const texts: string[] = []
  let { after } = place
  let steps = 0
  let since = performance.now()
  for (;;) {
    const found: Found = decider.search(question, {
      ...(after !== undefined && { after }),
      limit: most - texts.length,
      maxSteps: Math.min(STEPS_AT_ONCE, limits.maxSteps - steps),
      stepsPerCandidate,
    })
    for (const one of found.results) texts.push(serializeFound(one, form))
    steps += found.steps
    after = found.next
    if (after === undefined) return { texts }
    if (texts.length >= most || steps >= limits.maxSteps) return { texts, next: { ...place, after } }
    if (performance.now() - since < SLICE_MS) continue
    await turns.next()
    if (searcher.isGone()) throw abandoned()
    since = performance.now()
  }
}

const CHARACTERS_PER_STEP = 64

/** What is sent is gone through once for each candidate, roles of the subject among it, and a decision counts no step for that. */
function stepsToRead({ request }: SearchQuestion): number {
  return Math.floor(JSON.stringify(request).length / CHARACTERS_PER_STEP)
}

/** A page without room leads to itself, unless nothing is left to look at. */
function findNothing({ decider, question, place }: SearchRun): FoundPage {
  const { after } = place
  const { results, next } = decider.search(question, {
    ...(after !== undefined && { after }),
    limit: 1,
    maxSteps: 1,
  })
  return results.length === 0 && next === undefined ? { texts: [] } : { texts: [], next: place }
}
