// What a policy set declares about data: entity types, context, role signatures. Plain data, part of the Program.
// Aliases are resolved, `trust store` is spread over the members it marks, everything is sorted by name.
import type { FieldType } from './types.ts'

export interface Schema {
  readonly entityTypes: readonly EntityTypeSchema[]
  readonly context: readonly FieldType[]
  readonly roles: readonly RoleSchema[]
}

export interface EntityTypeSchema {
  readonly name: string
  readonly isSubject: boolean
  readonly isResource: boolean
  /** Types this one may lie directly below; empty: it has no parents, known or not. */
  readonly parents: readonly string[]
  readonly attributes: readonly AttributeSchema[]
  /** Real actions only; groups are expanded where rules name them. */
  readonly actions: readonly ActionSchema[]
  readonly actionGroups: readonly { readonly name: string; readonly actions: readonly string[] }[]
  readonly hasStoredParents: boolean
  readonly hasStoredRoles: boolean
  readonly doc?: string
}

export interface AttributeSchema extends FieldType {
  readonly isStored: boolean
  readonly doc?: string
}

export interface ActionSchema {
  readonly name: string
  readonly parameters: readonly FieldType[]
  readonly doc?: string
}

export interface RoleSchema {
  readonly name: string
  readonly isInherited: boolean
  readonly parameters: readonly FieldType[]
  readonly doc?: string
}
