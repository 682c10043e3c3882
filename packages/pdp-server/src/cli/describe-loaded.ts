// What the service decides by, in rows for whoever starts it.
import type { Config } from '../config.ts'
import type { PdpState } from '../decide/pdp.ts'
import type { LoadedState } from '../load-state.ts'
import { type CliIo, count } from './io.ts'
import { show } from './policy-paths.ts'

export type Row = readonly [title: string, text: string]

/** @param keptAt since when what decides was kept; undefined where it is what the folders hold */
export function describeFolders(
  { diagnostics, dataWarnings }: LoadedState,
  state: PdpState,
  config: Config,
  keptAt: string | undefined,
  io: CliIo,
): readonly Row[] {
  const { policies, data, entityStore } = config
  const number = createCounter(state)
  const warnings = diagnostics.length + dataWarnings.length
  return [
    [
      'policies',
      `${show(policies, io)}: ${number('policyFiles', 'file')}, ${number('rules', 'rule')}, ${number('roles', 'role')}`,
    ],
    ['version', state.policySet.version],
    [
      'data',
      entityStore !== undefined
        ? `${show(entityStore, io)}, which can be written: ${number('entities', 'entity', 'entities')}, ${number('assignments', 'assignment')}`
        : data === undefined
          ? 'none: questions bring what is known'
          : `${show(data, io)}: ${number('dataFiles', 'file')}, ${number('entities', 'entity', 'entities')}, ${number('assignments', 'assignment')}`,
    ],
    ...(warnings === 0
      ? []
      : [['warnings', `${warnings}; see them with: edict check ${show(policies, io)}`] as const]),
    ...(keptAt === undefined
      ? []
      : [
          [
            'warning',
            `what is there does not load: these are the policies and data of ${keptAt}, which loaded last`,
          ] as const,
        ]),
  ]
}

/** @param failure why the bundle could not be had just now */
export function describeBundle(
  state: PdpState | undefined,
  config: Config,
  failure: string | undefined,
  io: CliIo,
): readonly Row[] {
  const { bundleName = '', bundleUrl, bundleFile = '' } = config
  // An address may hold what is not for everyone who looks over a shoulder.
  const from = bundleUrl === undefined ? show(bundleFile, io) : new URL(bundleUrl).origin
  if (state === undefined) {
    const reason = failure ?? 'it has not come'
    return [
      ['bundle', `${bundleName} from ${from}: none yet, and no decisions until there is one: ${reason}`],
    ]
  }
  const number = createCounter(state)
  const policies = `${number('rules', 'rule')}, ${number('roles', 'role')}`
  const data = `${number('entities', 'entity', 'entities')}, ${number('assignments', 'assignment')}`
  return [
    ['bundle', `${bundleName} from ${from}: serial ${state.numbers?.policy}, ${policies}, ${data}`],
    ['version', state.policySet.version],
    ...(failure === undefined ? [] : [['warning', `this is the bundle that was kept: ${failure}`] as const]),
  ]
}

function createCounter({ counts = {} }: PdpState) {
  return (key: string, noun: string, plural?: string) => count(counts[key] ?? 0, noun, plural)
}
