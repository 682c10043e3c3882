import { printConstant, toConstant } from './constants.ts'
import { toShapeCode } from './map-code.ts'
import type { Code, ProgramDuty, ProgramRule, ProgramWho } from './program.ts'
import type { RuleShape, ShapeCode, ShapeDuty, ShapeWho, TextTemplate } from './rule-table.ts'
import type { Collected, ShapeKey } from './shape-key.ts'
import { splitText } from './text-template.ts'

/** The shape of a rule: what is left of it without its constants and places. */
export function toShape(rule: ProgramRule, hasParameters: (role: string) => boolean): RuleShape {
  const collected: Collected = { constants: [], places: [] }
  const roleOf = (role: string): string | number =>
    hasParameters(role) ? role : collected.constants.push({ kind: { kind: 'role' }, raw: role }) - 1
  const who = rule.who.map((one) => toShapeWho(one, roleOf, collected))
  const conditions = rule.conditions.map(({ code, at }) => ({
    at: collected.places.push(at) - 1,
    code: takeCode(code, collected),
  }))
  const obligations = rule.obligations.map((duty) => takeDuty(duty, collected))
  const advice = rule.advice.map((duty) => takeDuty(duty, collected))
  const grantOf =
    rule.grantOf === undefined ? undefined : (takenRole(rule.grantOf, rule.who, who) ?? roleOf(rule.grantOf))
  return {
    effect: rule.effect,
    isAfter: rule.isAfter,
    ...(grantOf !== undefined && { grantOf }),
    who,
    conditions,
    obligations,
    advice,
    constants: collected.constants.map(({ kind }) => kind),
    placeCount: collected.places.length,
  }
}

/** A grant is to the holders of its role: where WHO holds the name already, it is not held twice. */
function takenRole(
  role: string,
  names: readonly ProgramWho[],
  who: readonly ShapeWho[],
): string | number | undefined {
  const taken = who[names.findIndex((one) => one.kind === 'role' && one.role === role)]
  return taken?.kind === 'role' ? taken.role : undefined
}

function takeCode(code: Code, { constants, places }: Collected): ShapeCode {
  return toShapeCode(code, {
    leaf: (leaf, isFixed) => {
      const constant = isFixed ? undefined : toConstant(leaf.value)
      return constant === undefined ? leaf : { op: 'constant', slot: constants.push(constant) - 1 }
    },
    pattern: (pattern, kind) => constants.push({ kind: { kind }, raw: pattern }) - 1,
    at: (place) => places.push(place) - 1,
  })
}

function takeDuty({ name, args, at }: ProgramDuty, collected: Collected): ShapeDuty {
  const place = collected.places.push(at) - 1
  return {
    name,
    args: args.map((arg) => ({ name: arg.name, code: takeCode(arg.code, collected) })),
    at: place,
  }
}

function toShapeWho(
  who: ProgramWho,
  roleOf: (role: string) => string | number,
  { constants }: Collected,
): ShapeWho {
  switch (who.kind) {
    case 'role':
      return { kind: 'role', role: roleOf(who.role) }
    case 'entity':
      return {
        kind: 'entity',
        entity: constants.push({ kind: { kind: 'entity', type: who.type }, raw: who.id }) - 1,
      }
    default:
      return who
  }
}

/** The texts of a rule over its constants. */
export interface TakenTexts {
  readonly who: TextTemplate
  readonly conditions: readonly TextTemplate[]
  /** Texts that templates could not tell. */
  readonly texts: readonly string[]
}

export function takeTexts({ whoText, conditions }: ProgramRule, { constants, ends }: ShapeKey): TakenTexts {
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
