// Methods: `.contains`, `.startsWith`, `.time` and the like, as values.
import type { Type } from '../model/types.ts'
import { BOOL, type CodeOf, DURATION, emitChained, NUMBER, STRING } from './emit-value.ts'
import { formOf, NoFastForm, type Operand, type Site, singleType } from './site.ts'

/** How a call is written, and what it gives. */
interface Call {
  readonly js: string
  readonly type: Type
}

/** @throws NoFastForm */
export function emitMethodValue(code: CodeOf<'method'>, site: Site): Operand {
  const receiver = site.forms.value(code.object, site)
  const args = code.args.map((arg) => site.forms.value(arg, site))
  const call = findCall(code, receiver, args, site)
  if (call === undefined) throw new NoFastForm()
  return emitChained(receiver, args, call.js, call.type, site)
}

function findCall(
  { method }: CodeOf<'method'>,
  receiver: Operand,
  args: readonly Operand[],
  site: Site,
): Call | undefined {
  switch (formOf(receiver.type)) {
    case 'string':
      return callOnString(method, receiver, args[0])
    case 'set':
      return callOnSet(method, receiver, args[0], site)
    case 'datetime':
      return callOnDatetime(method, receiver, args[0])
    case 'ip':
      if (method === 'isLoopback') return { js: `h.ipIsLoopback(${receiver.js})`, type: BOOL }
      return method === 'isMulticast' ? { js: `h.ipIsMulticast(${receiver.js})`, type: BOOL } : undefined
    default:
      return undefined
  }
}

function callOnString(method: string, { js }: Operand, argument: Operand | undefined): Call | undefined {
  if (method === 'size') return { js: `${js}.length`, type: NUMBER }
  if (method === 'lower') return { js: `h.lower(run, ${js})`, type: STRING }
  if (argument === undefined || formOf(argument.type) !== 'string') return undefined
  if (method === 'startsWith' || method === 'endsWith') {
    return { js: `${js}.${method}(${argument.js})`, type: BOOL }
  }
  return method === 'contains' ? { js: `h.includes(run, ${js}, ${argument.js})`, type: BOOL } : undefined
}

/** Elements that are their own JSON; for others the reference compares by content. */
function isPlainElement(type: Type): boolean {
  return ['string', 'bool', 'number'].includes(formOf(type))
}

function callOnSet(
  method: string,
  set: Operand,
  argument: Operand | undefined,
  { writer }: Site,
): Call | undefined {
  if (set.type.kind !== 'set') return undefined
  const { element } = set.type
  if (method === 'isEmpty') return { js: `${set.js}.length === 0`, type: BOOL }
  if (argument === undefined) return undefined
  if (method === 'contains') {
    const type = singleType(argument.type)
    if (element.kind === 'entity' && type !== undefined) {
      if (singleType(element) !== undefined && singleType(element) !== type) return undefined
      return { js: `h.holdsEntity(${set.js}, ${writer.constant(type)}, ${argument.js})`, type: BOOL }
    }
    const isSame = isPlainElement(element) && formOf(element) === formOf(argument.type)
    return isSame ? { js: `h.holds(run, ${set.js}, ${argument.js})`, type: BOOL } : undefined
  }
  const isSame =
    argument.type.kind === 'set' &&
    isPlainElement(element) &&
    formOf(element) === formOf(argument.type.element)
  if (!isSame || (method !== 'containsAll' && method !== 'containsAny')) return undefined
  return { js: `h.${method}(run, ${set.js}, ${argument.js})`, type: BOOL }
}

function callOnDatetime(method: string, { js }: Operand, zone: Operand | undefined): Call | undefined {
  const timeZone = zone?.js ?? 'undefined'
  if (method === 'time') return { js: `h.timeOfDay(${js}, ${timeZone})`, type: DURATION }
  return method === 'dayOfWeek' ? { js: `h.weekday(${js}, ${timeZone})`, type: STRING } : undefined
}
