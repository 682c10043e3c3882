// A request → the text that stands for all of it that a decision may rest on. Every part says its kind and its length
// before it says itself, so that no two requests that differ in what counts share a text, whatever strings they hold.
import type { DecisionRequest, RequestEntity } from '@edict/policy-lang/program'
import type { KnownReads, Section } from './known-reads.ts'

/** Longer ones are not worth their memory, nor the time to make them. */
const MAX_LENGTH = 8192
const MAX_DEPTH = 32

/** What kind of question it is: the plan that decides it. Undefined where it is no question. */
export function kindOf({ subject, action, resource }: Partial<DecisionRequest>): string | undefined {
  const [type, name, subjectType] = [resource?.type, action?.name, subject?.type]
  if (typeof type !== 'string' || typeof name !== 'string' || typeof subjectType !== 'string')
    return undefined
  return `${type.length}:${type}${name.length}:${name}${subjectType.length}:${subjectType}`
}

export class RequestKeyWriter {
  #text = ''
  #leavesOut = false

  /** Whether the last key says of some member only that it is there. */
  get leavesOut(): boolean {
    return this.#leavesOut
  }

  /**
   * Undefined where the request is no plain JSON, or too much of it.
   * INVARIANT: of what a decision may read, only values of members that `reads` does not have are left out. Which
   * members there are, and which of them are null, is never left out.
   */
  write(kind: string, request: DecisionRequest, reads: KnownReads): string | undefined {
    this.#text = kind
    this.#leavesOut = false
    try {
      this.#request(request, reads)
    } catch (error) {
      if (error === UNFIT) return undefined
      throw error
    }
    return this.#text
  }

  /** Types and names are in the kind. */
  #request(request: DecisionRequest, reads: KnownReads): void {
    const { subject, action, resource, context, entities } = request
    if (!isPlain(request) || !isPlain(subject) || !isPlain(action) || !isPlain(resource)) throw UNFIT
    this.#entity(subject, 0, reads)
    this.#value(subject.roles, 0)
    this.#entity(resource, 1, reads)
    this.#section(action.properties, 2, reads)
    this.#section(context, 3, reads)
    this.#value(entities, 0)
  }

  #entity({ id, properties, parents }: RequestEntity, section: Section, reads: KnownReads): void {
    if (typeof id !== 'string') throw UNFIT
    this.#string('s', id)
    this.#section(properties, section, reads)
    this.#value(parents, 0)
  }

  #section(members: unknown, section: Section, reads: KnownReads): void {
    if (members === undefined || members === null) {
      this.#text += '-'
      return
    }
    if (!isPlain(members)) throw UNFIT
    const names = Object.keys(members)
    this.#text += `{${names.length}:`
    for (const name of names) {
      this.#string('', name)
      const value = members[name]
      if (value === null || reads.isRead(section, name)) this.#member(value, 1)
      else {
        this.#text += '?'
        this.#leavesOut = true
      }
    }
  }

  /** Not sent and null are the same beside `properties`. */
  #value(value: unknown, depth: number): void {
    if (value === undefined || value === null) this.#text += '-'
    else this.#member(value, depth)
  }

  #member(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH || this.#text.length > MAX_LENGTH) throw UNFIT
    if (typeof value === 'string') this.#string('s', value)
    else if (typeof value === 'number') this.#string('n', Object.is(value, -0) ? '-0' : String(value))
    else if (value === true) this.#text += 't'
    else if (value === false) this.#text += 'f'
    else if (value === null) this.#text += '0'
    else if (Array.isArray(value)) {
      this.#text += `[${value.length}:`
      for (let at = 0; at < value.length; at++) this.#member(value[at], depth + 1)
    } else if (isPlain(value)) {
      const names = Object.keys(value)
      this.#text += `{${names.length}:`
      for (const name of names) {
        this.#string('', name)
        this.#member(value[name], depth + 1)
      }
    } else throw UNFIT
  }

  #string(kind: string, text: string): void {
    if (this.#text.length + text.length > MAX_LENGTH) throw UNFIT
    this.#text += `${kind}${text.length}:${text}`
  }
}

const UNFIT = Symbol('no request that a key is made of')

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
