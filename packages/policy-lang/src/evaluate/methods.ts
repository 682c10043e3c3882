import { equalValues, valueKey } from '../model/equal-values.ts'
import { isLoopback, isMulticast } from '../model/ip.ts'
import { dayOfWeek, timeOfDayMs } from '../model/time-zone.ts'
import type { SetValue, Value } from '../model/values.ts'
import type { MethodName } from '../program/program.ts'
import { type Meter, stepsToRead, stepsToSearch, stepsToVisit } from './meter.ts'

/** A method of a value, or `undefined` where the value has none of that name. */
export function callMethod(
  method: MethodName,
  object: Value,
  args: readonly Value[],
  meter: Meter,
): Value | undefined {
  if (typeof object === 'string') {
    meter.step(stepsToRead(object))
    return callOnString(method, object, args, meter)
  }
  if (typeof object !== 'object') return undefined
  switch (object.kind) {
    case 'set':
      meter.step(stepsToVisit(object))
      return callOnSet(method, object, args, meter)
    case 'record':
      meter.step(object.entries.size)
      if (method === 'size') return object.entries.size
      return method === 'keys' ? { kind: 'set', elements: [...object.entries.keys()] } : undefined
    case 'datetime':
      return callOnDatetime(method, object.epochMs, args)
    case 'ip':
      if (method === 'isLoopback') return isLoopback(object)
      return method === 'isMulticast' ? isMulticast(object) : undefined
    default:
      return undefined
  }
}

function callOnString(
  method: MethodName,
  text: string,
  [argument]: readonly Value[],
  meter: Meter,
): Value | undefined {
  if (method === 'size') return text.length
  if (method === 'lower') return text.toLowerCase()
  if (typeof argument !== 'string') return undefined
  if (method === 'startsWith') return text.startsWith(argument)
  if (method === 'endsWith') return text.endsWith(argument)
  if (method !== 'contains') return undefined
  meter.step(stepsToSearch(text, argument))
  return text.includes(argument)
}

function callOnSet(
  method: MethodName,
  set: SetValue,
  [argument]: readonly Value[],
  meter: Meter,
): Value | undefined {
  if (method === 'size') return set.elements.length
  if (method === 'isEmpty') return set.elements.length === 0
  if (argument === undefined) return undefined
  if (method === 'contains') return contains(set, argument)
  if (typeof argument !== 'object' || argument.kind !== 'set') return undefined
  meter.step(stepsToVisit(argument))
  const keys = new Set(set.elements.map(valueKey))
  const isMember = (element: Value): boolean => keys.has(valueKey(element))
  if (method === 'containsAll') return argument.elements.every(isMember)
  return method === 'containsAny' ? argument.elements.some(isMember) : undefined
}

/** Whether an element equals this value; `in` of a set whose members are no entities means the same. */
export function contains(set: SetValue, value: Value): boolean {
  return set.elements.some((element) => equalValues(element, value))
}

function callOnDatetime(method: MethodName, epochMs: number, [zone]: readonly Value[]): Value | undefined {
  const timeZone = typeof zone === 'string' ? zone : undefined
  if (method === 'time') return { kind: 'duration', ms: timeOfDayMs(epochMs, timeZone) }
  return method === 'dayOfWeek' ? dayOfWeek(epochMs, timeZone) : undefined
}
