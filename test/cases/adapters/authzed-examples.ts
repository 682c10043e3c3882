import type { Adapt } from '../adapter.ts'
import { adaptRelationships } from './shared/relationships.ts'

export const adapt: Adapt = (set, { schema }) => adaptRelationships(set, { schema })
