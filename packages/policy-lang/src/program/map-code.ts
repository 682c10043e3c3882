import type { AnyCode } from './code-children.ts'
import type { Code, Place } from './program.ts'
import type { ShapeCode, ShapeLeaf } from './rule-table.ts'

/** What becomes of the parts in which the code of a rule and the code of its shape differ. */
interface CodeMapping<Leaf, Pattern, At, NewLeaf, NewPattern, NewAt> {
  /** `isFixed`: it names what is read or how, so that it belongs to the shape. */
  readonly leaf: (leaf: Leaf, isFixed: boolean) => NewLeaf
  readonly pattern: (pattern: Pattern, op: 'like' | 'matches') => NewPattern
  readonly at: (at: At) => NewAt
}

type RuleLeaf = Extract<Code, { readonly op: 'literal' }>

/** The code of a rule → that of its shape. Places and constants are met in the order in which they are written. */
export const toShapeCode: (
  code: Code,
  mapping: CodeMapping<RuleLeaf, string, Place, ShapeLeaf, number, number>,
) => ShapeCode = mapCode

/** The code of a shape → that of one of its rules. */
export const toRuleCode: (
  code: ShapeCode,
  mapping: CodeMapping<ShapeLeaf, number, number, RuleLeaf, string, Place>,
) => Code = mapCode

type AnyMapping<Leaf, Pattern, At> = CodeMapping<Leaf, Pattern, At, unknown, unknown, unknown>

/** The two forms differ in what the mapping replaces and in nothing else: that is why the result has the other form. */
function mapCode<Leaf, Pattern, At, Result>(code: AnyCode, mapping: AnyMapping<Leaf, Pattern, At>): Result {
  const { leaf, pattern, at } = mapping as unknown as AnyMapping<ShapeLeaf, string | number, Place | number>
  const map = (part: AnyCode): unknown => mapCode(part, mapping)
  const mapFixed = (part: AnyCode): unknown => (isLeaf(part) ? leaf(part, true) : map(part))
  const build = (): unknown => {
    switch (code.op) {
      case 'literal':
      case 'constant':
        return leaf(code, false)
      case 'absent':
      case 'subject':
      case 'resource':
      case 'actionName':
      case 'roleParameter':
      case 'variable':
      case 'actionIn':
        return code
      case 'now':
      case 'context':
      case 'parameter':
      case 'hasContext':
      case 'hasParameter':
        return { ...code, at: at(code.at) }
      case 'set':
        return { ...code, elements: code.elements.map(map) }
      case 'record':
        return { ...code, entries: code.entries.map((entry) => ({ ...entry, code: map(entry.code) })) }
      case 'member':
        return { ...code, at: at(code.at), object: map(code.object) }
      case 'entry':
        return { ...code, at: at(code.at), object: map(code.object), key: mapFixed(code.key) }
      case 'method': {
        const isZoned = code.method === 'time' || code.method === 'dayOfWeek'
        const place = at(code.at)
        return { ...code, at: place, object: map(code.object), args: code.args.map(isZoned ? mapFixed : map) }
      }
      case 'hasRole': {
        const place = at(code.at)
        return { ...code, at: place, ...(code.on !== undefined && { on: map(code.on) }) }
      }
      case 'not':
      case 'is':
        return { ...code, operand: map(code.operand) }
      case 'negate':
      case 'has':
        return { ...code, at: at(code.at), operand: map(code.operand) }
      case 'and':
      case 'or':
      case 'coalesce':
        return { ...code, operands: code.operands.map(map) }
      case 'arithmetic':
      case 'compare':
      case 'in':
        return { ...code, at: at(code.at), left: map(code.left), right: map(code.right) }
      case 'like':
      case 'matches': {
        const place = at(code.at)
        return { ...code, at: place, operand: map(code.operand), pattern: pattern(code.pattern, code.op) }
      }
      case 'conditional':
        return {
          ...code,
          test: map(code.test),
          // biome-ignore lint/suspicious/noThenProperty: a node of plain data, never awaited
          then: map(code.then),
          otherwise: map(code.otherwise),
        }
      case 'quantifier':
        return { ...code, at: at(code.at), set: map(code.set), body: map(code.body) }
    }
  }
  return build() as Result
}

function isLeaf(code: AnyCode): code is ShapeLeaf {
  return code.op === 'literal' || code.op === 'constant'
}
