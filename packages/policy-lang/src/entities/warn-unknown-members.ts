import { pathStep } from '../model/json-path.ts'
import type { JsonObject } from '../model/request.ts'
import { type ProblemSink, placeInside, type RowPlace } from './data-problem.ts'
import { didYouMean } from './data-schema.ts'

/** Members that mean nothing are ignored, but most of them are slips. */
export function warnUnknownMembers(
  json: JsonObject,
  known: readonly string[],
  place: RowPlace,
  sink: ProblemSink,
): void {
  for (const name of Object.keys(json)) {
    if (known.includes(name)) continue
    sink.warning(placeInside(place, pathStep(name)), 'means nothing here', didYouMean(name, known))
  }
}
