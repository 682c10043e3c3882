import { readShapeCode } from './read-code.ts'
import {
  fail,
  type Reader,
  readArray,
  readBoolean,
  readInteger,
  readObject,
  readOneOf,
  readString,
  readTagged,
} from './read-json.ts'
import type {
  ConstantKind,
  RuleShape,
  RuleWording,
  ShapeCondition,
  ShapeDuty,
  ShapeWho,
  TextTemplate,
} from './rule-table.ts'

/** Bounds what a shape or wording can ask for without saying it: no policy text is as long. */
const MAX_COUNT = 2 ** 24
const readCount = readInteger(0, MAX_COUNT)
const at = readCount

const readNameOrSlot: Reader<string | number> = (json, place) =>
  typeof json === 'string' ? json : readCount(json, place)

type WhoOf<K extends ShapeWho['kind']> = Extract<ShapeWho, { readonly kind: K }>
const readWho = readTagged<ShapeWho>(
  'kind',
  new Map<string, Reader<ShapeWho>>([
    ['type', readObject<WhoOf<'type'>>({ kind: readOneOf('type'), type: readString })],
    ['entity', readObject<WhoOf<'entity'>>({ kind: readOneOf('entity'), entity: readCount })],
    ['role', readObject<WhoOf<'role'>>({ kind: readOneOf('role'), role: readNameOrSlot })],
    ['anyone', readObject<WhoOf<'anyone'>>({ kind: readOneOf('anyone') })],
  ]),
)

type PlainKind = Exclude<ConstantKind, { readonly kind: 'entity' }>
const readPlainKind = readObject<PlainKind>({
  kind: readOneOf('string', 'number', 'datetime', 'duration', 'ip', 'role', 'like', 'matches'),
})
const readEntityKind = readObject<Extract<ConstantKind, { readonly kind: 'entity' }>>({
  kind: readOneOf('entity'),
  type: readString,
})
const readKind = readTagged<ConstantKind>(
  'kind',
  new Map<string, Reader<ConstantKind>>([
    ...['string', 'number', 'datetime', 'duration', 'ip', 'role', 'like', 'matches'].map(
      (kind) => [kind, readPlainKind] as const,
    ),
    ['entity', readEntityKind],
  ]),
)

const readDuty = readObject<ShapeDuty>({
  name: readString,
  args: readArray(readObject<ShapeDuty['args'][number]>({ name: readString, code: readShapeCode })),
  at,
})

export const readShape: Reader<RuleShape> = readObject<RuleShape>({
  effect: readOneOf('allow', 'deny'),
  isAfter: readBoolean,
  grantOf: { optional: readNameOrSlot },
  who: readArray(readWho),
  conditions: readArray(readObject<ShapeCondition>({ code: readShapeCode, at })),
  obligations: readArray(readDuty),
  advice: readArray(readDuty),
  constants: readArray(readKind),
  placeCount: readCount,
})

const readTemplate: Reader<TextTemplate> = readArray<string | number>((json, place) =>
  typeof json === 'string' || typeof json === 'number'
    ? readNameOrSlot(json, place)
    : fail(place, 'expected a text or a slot'),
)

export const readWording: Reader<RuleWording> = readObject<RuleWording>({
  shape: readCount,
  who: readTemplate,
  conditions: readArray(readTemplate),
  texts: readCount,
})
