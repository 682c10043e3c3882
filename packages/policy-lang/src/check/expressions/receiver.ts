import type { Expression } from '../../ast/nodes.ts'
import { requirePresent } from './require.ts'
import type { Position, Typed, Typing } from './typing.ts'

/** What stands before `.`: it must be there, but for `?.`, which skips the rest of the chain. */
export function inferReceiver(
  typing: Typing,
  node: { readonly object: Expression; readonly isOptional: boolean },
  position: Position,
): Typed {
  const typed = typing.infer(node.object, position)
  if (node.isOptional) {
    return { ...typed, isOptional: false, isShortCircuited: typed.isOptional || typed.isShortCircuited }
  }
  if (!typed.isOptional) return typed
  const checked = requirePresent(typing, node.object, typed)
  return { ...checked, isShortCircuited: typed.isShortCircuited }
}

export function keepChain(typed: Typed, receiver: Typed): Typed {
  return receiver.isShortCircuited ? { ...typed, isShortCircuited: true } : typed
}
