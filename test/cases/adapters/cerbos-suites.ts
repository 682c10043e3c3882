import type { Adapt } from '../adapter.ts'
import { adaptPrincipals } from './shared/principals.ts'

export const adapt: Adapt = (set, options) => adaptPrincipals(set, options)
