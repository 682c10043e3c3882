import { pathStep } from '../model/json-path.ts'
import type { JsonObject } from '../model/request.ts'
import { shortenText } from '../model/short-text.ts'
import { type ProblemSink, placeInside, type RowPlace } from './data-problem.ts'
import { didYouMean } from './data-schema.ts'

/**
 * A member that means nothing here is refused, for most of them are slips: a misspelt `expires` would make a grant
 * without end, misspelt `properties` an entity of which all is known and nothing is there. `null` is no exception.
 */
export function refuseUnknownMembers(
  json: JsonObject,
  known: readonly string[],
  place: RowPlace,
  sink: ProblemSink,
): void {
  for (const name of Object.keys(json)) {
    if (known.includes(name)) continue
    const step = pathStep(shortenText(name))
    sink.problem(placeInside(place, step), 'means nothing here', didYouMean(name, known))
  }
}
