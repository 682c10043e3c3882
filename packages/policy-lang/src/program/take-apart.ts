import { type Constant, printConstant, toConstant } from './constants.ts'
import { toShapeCode } from './map-code.ts'
import type { Code, Place, ProgramDuty, ProgramRule, ProgramWho } from './program.ts'
import type { RuleShape, ShapeCode, ShapeDuty, ShapeWho, TextTemplate } from './rule-table.ts'
import { splitText } from './text-template.ts'

/** A rule as a shape and what differs from rule to rule. */
export interface TakenApart {
  readonly shape: RuleShape
  readonly constants: readonly Constant[]
  /** Other places than that of the rule itself. */
  readonly places: readonly Place[]
  readonly who: TextTemplate
  readonly conditions: readonly TextTemplate[]
  /** Texts that templates could not tell. */
  readonly texts: readonly string[]
}

/** @param hasParameters whether a role has parameters: then the shape names it, since its rules can read them */
export function takeApart(rule: ProgramRule, hasParameters: (role: string) => boolean): TakenApart {
  const collected: Collected = { constants: [], places: [] }
  const roleOf = (role: string): string | number =>
    hasParameters(role) ? role : addConstant(collected, { kind: { kind: 'role' }, raw: role })
  const who = rule.who.map((one) => takeWho(one, roleOf, collected))
  const ends = [collected.constants.length]
  const conditions = rule.conditions.map(({ code, at }) => {
    const taken = { at: addPlace(collected, at), code: takeCode(code, collected) }
    ends.push(collected.constants.length)
    return taken
  })
  const shape: RuleShape = {
    effect: rule.effect,
    isAfter: rule.isAfter,
    who,
    conditions,
    obligations: rule.obligations.map((duty) => takeDuty(duty, collected)),
    advice: rule.advice.map((duty) => takeDuty(duty, collected)),
    ...(rule.grantOf !== undefined && {
      grantOf: grantOf(rule.grantOf, rule.who, who) ?? roleOf(rule.grantOf),
    }),
    constants: collected.constants.map(({ kind }) => kind),
    placeCount: collected.places.length,
  }
  return { shape, ...collected, ...takeTexts(rule, ends, collected.constants) }
}

/** A grant is to the holders of its role: where WHO holds the name already, it is not held twice. */
function grantOf(
  role: string,
  names: readonly ProgramWho[],
  who: readonly ShapeWho[],
): string | number | undefined {
  const index = names.findIndex((one) => one.kind === 'role' && one.role === role)
  const taken = who[index]
  return taken?.kind === 'role' ? taken.role : undefined
}

interface Collected {
  readonly constants: Constant[]
  readonly places: Place[]
}

function addConstant({ constants }: Collected, constant: Constant): number {
  return constants.push(constant) - 1
}

function addPlace({ places }: Collected, place: Place): number {
  return places.push(place) - 1
}

function takeCode(code: Code, collected: Collected): ShapeCode {
  return toShapeCode(code, {
    leaf: (leaf, isFixed) => {
      const constant = isFixed ? undefined : toConstant(leaf.value)
      return constant === undefined ? leaf : { op: 'constant', slot: addConstant(collected, constant) }
    },
    pattern: (pattern, kind) => addConstant(collected, { kind: { kind }, raw: pattern }),
    at: (place) => addPlace(collected, place),
  })
}

function takeDuty({ name, args, at }: ProgramDuty, collected: Collected): ShapeDuty {
  const place = addPlace(collected, at)
  return {
    name,
    args: args.map((arg) => ({ name: arg.name, code: takeCode(arg.code, collected) })),
    at: place,
  }
}

function takeWho(who: ProgramWho, roleOf: (role: string) => string | number, collected: Collected): ShapeWho {
  switch (who.kind) {
    case 'role':
      return { kind: 'role', role: roleOf(who.role) }
    case 'entity': {
      const kind = { kind: 'entity', type: who.type } as const
      return { kind: 'entity', entity: addConstant(collected, { kind, raw: who.id }) }
    }
    default:
      return who
  }
}

/** @param ends behind the last constant of WHO, then of each condition */
function takeTexts(
  { whoText, conditions }: ProgramRule,
  ends: readonly number[],
  constants: readonly Constant[],
): Pick<TakenApart, 'who' | 'conditions' | 'texts'> {
  const texts: string[] = []
  const take = (text: string, from: number, to: number): TextTemplate => {
    const printed = constants.slice(from, to).map(({ kind, raw }, index) => ({
      slot: from + index,
      text: printConstant(kind, raw),
    }))
    return splitText(text, printed) ?? [constants.length + texts.push(text) - 1]
  }
  return {
    who: take(whoText, 0, ends[0] ?? 0),
    conditions: conditions.map(({ text }, index) => take(text, ends[index] ?? 0, ends[index + 1] ?? 0)),
    texts,
  }
}
