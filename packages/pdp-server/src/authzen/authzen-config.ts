// The keys of the configuration that say how the AuthZEN endpoints present themselves.
import { z } from 'zod'
import { text, yesOrNo } from '../config-values.ts'

export const authzenShape = {
  metadataKeyFile: text('a file')
    .optional()
    .describe(
      'Private key (PEM, Ed25519 or P-256) that signs the AuthZEN metadata. Turns `signed_metadata` on.',
    ),
  obligationsProfile: yesOrNo
    .default(false)
    .describe(
      'Write obligations on the AuthZEN endpoints as its obligations profile (draft) has them: `id`, `type`, `properties`.',
    ),
}

/** Keys whose values are paths. */
export const AUTHZEN_PATHS = ['metadataKeyFile'] as const

const schema = z.object(authzenShape)
export type AuthzenConfig = Readonly<z.infer<typeof schema>>

/** What cannot be together, each with what to do about it. */
export function findAuthzenContradictions({
  metadataKeyFile,
  publicUrl,
}: AuthzenConfig & { readonly publicUrl?: string | undefined }): readonly string[] {
  if (metadataKeyFile === undefined || publicUrl !== undefined) return []
  return ['`metadataKeyFile` signs the metadata, and there is none without `publicUrl`: set both, or neither']
}
