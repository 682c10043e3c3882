import type { Adapt } from '../adapter.ts'
import { adaptRelationships } from './shared/relationships.ts'

/** An identity lies in the user that it identifies, a user in the groups of which it is a member. */
export const adapt: Adapt = (set, { schema }) =>
  adaptRelationships(set, { schema, below: ['identifier', 'member'] })
