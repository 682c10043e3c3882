// The keys of the configuration that say which bundle is served, and whose signature counts.
import { z } from 'zod'
import { listOfText, text, whole, yesOrNo } from '../config-values.ts'
import { isLoopback } from '../server.ts'
import { BUNDLE_NAME_PATTERN } from './manifest.ts'
import { DEFAULT_MAX_BUNDLE_BYTES } from './read-bundle-file.ts'

const MiB = 1024 * 1024

export const bundleShape = {
  bundleUrl: z
    .string()
    .refine(isAddress, { error: 'must be an https address without credentials or fragment' })
    .optional()
    .describe('Address of a signed bundle, which is served instead of `policies` and `data`, and followed.'),
  bundleFile: text('a file').optional().describe('The same for a file on this machine.'),
  bundleKeys: listOfText('files', (path) => path !== '')
    .default([])
    .describe(
      'Files of public keys (PEM or JWK), one of which must have signed the bundle; read anew when they change.',
    ),
  bundleName: z
    .string()
    .regex(BUNDLE_NAME_PATTERN, { error: 'must be a name of letters, digits and `._/-`' })
    .optional()
    .describe('The name that the bundle must have: those of other names are for others.'),
  bundleTokenFile: text('a file')
    .optional()
    .describe('File of a token that is sent to `bundleUrl` as `Authorization: Bearer`; read for each look.'),
  bundlePollSeconds: whole(1, 86_400)
    .default(30)
    .describe('How often `bundleUrl` is asked, a tenth more or less; a file is looked at each second.'),
  bundleTimeoutMs: whole(1, 3_600_000)
    .default(60_000)
    .describe('How long its server may take to send it, from the first byte to the last.'),
  maxBundleBytes: whole(1024, 1024 * MiB)
    .default(DEFAULT_MAX_BUNDLE_BYTES)
    .describe('A larger bundle is refused.'),
  insecureBundleHttp: yesOrNo
    .default(false)
    .describe(
      'Take an http address of another machine: anyone on the way can read it, or hold back newer ones.',
    ),
}

/** Keys whose values are paths, or lists of paths. */
export const BUNDLE_PATHS = ['bundleFile', 'bundleKeys', 'bundleTokenFile'] as const

const schema = z.object(bundleShape)
export type BundleConfig = Readonly<z.infer<typeof schema>>

export function hasBundle({ bundleUrl, bundleFile }: BundleConfig): boolean {
  return (bundleUrl ?? bundleFile) !== undefined
}

/**
 * What cannot be together, each with what to do about it.
 * @param isGiven whether somebody said where policies and data are, rather than nobody
 */
export function findBundleContradictions(
  config: BundleConfig & { readonly maxStalenessSeconds?: number },
  isGiven: (key: 'policies' | 'data') => boolean,
): readonly string[] {
  const { bundleUrl, bundleFile } = config
  const key = bundleUrl !== undefined ? 'bundleUrl' : bundleFile !== undefined ? 'bundleFile' : undefined
  const found = key === undefined ? findUseless(config) : findMissing(config, key, isGiven)
  return found.filter((complaint) => complaint !== false)
}

function findUseless({ bundleKeys, bundleName, bundleTokenFile }: BundleConfig): readonly (string | false)[] {
  const useless = (key: string) =>
    `\`${key}\` is given, but no bundle: say where it is with \`bundleUrl\` or \`bundleFile\``
  return [
    bundleKeys.length > 0 && useless('bundleKeys'),
    bundleName !== undefined && useless('bundleName'),
    bundleTokenFile !== undefined && useless('bundleTokenFile'),
  ]
}

function findMissing(
  config: BundleConfig & { readonly maxStalenessSeconds?: number },
  key: 'bundleUrl' | 'bundleFile',
  isGiven: (key: 'policies' | 'data') => boolean,
): readonly (string | false)[] {
  const { bundleUrl, bundleFile, bundleKeys, bundleName } = config
  const twice = (folder: 'policies' | 'data') =>
    isGiven(folder) &&
    `\`${key}\` and \`${folder}\` are both given: a bundle holds policies and data, leave one out`
  return [
    twice('policies'),
    twice('data'),
    bundleUrl !== undefined &&
      bundleFile !== undefined &&
      '`bundleUrl` and `bundleFile` are both given: leave one out',
    bundleKeys.length === 0 &&
      `\`${key}\` is given, but nobody's signature counts: name public keys with \`bundleKeys\``,
    bundleName === undefined &&
      `\`${key}\` is given: say with \`bundleName\` which bundle is meant for this service, as edict bundle inspect shows it`,
    ...(bundleUrl === undefined ? [] : findUnprotected(config, bundleUrl)),
    bundleUrl === undefined &&
      config.bundleTokenFile !== undefined &&
      '`bundleTokenFile` is given, but a file asks for no token: leave it out',
    isStaleBetweenLooks(config) &&
      `\`maxStalenessSeconds\` must be at least twice ${bundleUrl === undefined ? 'the second' : '`bundlePollSeconds`'} between two looks, or policies are stale by then`,
  ]
}

function isStaleBetweenLooks({
  maxStalenessSeconds = 0,
  bundleUrl,
  bundlePollSeconds,
}: BundleConfig & { readonly maxStalenessSeconds?: number }): boolean {
  return (
    maxStalenessSeconds > 0 && maxStalenessSeconds < 2 * (bundleUrl === undefined ? 1 : bundlePollSeconds)
  )
}

function findUnprotected(
  { bundleTokenFile, insecureBundleHttp }: BundleConfig,
  url: string,
): readonly (string | false)[] {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || isLoopback(hostname)) return []
  return [
    !insecureBundleHttp &&
      '`bundleUrl` is no https address: anyone on the way could read the bundle, or hold back newer ones. ' +
        'Use https, or say `insecureBundleHttp` where the network itself is safe',
    bundleTokenFile !== undefined &&
      '`bundleTokenFile` holds a credential, and `bundleUrl` would send it in the clear: use https',
  ]
}

function isAddress(value: string): boolean {
  if (!URL.canParse(value) || /[#\s]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
