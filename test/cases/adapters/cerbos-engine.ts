import type { Adapt } from '../adapter.ts'
import { adaptPrincipals } from './shared/principals.ts'

/** The source configures this in the code of its tests, beside the case file. */
const GLOBALS = { environment: 'test' }

export const adapt: Adapt = (set, options) => adaptPrincipals(set, { ...options, globals: GLOBALS })
