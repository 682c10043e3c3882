// Forms of configuration values. What they say of a wrong value begins with `must`.
import { z } from 'zod'

export const text = (what: string) =>
  z.string({ error: `must be ${what}` }).min(1, { error: `must be ${what}` })

export const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

export const yesOrNo = z.boolean({ error: 'must be true or false' })

/** A list of names; as text they are joined by commas. */
export const listOf = <const T extends readonly [string, ...string[]]>(names: T) => {
  const error = `must be a list of ${names.join(', ')}`
  const split = (value: unknown) =>
    typeof value === 'string' ? value.split(',').flatMap((name) => name.trim() || []) : value
  return z.preprocess(split, z.array(z.enum(names, { error }), { error }))
}
