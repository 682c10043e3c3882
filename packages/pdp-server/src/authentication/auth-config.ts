// The keys of the configuration that say who may ask.
import { z } from 'zod'
import { listOf, text, whole } from '../config-values.ts'
import { ENVIRONMENT_PATTERN } from './api-key.ts'
import { OPEN_ENDPOINTS } from './required-scope.ts'

export const authenticationShape = {
  keyFile: text('a file')
    .optional()
    .describe('File of API keys, made by `edict keys create`. Turns API keys on.'),
  keyUseFile: text('a file')
    .optional()
    .describe('Where the last use of each key is kept. Default: beside `keyFile`, as `NAME.last-used.json`.'),
  keyEnvironment: text('a name')
    .regex(ENVIRONMENT_PATTERN, {
      error: 'must be a name of lower-case letters and digits, at most 16',
    })
    .default('live')
    .describe('Keys made for another environment are refused.'),
  openEndpoints: listOf(OPEN_ENDPOINTS)
    .default(['index', 'health', 'metadata', 'openapi'])
    .describe(
      'What answers callers that do not say who they are; `metrics` asks for the scope `admin` else.',
    ),
  maxCredentialBytes: whole(256, 65_536)
    .default(8192)
    .describe('A longer `Authorization` header or token is refused unread.'),
}

/** Keys whose values are paths. */
export const AUTHENTICATION_PATHS = ['keyFile', 'keyUseFile'] as const

const schema = z.object(authenticationShape)
export type AuthenticationConfig = Readonly<z.infer<typeof schema>>
