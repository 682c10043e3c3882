import { suggestName } from '../diagnostics/suggest.ts'
import type { EntityTypeSchema, RoleSchema } from '../model/schema.ts'
import type { Program } from '../program/program.ts'

/** What a Program declares about data, by name. */
export interface DataSchema {
  readonly types: ReadonlyMap<string, EntityTypeSchema>
  readonly roles: ReadonlyMap<string, RoleSchema>
}

export function toDataSchema({ schema }: Program): DataSchema {
  return {
    types: new Map(schema.entityTypes.map((type) => [type.name, type])),
    roles: new Map(schema.roles.map((role) => [role.name, role])),
  }
}

/** `did you mean \`x\`?`, where a known name is near. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const near = suggestName(name, known)
  return near === undefined ? undefined : `did you mean \`${near}\`?`
}
