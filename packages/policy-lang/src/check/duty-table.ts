import type { Argument, Duty } from '../ast/nodes.ts'
import type { Span } from '../diagnostics/span.ts'
import { describeType, isNothing } from '../model/describe-type.ts'
import type { Type } from '../model/types.ts'
import type { Report } from './report.ts'
import { createTypeJoin, isText, NOTHING, STRING, type TypeJoin } from './type-relations.ts'

/** Obligations and advice by name: their arguments have one type each over all uses. */
export interface DutyTable {
  note(duty: Duty, argument: Argument, type: Type): void
  noteUse(duty: Duty): void
  /** Names after `obligate` or after `advise`. */
  names(kind: Duty['kind']): ReadonlySet<string>
  toTypes(): ReadonlyMap<string, ReadonlyMap<string, Type>>
}

interface KnownArgument {
  readonly join: TypeJoin
  readonly span: Span
}

export function createDutyTable(report: Report): DutyTable {
  const duties = new Map<string, Map<string, KnownArgument>>()
  const names = { obligate: new Set<string>(), advise: new Set<string>() }
  return {
    names: (kind) => names[kind],
    noteUse: (duty) => {
      names[duty.kind].add(duty.name.name)
      if (!duties.has(duty.name.name)) duties.set(duty.name.name, new Map())
    },
    note: (duty, argument, type) => {
      const known = duties.get(duty.name.name)?.get(argument.name.name)
      if (known === undefined) {
        const first = { join: createTypeJoin(type), span: argument.span }
        duties.get(duty.name.name)?.set(argument.name.name, first)
      } else if (!known.join.add(type)) reportMismatch(duty, argument, type, known, report)
    },
    toTypes: () => {
      const types = new Map<string, ReadonlyMap<string, Type>>()
      for (const [name, known] of duties) {
        types.set(name, new Map([...known].map(([argument, { join }]) => [argument, widen(join.current())])))
      }
      return types
    },
  }
}

/** What was only ever written as literals is a String like any other. */
function widen(type: Type): Type {
  if (type === NOTHING || isText(type)) return STRING
  if (type.kind === 'set' && isNothing(type.element)) return { kind: 'set', element: STRING }
  return type
}

function reportMismatch(
  duty: Duty,
  argument: Argument,
  type: Type,
  known: KnownArgument,
  report: Report,
): void {
  report({
    code: 'duty-mismatch',
    span: argument.span,
    message: `\`${argument.name.name}\` of \`${duty.name.name}\` is \`${describeType(type)}\` here and \`${describeType(known.join.current())}\` elsewhere`,
    related: [{ span: known.span, message: 'used with another type here' }],
    hint: 'an enforcement point relies on one type: use one, or another name',
  })
}
