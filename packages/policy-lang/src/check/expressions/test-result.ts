import type { ActionTest, HasTest, IsTest } from '../../ast/nodes.ts'
import { BOOL } from '../type-relations.ts'
import { type Facts, NO_FACTS } from './facts.ts'
import { type Position, type Typed, type Typing, value } from './typing.ts'

/** The fact that `has` gives. */
export const PRESENT = { isPresent: true }

/** The type of a test, with what it says where it comes out true or false. Notes one that is constant. */
export function toTest(
  typing: Typing,
  node: ActionTest | HasTest | IsTest,
  position: Position,
  result: TestResult,
): Typed {
  const { constant } = result
  if (constant !== undefined && !position.isInlined) typing.noteConstant(node, constant)
  return {
    ...value(BOOL),
    ...(constant === undefined ? {} : { constant }),
    whenTrue: constant === false ? 'never' : result.whenTrue,
    whenFalse: constant === true ? 'never' : (result.whenFalse ?? NO_FACTS),
  }
}

interface TestResult {
  readonly constant?: boolean | undefined
  readonly whenTrue: Facts
  readonly whenFalse?: Facts
}
