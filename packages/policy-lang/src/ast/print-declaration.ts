import { concat, group, indent, type Layout, LINE } from './layout.ts'
import type { Declaration } from './nodes.ts'
import { layoutDoc } from './print-body.ts'
import type { PrintContext } from './print-context.ts'
import { layoutExpression, layoutOwnLine } from './print-expression.ts'
import { printName, printNames } from './print-names.ts'
import { layoutAssignment, layoutRole } from './print-roles.ts'
import { layoutInvariant, layoutRule } from './print-rules.ts'
import { layoutTest } from './print-test.ts'
import { layoutContext, layoutEntityType, layoutParameters, layoutType } from './print-types.ts'

export function layoutDeclaration(declaration: Declaration, context: PrintContext): Layout {
  return concat(layoutDoc(declaration, context), layoutBareDeclaration(declaration, context))
}

function layoutBareDeclaration(declaration: Declaration, context: PrintContext): Layout {
  switch (declaration.kind) {
    case 'entityType':
      return layoutEntityType(declaration, context)
    case 'context':
      return layoutContext(declaration, context)
    case 'typeAlias':
      return layoutValue(`type ${printName(declaration.name)} =`, layoutType(declaration.type, context))
    case 'trustStore':
      return 'trust store'
    case 'role':
      return layoutRole(declaration, context)
    case 'roleCondition': {
      const types = declaration.types.length === 0 ? '' : ` of ${printNames(declaration.types)}`
      const condition = layoutExpression(declaration.condition, context)
      return group(`role ${printName(declaration.role)}${types}`, indent(LINE, 'if ', condition))
    }
    case 'assignment':
      return layoutAssignment(declaration, context)
    case 'let':
      return layoutValue(`let ${printName(declaration.name)} =`, layoutOwnLine(declaration.value, context))
    case 'fn': {
      const parameters = layoutParameters(declaration.parameters, context)
      const head = concat(`fn ${printName(declaration.name)}`, parameters, ' =')
      return layoutValue(head, layoutOwnLine(declaration.body, context))
    }
    case 'rule':
      return layoutRule(declaration, context)
    case 'test':
      return layoutTest(declaration, context)
    case 'invariant':
      return layoutInvariant(declaration, context)
  }
}

/** `head value`, the value on its own line where both do not fit. */
function layoutValue(head: Layout, value: Layout): Layout {
  return group(head, indent(LINE, value))
}
