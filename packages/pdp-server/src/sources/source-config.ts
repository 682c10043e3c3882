// The keys of the configuration that say how policies are followed, and how old they may be.
import { z } from 'zod'
import { text, whole } from '../config-values.ts'
import { WHEN_STALE } from '../decide/pdp.ts'

const DAY_SECONDS = 86_400

export const sourceShape = {
  reloadPollSeconds: whole(0, DAY_SECONDS)
    .default(5)
    .describe(
      'How often `policies` and `data` are looked at, besides being watched; `0`: neither, but when told by SIGHUP.',
    ),
  stateDir: text('a folder')
    .optional()
    .describe(
      'Folder that keeps, over a restart, the policies and data that loaded last, and how far their numbers are. ' +
        'For one service alone.',
    ),
  maxStalenessSeconds: whole(0, 365 * DAY_SECONDS)
    .default(0)
    .describe(
      'How long policies may decide since they were last known to be current; `0`: for ever. Then `/readyz` fails.',
    ),
  whenStale: z
    .enum(WHEN_STALE, { error: `must be one of ${WHEN_STALE.join(', ')}` })
    .default('refuse')
    .describe(
      'What becomes of decisions then: `refuse` gives none (503), `mark` adds the header `Edict-Stale`.',
    ),
}

/** Keys whose values are paths. */
export const SOURCE_PATHS = ['stateDir'] as const

const schema = z.object(sourceShape)
export type SourceConfig = Readonly<z.infer<typeof schema>>

/**
 * What cannot be together, each with what to do about it.
 * @param isDirectory whether policies come from a folder
 */
export function findSourceContradictions(config: SourceConfig, isDirectory: boolean): readonly string[] {
  const { maxStalenessSeconds, reloadPollSeconds } = config
  if (maxStalenessSeconds === 0 || !isDirectory) return []
  if (reloadPollSeconds === 0) {
    return [
      '`maxStalenessSeconds` is given, but nobody looks whether policies are current: give `reloadPollSeconds`',
    ]
  }
  if (maxStalenessSeconds > reloadPollSeconds) return []
  return [
    '`maxStalenessSeconds` must be more than `reloadPollSeconds`, or policies are stale between two looks',
  ]
}
