import { MAX_EPOCH_MS, MIN_EPOCH_MS } from '../model/datetime.ts'
import { formatIp, parseIp } from '../model/ip.ts'
import type { DatetimeValue, DurationValue, EntityRef, IpValue } from '../model/values.ts'
import type { Code, LiteralValue, MethodName, Place } from './program.ts'
import {
  below,
  fail,
  type JsonPlace,
  type Reader,
  readArray,
  readBoolean,
  readInteger,
  readObject,
  readOneOf,
  readString,
  readTagged,
  type Shape,
} from './read-json.ts'

const MAX = Number.MAX_SAFE_INTEGER

export const readPlace: Reader<Place> = (json, at) => {
  const parts = readArray(readInteger(0, MAX))(json, at)
  const [source, line, column] = parts
  if (source === undefined || line === undefined || column === undefined || parts.length !== 3) {
    return fail(at, 'expected source, line and column')
  }
  return line > 0 && column > 0 ? [source, line, column] : fail(at, 'lines and columns start at 1')
}

// Conditions nest: the readers of their parts are bound late. Depth is counted over places, which link upwards.
const readOperand: Reader<Code> = (json, at) => readCode(json, at)
const readOperands = readArray(readOperand, 1)
const readAnything = readArray(readOperand)

const literalReaders = new Map<string, Reader<LiteralValue>>([
  [
    'datetime',
    readObject<DatetimeValue>({
      kind: readOneOf('datetime'),
      epochMs: readInteger(MIN_EPOCH_MS, MAX_EPOCH_MS),
    }),
  ],
  ['duration', readObject<DurationValue>({ kind: readOneOf('duration'), ms: readInteger(-MAX, MAX) })],
  ['entity', readObject<EntityRef>({ kind: readOneOf('entity'), type: readString, id: readString })],
  ['ip', readIp],
])
const readTaggedLiteral = readTagged('kind', literalReaders)

const readLiteralValue: Reader<LiteralValue> = (json, at) => {
  if (typeof json === 'boolean' || typeof json === 'string') return json
  if (typeof json !== 'number') return readTaggedLiteral(json, at)
  return Math.abs(json) <= MAX ? json : fail(at, 'number out of range')
}

function readIp(json: unknown, at: JsonPlace): IpValue {
  const ip = readObject<IpValue>({
    kind: readOneOf('ip'),
    version: readOneOf(4, 6),
    bytes: readArray(readInteger(0, 255)),
    prefix: readInteger(0, 128),
  })(json, at)
  const hasLength = ip.bytes.length === (ip.version === 4 ? 4 : 16)
  // What the engine's own reader makes of the address is the one form in which it is compared.
  const canonical = hasLength ? parseIp(formatIp(ip)) : undefined
  const isCanonical = JSON.stringify(canonical) === JSON.stringify(ip)
  return isCanonical ? ip : fail(at, 'not a canonical address')
}

type CodeOf<K extends Code['op']> = Extract<Code, { readonly op: K }>
/** The shape of one kind of code without its `op`. */
type Members<K extends Code['op']> = Omit<Shape<CodeOf<K>>, 'op'>

const ARITIES: ReadonlyMap<MethodName, readonly [min: number, max: number]> = new Map<
  MethodName,
  readonly [number, number]
>([
  ['contains', [1, 1]],
  ['containsAll', [1, 1]],
  ['containsAny', [1, 1]],
  ['isEmpty', [0, 0]],
  ['size', [0, 0]],
  ['keys', [0, 0]],
  ['startsWith', [1, 1]],
  ['endsWith', [1, 1]],
  ['lower', [0, 0]],
  ['time', [0, 1]],
  ['dayOfWeek', [0, 1]],
  ['isLoopback', [0, 0]],
  ['isMulticast', [0, 0]],
])

const readers = new Map<string, Reader<Code>>()
const at = readPlace
const isOptional = { optional: readOneOf(true) }

function define<K extends Code['op']>(op: K, members: Members<K>): void {
  readers.set(op, readObject({ op: readOneOf(op), ...members } as unknown as Shape<Code>))
}

define('literal', { value: readLiteralValue })
define('absent', {})
define('set', { elements: readAnything })
define('record', {
  entries: readArray(readObject<{ name: string; code: Code }>({ name: readString, code: readOperand })),
})
define('subject', {})
define('resource', {})
define('now', { at })
define('context', { name: readString, at })
define('parameter', { name: readString, at })
define('actionName', {})
define('roleParameter', { name: readString })
define('variable', { name: readString })
define('member', { object: readOperand, name: readString, isOptional, at })
define('entry', { object: readOperand, key: readOperand, isOptional, at })
define('method', {
  object: readOperand,
  method: readOneOf(...ARITIES.keys()),
  args: readAnything,
  isOptional,
  at,
})
define('hasRole', { role: readString, on: { optional: readOperand }, isNegative: readBoolean, at })
define('not', { operand: readOperand })
define('negate', { operand: readOperand, at })
for (const op of ['and', 'or'] as const) {
  readers.set(op, readObject<CodeOf<'and' | 'or'>>({ op: readOneOf(op), operands: readOperands }))
}
define('arithmetic', { operator: readOneOf('+', '-', '*'), left: readOperand, right: readOperand, at })
define('compare', {
  operator: readOneOf('==', '!=', '<', '<=', '>', '>='),
  left: readOperand,
  right: readOperand,
  at,
})
define('in', { left: readOperand, right: readOperand, at })
define('is', { operand: readOperand, type: readString })
define('has', { operand: readOperand, name: readString, at })
define('hasContext', { name: readString, at })
define('hasParameter', { name: readString, at })
define('actionIn', { actions: readArray(readString) })
define('like', { operand: readOperand, pattern: readString, at })
define('matches', { operand: readOperand, pattern: readString, at })
define('coalesce', { operands: readOperands })
// biome-ignore lint/suspicious/noThenProperty: a node of plain data, never awaited
define('conditional', { test: readOperand, then: readOperand, otherwise: readOperand })
define('quantifier', {
  quantifier: readOneOf('some', 'every'),
  variable: readString,
  set: readOperand,
  body: readOperand,
  at,
})

const readTaggedCode = readTagged('op', readers)

/** Reads one condition or value. */
export const readCode: Reader<Code> = (json, place) => {
  const code = readTaggedCode(json, place)
  if (code.op !== 'method') return code
  const [min, max] = ARITIES.get(code.method) ?? [0, 0]
  const isCallable = code.args.length >= min && code.args.length <= max
  return isCallable ? code : fail(below(place, 'args'), 'wrong number of arguments')
}
