// Forms of configuration values. What they say of a wrong value begins with `must`.
import { z } from 'zod'
import { parseJson } from './wire/parse-json.ts'

const MAX_JSON_DEPTH = 6

export const text = (what: string) =>
  z.string({ error: `must be ${what}` }).min(1, { error: `must be ${what}` })

export const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

export const yesOrNo = z.boolean({ error: 'must be true or false' })

/** A part of a whole. */
export const share = z
  .number({ error: 'must be a number from 0 to 1' })
  .min(0, { error: 'must be a number from 0 to 1' })
  .max(1, { error: 'must be a number from 0 to 1' })

/** A list of texts that fit; as text they are joined by commas, or a JSON array where one holds a comma. */
export const listOfText = (what: string, fits: (item: string) => boolean) => {
  const error = `must be a list of ${what}`
  return z.preprocess(splitList, z.array(z.string({ error }).refine(fits, { error }), { error }))
}

/** A list of objects; as text it is JSON. */
export const jsonList = <T extends z.ZodType>(item: T) => {
  const parse = (value: unknown): unknown => {
    if (typeof value !== 'string') return value
    const parsed = parseJson(value, MAX_JSON_DEPTH)
    return 'value' in parsed ? parsed.value : value
  }
  return z.preprocess(parse, z.array(item, { error: 'must be a list (as text: in JSON)' }))
}

/** A list of names; as text they are joined by commas. */
export const listOf = <const T extends readonly [string, ...string[]]>(names: T) => {
  const error = `must be a list of ${names.join(', ')}`
  return z.preprocess(splitList, z.array(z.enum(names, { error }), { error }))
}

function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (!value.startsWith('[')) return value.split(',').flatMap((item) => item.trim() || [])
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
