// Turns what came over the wire into a page of results: whatever is not exactly one throws.
import {
  badResponse,
  isObject,
  own,
  readDuties,
  readObject,
  readObjects,
  readString,
  type UnknownObject,
} from './read-json.ts'
import type { SearchPage } from './search-types.ts'
import type { AnswerDuty, JsonObject } from './types.ts'

/**
 * @param type what every result must be of; undefined: actions
 * @param understood obligations that are carried out; a result with any other is left out
 */
export function readFoundPage<T>(
  value: unknown,
  type: string | undefined,
  understood: readonly string[],
): SearchPage<T> {
  const body = readObject<UnknownObject>(value, 'the answer')
  const found = readObjects(own(body, 'results'), 'results').map((one) => readFound(one, type))
  const nextToken = readNextToken(own(body, 'page'))
  const isUnderstood = ({ obligations = [] }: Found): boolean =>
    obligations.every(({ name }) => understood.includes(name))
  return {
    results: found.filter(isUnderstood) as unknown as readonly T[],
    ...(nextToken !== '' && { nextToken }),
  }
}

/** AuthZEN 1.0 §8.2.2: empty at the end, where the page may be left out. */
function readNextToken(page: unknown): string {
  if (page === undefined) return ''
  return readString(own(readObject<UnknownObject>(page, '`page`'), 'next_token'), 'page.next_token')
}

interface Found {
  readonly type?: string
  readonly id?: string
  readonly name?: string
  readonly obligations?: readonly AnswerDuty[]
  readonly advice?: readonly AnswerDuty[]
}

/** Members that this version does not know are dropped. */
function readFound(one: UnknownObject, type: string | undefined): Found {
  const duties = readContext(own(one, 'context'))
  if (type === undefined) return { name: readString(own(one, 'name'), 'results[].name'), ...duties }
  if (own(one, 'type') !== type) throw badResponse('`results[].type` is another than was asked for')
  return { type, id: readString(own(one, 'id'), 'results[].id'), ...duties }
}

function readContext(context: unknown): Pick<Found, 'obligations' | 'advice'> {
  if (context === undefined) return {}
  const body = readObject<UnknownObject>(context, '`results[].context`')
  const obligations = own(body, 'obligations')
  const advice = own(body, 'advice')
  return {
    ...(obligations !== undefined && {
      obligations: readObjects(obligations, 'obligations').map(readObligation),
    }),
    ...(advice !== undefined && { advice: readDuties(advice, 'advice') }),
  }
}

/** As `/decide` has them, or as AuthZEN's obligations profile does: `custom` ones hold the former, others have a type. */
function readObligation(one: UnknownObject): AnswerDuty {
  if (!Object.hasOwn(one, 'type')) return toDuty(own(one, 'name'), own(one, 'args'))
  const type = own(one, 'type')
  const properties = own(one, 'properties')
  if (type !== 'custom') return toDuty(type, properties)
  return isObject(properties)
    ? toDuty(own(properties, 'name'), own(properties, 'args'))
    : toDuty(type, properties)
}

function toDuty(name: unknown, args: unknown): AnswerDuty {
  return {
    name: readString(name, 'obligations[].name'),
    args: readObject<JsonObject>(args, '`obligations[].args`'),
  }
}
