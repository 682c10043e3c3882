/**
 * A value during evaluation. Self-describing: what it is can be told without its declared type.
 * `undefined` is never a value; absence is told apart by whoever reads.
 */
export type Value =
  | boolean
  | string
  | number
  | DatetimeValue
  | DurationValue
  | IpValue
  | EntityRef
  | SetValue
  | RecordValue

/** A reference to an entity. */
export interface EntityRef {
  readonly kind: 'entity'
  readonly type: string
  readonly id: string
}
export interface DatetimeValue {
  readonly kind: 'datetime'
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly epochMs: number
}
export interface DurationValue {
  readonly kind: 'duration'
  readonly ms: number
}
/** An address (`prefix` is 32 or 128) or a CIDR block. An IPv4-mapped IPv6 address is held as its IPv4. */
export interface IpValue {
  readonly kind: 'ip'
  readonly version: 4 | 6
  /** 4 or 16 bytes, network order; host bits are zero. */
  readonly bytes: readonly number[]
  readonly prefix: number
}
/** No duplicates by content. The order of elements means nothing. */
export interface SetValue {
  readonly kind: 'set'
  readonly elements: readonly Value[]
}
/** A record or a map. A Map, so that every string is an ordinary key. */
export interface RecordValue {
  readonly kind: 'record'
  readonly entries: ReadonlyMap<string, Value>
}
