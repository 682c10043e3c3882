import { MAX_EPOCH_MS, MIN_EPOCH_MS } from '../model/datetime.ts'
import { formatIp, parseIp } from '../model/ip.ts'
import type { DatetimeValue, DurationValue, EntityRef, IpValue } from '../model/values.ts'
import type { Code, CodeTree, LiteralValue, MethodName, Place } from './program.ts'
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
import type { ShapeCode, ShapeLeaf } from './rule-table.ts'

const MAX = Number.MAX_SAFE_INTEGER

export const readPlace: Reader<Place> = (json, at) => {
  const parts = readArray(readInteger(0, MAX))(json, at)
  const [source, line, column] = parts
  if (source === undefined || line === undefined || column === undefined || parts.length !== 3) {
    return fail(at, 'expected source, line and column')
  }
  return line > 0 && column > 0 ? [source, line, column] : fail(at, 'lines and columns start at 1')
}

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

type AnyCode<At, Pattern> = CodeTree<ShapeLeaf, Pattern, At>
type CodeOf<At, Pattern, K> = Extract<AnyCode<At, Pattern>, { readonly op: K }>
/** What is read of one kind of code besides its `op`. */
type Members<At, Pattern, K> = Omit<Shape<CodeOf<At, Pattern, K>>, 'op'>

/** How the two forms of code differ. */
interface CodeForm<At, Pattern> {
  readonly at: Reader<At>
  readonly pattern: Reader<Pattern>
  /** Whether constants can stand in slots. */
  readonly hasSlots: boolean
}

const readSlot = readInteger(0, MAX)
const isOptional = { optional: readOneOf(true) }

function createCodeReader<At, Pattern>({
  at,
  pattern,
  hasSlots,
}: CodeForm<At, Pattern>): Reader<AnyCode<At, Pattern>> {
  type Any = AnyCode<At, Pattern>
  // Conditions nest: the readers of their parts are bound late. Depth is counted over places, which link upwards.
  const readOperand: Reader<Any> = (json, place) => readCode(json, place)
  const readOperands = readArray(readOperand, 1)
  const readAnything = readArray(readOperand)
  const readers = new Map<string, Reader<Any>>()
  const define = <K extends Any['op']>(op: K, members: Members<At, Pattern, K>): void => {
    readers.set(op, readObject({ op: readOneOf(op), ...members } as unknown as Shape<Any>))
  }
  define('literal', { value: readLiteralValue })
  if (hasSlots) define('constant', { slot: readSlot })
  define('absent', {})
  define('set', { elements: readAnything })
  define('record', {
    entries: readArray(readObject<{ name: string; code: Any }>({ name: readString, code: readOperand })),
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
    readers.set(op, readObject({ op: readOneOf(op), operands: readOperands } as unknown as Shape<Any>))
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
  define('like', { operand: readOperand, pattern, at })
  define('matches', { operand: readOperand, pattern, at })
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

  const readCode: Reader<Any> = (json, place) => {
    const code = readTaggedCode(json, place)
    if (code.op !== 'method') return code
    const [min, max] = ARITIES.get(code.method) ?? [0, 0]
    const isCallable = code.args.length >= min && code.args.length <= max
    return isCallable ? code : fail(below(place, 'args'), 'wrong number of arguments')
  }
  return readCode
}

/** Reads one condition or value of a role. */
export const readCode: Reader<Code> = createCodeReader({
  at: readPlace,
  pattern: readString,
  hasSlots: false,
}) as Reader<Code>

/** Reads one condition or value of a shape. */
export const readShapeCode: Reader<ShapeCode> = createCodeReader({
  at: readSlot,
  pattern: readSlot,
  hasSlots: true,
})
