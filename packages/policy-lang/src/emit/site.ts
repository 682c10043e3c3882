import type { LinkedProgram, LinkedType } from '../evaluate/link.ts'
import type { FieldType, Type } from '../model/types.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { ConstantKind } from '../program/rule-table.ts'
import type { EntityTest, RoleIndex, RoleQuestion } from './role-query.ts'
import type { Writer } from './writer.ts'

/** Where emitted code stands: what its roots are, so that every expression has one type. */
export interface Site {
  readonly linked: LinkedProgram
  readonly roles: RoleIndex
  readonly writer: Writer
  readonly subject: LinkedType
  /** What `resource` is: the request's, or in the condition of a role any entity of a type. */
  readonly resource: { readonly type: LinkedType; readonly isRoot: boolean }
  /** `undefined` in the condition of a role. */
  readonly action: { readonly name: string; readonly parameters: ReadonlyMap<string, FieldType> } | undefined
  /** Variables of quantifiers around. */
  readonly variables: ReadonlyMap<string, Operand>
  /** What the constants in `c` are, where the code is of many rules. */
  readonly kinds: readonly ConstantKind[]
  readonly emitter: RoleEmitter
  readonly forms: Forms
}

/** How parts of every form are emitted: forms hold one another. */
export interface Forms {
  /** @throws NoFastForm */
  readonly value: (code: AnyCode, site: Site) => Operand
  /** @throws NoFastForm */
  readonly method: (code: Extract<AnyCode, { readonly op: 'method' }>, site: Site) => Operand
  /** @throws NoFastForm */
  readonly test: (code: AnyCode, site: Site) => Test
  /** @throws NoFastForm */
  readonly holds: (role: string, on: Operand | undefined, site: Site) => Test
}

/** Makes and keeps the functions that decide about roles, for one subject type. */
export interface RoleEmitter {
  /** @throws NoFastForm */
  readonly holds: (role: string, type: LinkedType, isRoot: boolean) => EntityTest
  /** @param asked roles, each with its tag */
  readonly ask: (asked: readonly (readonly [role: string, tag: number])[], type: string) => RoleQuestion
}

/** A value in emitted code: a name or literal that may be repeated. */
export interface Operand {
  readonly js: string
  readonly type: Type
  /** It can be FAIL. */
  readonly canFail: boolean
  /** It can be `undefined`. */
  readonly canBeAbsent: boolean
}

/** A condition in emitted code: two expressions without effect. `yes` holds only where it has not failed. */
export interface Test {
  readonly yes: string
  readonly failed: string | undefined
}

/** Thrown where a form has no fast code: the rule is left to the reference when it is reached. */
export class NoFastForm extends Error {}

/** How values of a type are held: types of one form can be compared and take each other's place. */
export function formOf(type: Type): string {
  switch (type.kind) {
    case 'enum':
      return 'string'
    case 'entity':
      return type.types.length === 1 ? `id of ${type.types[0]}` : 'reference'
    default:
      return type.kind
  }
}

/** The one entity type of the values, if there is one. */
export function singleType(type: Type): string | undefined {
  return type.kind === 'entity' && type.types.length === 1 ? type.types[0] : undefined
}

export const YES: Test = { yes: 'true', failed: undefined }
export const NO: Test = { yes: 'false', failed: undefined }

/** The test where an operand is neither FAIL nor absent. */
export function failureOf(...operands: readonly Operand[]): string | undefined {
  const parts = operands.flatMap(({ js, canFail, canBeAbsent }) => [
    ...(canFail ? [`${js} === FAIL`] : []),
    ...(canBeAbsent ? [`${js} === undefined`] : []),
  ])
  return parts.length === 0 ? undefined : parts.join(' || ')
}
