import { concat, FLAT_COMMA, group, indent, join, type Layout, LINE, NOTHING } from './layout.ts'
import type {
  ActionDeclaration,
  ActionGroupDeclaration,
  AttributeDeclaration,
  ContextDeclaration,
  EntityTypeDeclaration,
  Parameter,
  TypeExpression,
} from './nodes.ts'
import { layoutBody, layoutDoc, type MemberLine } from './print-body.ts'
import type { PrintContext } from './print-context.ts'
import { layoutList } from './print-expression.ts'
import { printActionName, printName, printNames, printWord, writeText } from './print-names.ts'

export function layoutEntityType(declaration: EntityTypeDeclaration, context: PrintContext): Layout {
  const { isSubject, isResource, name, parents } = declaration
  const places = [isSubject ? 'subject ' : '', isResource ? 'resource ' : ''].join('') || 'entity '
  const below = parents.length === 0 ? '' : ` in ${printNames(parents)}`
  const head = `${places}${printName(name)}${below}`
  const members = context.inOrder(memberLines(declaration, context), (member) => member.span.start)
  const body = layoutBody(members, declaration.span.end, context)
  return body === undefined ? head : concat(`${head} `, body)
}

function memberLines(declaration: EntityTypeDeclaration, context: PrintContext): readonly MemberLine[] {
  const { attributes, storedParents, storedRoles, actionGroups } = declaration
  const stored = [
    { text: 'stored parents', span: storedParents },
    { text: 'stored roles', span: storedRoles },
  ]
  return [
    ...attributes.map((attribute) => attributeLine(attribute, context)),
    ...stored.flatMap(({ text, span }) => (span === undefined ? [] : [{ span, build: () => text }])),
    ...actionLines(declaration.actions, context),
    ...actionGroups.map((actionGroup) => actionGroupLine(actionGroup, context)),
  ]
}

function attributeLine(attribute: AttributeDeclaration, context: PrintContext): MemberLine {
  return {
    span: attribute.span,
    build: () => concat(layoutDoc(attribute, context), layoutAttribute(attribute, context)),
  }
}

function layoutAttribute(attribute: AttributeDeclaration, context: PrintContext): Layout {
  const { name, isOptional, isStored, type } = attribute
  const head = `${isStored ? 'stored ' : ''}${printWord(name)}${isOptional ? '?' : ''}: `
  return concat(head, layoutType(type, context))
}

/** Actions that the author put on one line stand on one line. */
function actionLines(actions: readonly ActionDeclaration[], context: PrintContext): readonly MemberLine[] {
  const lines: ActionDeclaration[][] = []
  let previous: ActionDeclaration | undefined
  for (const action of actions) {
    if (context.startsLine(action, previous)) lines.push([action])
    else lines.at(-1)?.push(action)
    previous = action
  }
  return lines.flatMap((line) => {
    const [first] = line
    const last = line.at(-1)
    if (first === undefined || last === undefined) return []
    const span = { ...first.span, end: last.span.end }
    return [{ span, build: () => concat(layoutDoc(first, context), layoutActions(line, context)) }]
  })
}

function layoutActions(actions: readonly ActionDeclaration[], context: PrintContext): Layout {
  const names = actions.map(({ name, parameters, span }) => {
    const lead = context.lead(span.start)
    const list = parameters.length === 0 ? NOTHING : layoutParameters(parameters, context)
    return concat(lead, printActionName(name), list, context.trail(span.end))
  })
  return group('actions', indent(LINE, join(concat(',', LINE), names)))
}

function actionGroupLine(actionGroup: ActionGroupDeclaration, context: PrintContext): MemberLine {
  const { name, members, span } = actionGroup
  const names = members.map(printActionName)
  const list = indent(LINE, join(concat(',', LINE), names))
  return {
    span,
    build: () => concat(layoutDoc(actionGroup, context), group(`actions ${printActionName(name)} =`, list)),
  }
}

export function layoutContext(declaration: ContextDeclaration, context: PrintContext): Layout {
  const members = declaration.attributes.map((attribute) => attributeLine(attribute, context))
  return concat('context ', layoutBody(members, declaration.span.end, context) ?? '{}')
}

export function layoutType(type: TypeExpression, context: PrintContext): Layout {
  switch (type.kind) {
    case 'namedType':
      return printName(type.name)
    case 'literalType':
      return writeText(type.value)
    case 'setType':
      return concat('Set<', layoutType(type.element, context), '>')
    case 'mapType':
      return concat('Map<', layoutType(type.value, context), '>')
    case 'recordType': {
      const fields = type.fields.map((field) => {
        const lead = context.lead(field.span.start)
        const trail = (): Layout => context.trail(field.span.end)
        return concat(lead, layoutDoc(field, context), layoutAttribute(field, context), trail())
      })
      if (fields.length === 0) return '{}'
      return group('{', indent(LINE, join(FLAT_COMMA, fields)), LINE, '}')
    }
    case 'unionType': {
      const members = type.members.map((member) => {
        return concat(layoutType(member, context), context.trail(member.span.end))
      })
      const [first, ...others] = members
      return group(first ?? '', indent(...others.map((member) => concat(LINE, '| ', member))))
    }
  }
}

export function layoutParameters(parameters: readonly Parameter[], context: PrintContext): Layout {
  const list = parameters.map(({ name, isOptional, type, span }) => {
    const lead = context.lead(span.start)
    const text = `${printWord(name)}${isOptional ? '?' : ''}: `
    return concat(lead, text, layoutType(type, context), context.trail(span.end))
  })
  return layoutList('(', list, ')')
}
