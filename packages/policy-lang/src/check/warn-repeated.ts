import type { Name, NameList, Who } from '../ast/nodes.ts'
import { RepeatedRule } from '../ast/repeated-rule.ts'
import type { Span } from '../diagnostics/span.ts'
import type { CheckState } from './check-state.ts'
import type { Declarations } from './declarations.ts'

/** Members that stand twice in a list of a rule, grant, invariant or group, and titles that two tests or two invariants share. */
export function warnRepeated({ declarations, report }: CheckState): void {
  const warn = (member: Named, first: Span) => {
    report({
      code: 'repeated-member',
      span: member.span,
      message: `${member.text} stands twice in this list`,
      related: [{ span: first, message: 'first here' }],
      hint: 'remove it, or write the one that was meant',
    })
  }
  for (const list of listsOf(declarations)) forEachRepeated(list, warn)
  for (const what of ['test', 'invariant'] as const) {
    const titles = (what === 'test' ? declarations.tests : declarations.invariants).map(({ name, span }) => ({
      key: name,
      text: `the ${what} \`${name}\``,
      span: toHead(span, what, name),
    }))
    forEachRepeated(titles, ({ text, span }, first) => {
      report({
        code: 'repeated-title',
        span,
        message: `${text} has the title of another ${what}`,
        related: [{ span: first, message: `the other ${what}` }],
        hint: 'give each a title of its own: reports tell them apart by it',
      })
    })
  }
}

/** Keyword and title alone, as the formatter writes them: what is behind can be long. */
function toHead(span: Span, keyword: string, title: string): Span {
  return { ...span, end: Math.min(span.end, span.start + `${keyword} ${JSON.stringify(title)}`.length) }
}

/** What stands in a list: `key` is the same for what means the same. */
interface Named {
  readonly key: string
  readonly text: string
  readonly span: Span
}

function forEachRepeated(list: readonly Named[], warn: (member: Named, first: Span) => void): void {
  if (list.length < 2) return
  const places = new Map<string, Span>()
  for (const member of list) {
    const first = places.get(member.key)
    if (first === undefined) places.set(member.key, member.span)
    else warn(member, first)
  }
}

function listsOf(declarations: Declarations): readonly (readonly Named[])[] {
  const grants = [...declarations.roles.values()].flatMap(({ declaration }) => declaration.grants)
  // A rule that is written like others has no lists.
  const written = [...declarations.rules.values()].filter((rule) => !(rule instanceof RepeatedRule))
  const rules = [...written, ...declarations.invariants]
  return [
    ...[...declarations.entityTypes.values()].flatMap((type) =>
      type.actionGroups.map((group) => toNamedList(group.members)),
    ),
    ...[...grants, ...rules].flatMap(({ actions, types }) => [membersOf(actions), membersOf(types)]),
    ...rules.map(({ who }) => (who.length < 2 ? [] : who.map((member) => toNamedWho(member, declarations)))),
  ]
}

function membersOf(list: NameList): readonly Named[] {
  return list.kind === 'all' ? [] : toNamedList(list.names)
}

/** Most lists have one member, which repeats nothing. */
function toNamedList(names: readonly Name[]): readonly Named[] {
  return names.length < 2 ? [] : names.map(toNamed)
}

function toNamed({ name, span }: Name): Named {
  return { key: name, text: `\`${name}\``, span }
}

function toNamedWho(member: Who, { roles }: Declarations): Named {
  const { span } = member
  switch (member.kind) {
    case 'anyone':
      return { key: 'anyone', text: '`anyone`', span }
    case 'entity': {
      const key = `${member.type.name}::${JSON.stringify(member.id)}`
      return { key, text: `\`${key}\``, span }
    }
    case 'whoName': {
      const { name } = member.name
      const kind = member.qualifier ?? (roles.has(name) ? 'role' : 'type')
      return { key: `${kind} ${name}`, text: `\`${name}\``, span }
    }
  }
}
