// Questions about a Program: what it declares, with values that fit, and a few that do not.
import type { DecisionRequest, FieldType, JsonObject, JsonValue, Program, Type } from '@edict/policy-lang'
import { HOSTILE_JSON } from './hostile.ts'
import type { Random } from './random.ts'

/** Ids that data may know. */
export type KnownIds = ReadonlyMap<string, readonly string[]>

export const NO_IDS: KnownIds = new Map()

export function makeQuestion(program: Program, random: Random, ids: KnownIds): DecisionRequest {
  const { entityTypes, context } = program.schema
  const make = new QuestionMaker(random, ids)
  const subjects = entityTypes.filter(({ isSubject }) => isSubject)
  const resources = entityTypes.filter(({ isResource }) => isResource)
  const subject = subjects.length === 0 ? undefined : random.pick(subjects)
  const resource = resources.length === 0 ? undefined : random.pick(resources)
  const actions = resource?.actions ?? []
  const action = actions.length === 0 ? undefined : random.pick(actions)
  const fields = context.filter(({ name }) => name !== 'now')
  return {
    subject: {
      ...make.entity(subject?.name ?? 'Nobody', subject?.attributes ?? []),
      ...(program.roles.length > 0 && random.oneIn(3) && { roles: [random.pick(program.roles).name] }),
    },
    action: { name: action?.name ?? 'nothing', properties: make.record(action?.parameters ?? []) },
    resource: make.entity(resource?.name ?? 'Nothing', resource?.attributes ?? []),
    context: make.record(fields),
  }
}

class QuestionMaker {
  readonly #random: Random
  readonly #ids: KnownIds

  constructor(random: Random, ids: KnownIds) {
    this.#random = random
    this.#ids = ids
  }

  entity(type: string, attributes: readonly FieldType[]): DecisionRequest['resource'] {
    const reference = { type, id: this.#id(type) }
    return this.#random.oneIn(3) ? reference : { ...reference, properties: this.record(attributes) }
  }

  record(fields: readonly FieldType[]): JsonObject {
    const sent = fields.filter(({ isOptional }) => !this.#random.oneIn(isOptional ? 3 : 12))
    // Members made by definition: a field may be called `__proto__`.
    return Object.fromEntries(sent.map(({ name, type }) => [name, this.#value(type)]))
  }

  #value(type: Type): JsonValue {
    const random = this.#random
    if (random.oneIn(25)) return random.pick(HOSTILE_JSON) as JsonValue
    switch (type.kind) {
      case 'bool':
        return random.oneIn(2)
      case 'string':
        return random.pick(['', 'a', 'read', 'x@example.com'])
      case 'number':
        return random.pick([0, 1, 5, 100, -3.5])
      case 'datetime':
        return random.pick<JsonValue>(['2026-05-04T12:00:00Z', '2020-01-01', 1_777_000_000_000])
      case 'duration':
        return random.pick(['1h', '30d', '5m'])
      case 'ip':
        return random.pick(['10.1.2.3', '::1', '192.0.2.0/24'])
      case 'enum':
        return random.pick(type.values)
      case 'entity':
        return this.#reference(random.pick(type.types), type.types.length)
      case 'set':
        return Array.from({ length: random.below(4) }, () => this.#value(type.element))
      case 'map':
        return Object.fromEntries(
          Array.from({ length: random.below(3) }, () => [this.#id('key'), this.#value(type.value)]),
        )
      case 'record':
        return this.record(type.fields)
    }
  }

  #reference(type: string, typeCount: number): JsonValue {
    const id = this.#id(type)
    return typeCount === 1 && this.#random.oneIn(2) ? id : { type, id }
  }

  #id(type: string): string {
    const known = this.#ids.get(type) ?? []
    return known.length === 0 || this.#random.oneIn(10)
      ? this.#random.pick(['a', 'b'])
      : this.#random.pick(known)
  }
}
