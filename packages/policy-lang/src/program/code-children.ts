import type { Code, CodeTree, Place } from './program.ts'
import type { ShapeCode, ShapeLeaf } from './rule-table.ts'

/** Code of either form. */
export type AnyCode = CodeTree<ShapeLeaf, string | number, Place | number>

/** The direct parts of a condition or value, in the order they are written. */
export function childrenOf(code: Code): readonly Code[]
export function childrenOf(code: ShapeCode): readonly ShapeCode[]
export function childrenOf(code: AnyCode): readonly AnyCode[]
export function childrenOf(code: AnyCode): readonly AnyCode[] {
  switch (code.op) {
    case 'literal':
    case 'constant':
    case 'absent':
    case 'subject':
    case 'resource':
    case 'now':
    case 'context':
    case 'parameter':
    case 'actionName':
    case 'roleParameter':
    case 'variable':
    case 'hasContext':
    case 'hasParameter':
    case 'actionIn':
      return []
    case 'set':
      return code.elements
    case 'record':
      return code.entries.map((entry) => entry.code)
    case 'member':
      return [code.object]
    case 'entry':
      return [code.object, code.key]
    case 'method':
      return [code.object, ...code.args]
    case 'hasRole':
      return code.on === undefined ? [] : [code.on]
    case 'not':
    case 'negate':
    case 'is':
    case 'has':
    case 'like':
    case 'matches':
      return [code.operand]
    case 'and':
    case 'or':
    case 'coalesce':
      return code.operands
    case 'arithmetic':
    case 'compare':
    case 'in':
      return [code.left, code.right]
    case 'conditional':
      return [code.test, code.then, code.otherwise]
    case 'quantifier':
      return [code.set, code.body]
  }
}
