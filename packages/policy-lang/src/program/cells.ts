import type { Schema } from '../model/schema.ts'
import type { ProgramCell } from './program.ts'

/** A cell for every declared pair, also where no rule applies: it tells `default` from `unknownAction`. */
export function toCells(schema: Schema): readonly ProgramCell[] {
  return schema.entityTypes.flatMap(({ name, actions }) =>
    actions.map((action) => ({ resourceType: name, action: action.name })),
  )
}
