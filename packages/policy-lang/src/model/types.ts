/**
 * The type of a value, as declared or inferred. Plain data: it stands in serialised Programs.
 * Names are held in arrays and `name` members, never as keys, so that `__proto__` is an ordinary name.
 */
export type Type =
  | { readonly kind: 'bool' }
  | { readonly kind: 'string' }
  | { readonly kind: 'number' }
  | { readonly kind: 'datetime' }
  | { readonly kind: 'duration' }
  | { readonly kind: 'ip' }
  /** A union of string literals, sorted by code point. */
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  /** One entity type or a union of them, sorted by code point. */
  | { readonly kind: 'entity'; readonly types: readonly string[] }
  | { readonly kind: 'set'; readonly element: Type }
  | { readonly kind: 'map'; readonly value: Type }
  | { readonly kind: 'record'; readonly fields: readonly FieldType[] }

export interface FieldType {
  readonly name: string
  readonly type: Type
  readonly isOptional: boolean
}
