// Obligations as the obligations profile of AuthZEN has them (draft of the working group, 2026-07): each with an id, a
// type and properties.
import type { Answer, AnswerDuty, JsonValue } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'

/** The types that the profile names; whatever is none of the first three is `custom`. */
export const OBLIGATION_TYPES = ['step-up', 'notification', 'session_termination', 'custom'] as const
type ObligationType = (typeof OBLIGATION_TYPES)[number]

export const profileObligationSchema = z
  .object({
    id: z.string(),
    type: z.enum(OBLIGATION_TYPES),
    properties: z.record(z.string(), z.unknown().openapi({ description: 'any JSON' })),
  })
  .openapi('Obligation', {
    example: { id: 'stepUp', type: 'step-up', properties: { acr_value: 'urn:loa:2' } },
  })

interface ProfileObligation {
  readonly id: string
  readonly type: ObligationType
  readonly properties: Readonly<Record<string, JsonValue>>
}

interface KnownType {
  readonly type: Exclude<ObligationType, 'custom'>
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/** By the name that an obligation has in a policy. */
const KNOWN: ReadonlyMap<string, KnownType> = new Map([
  ['stepUp', { type: 'step-up', required: ['acr_value'], optional: ['amr_values'] }],
  ['notification', { type: 'notification', required: ['to', 'body'], optional: ['topic'] }],
  ['sessionTermination', { type: 'session_termination', required: ['subject'], optional: [] }],
])

/** The same for the same answer: an id is the obligation's name, and its number from the second of that name on. */
export function toProfileObligations({
  obligations,
}: Pick<Answer, 'obligations'>): readonly ProfileObligation[] {
  const seen = new Map<string, number>()
  return obligations.map((duty) => {
    const count = (seen.get(duty.name) ?? 0) + 1
    seen.set(duty.name, count)
    return { id: count === 1 ? duty.name : `${duty.name}.${count}`, ...toTyped(duty) }
  })
}

/** One that has not all, or more than, what its type has is `custom`: half of it, no enforcement point must carry out. */
function toTyped({ name, args }: AnswerDuty): Omit<ProfileObligation, 'id'> {
  const known = KNOWN.get(toCamelCase(name))
  const properties = Object.fromEntries(Object.entries(args).map(([key, value]) => [toSnakeCase(key), value]))
  const isWhole = Object.keys(properties).length === Object.keys(args).length
  if (known !== undefined && isWhole && fits(known, properties)) return { type: known.type, properties }
  return { type: 'custom', properties: { name, args } }
}

function fits({ required, optional }: KnownType, properties: Readonly<Record<string, JsonValue>>): boolean {
  const names = Object.keys(properties)
  return (
    required.every((name) => names.includes(name)) &&
    names.every((name) => required.includes(name) || optional.includes(name)) &&
    required.every((name) => typeof properties[name] === 'string')
  )
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
