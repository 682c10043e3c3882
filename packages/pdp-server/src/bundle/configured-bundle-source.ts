import { join } from 'node:path'
import type { Log } from '../telemetry/log.ts'
import type { BundleConfig } from './bundle-config.ts'
import type { BundleOrigin } from './bundle-origin.ts'
import { BundleSource } from './bundle-source.ts'
import { createFileOrigin } from './file-origin.ts'
import { followBundleKeys } from './followed-keys.ts'
import { createHttpOrigin } from './http-origin.ts'
import { createKeptBundle } from './kept-bundle.ts'

const KEPT_NAME = 'last-good.bundle'
/** A look at a file that has not changed costs next to nothing. */
const FILE_POLL_MS = 1000

/**
 * The bundle of a configuration without contradictions; undefined where it has none.
 * Throws `PdpServerError` `bad-bundle-key` or `unreadable-files` for files that hold no public key.
 */
export function createConfiguredBundleSource(
  config: BundleConfig & {
    readonly stateDir?: string | undefined
    readonly entityStore?: string | undefined
  },
  log: Log,
): BundleSource | undefined {
  const { bundleName, bundleKeys, bundleUrl, maxBundleBytes, stateDir } = config
  const origin = createOrigin(config)
  if (origin === undefined || bundleName === undefined) return undefined
  if (stateDir === undefined) {
    log.warn(
      { bundle: bundleName },
      'without `stateDir`, a restart forgets which serial was seen, and takes an older bundle that is signed',
    )
  }
  return new BundleSource({
    bundleName,
    keys: followBundleKeys(bundleKeys, log),
    origin,
    takesData: config.entityStore === undefined,
    kept: stateDir === undefined ? undefined : createKeptBundle(join(stateDir, KEPT_NAME), maxBundleBytes),
    pollMs: bundleUrl === undefined ? FILE_POLL_MS : config.bundlePollSeconds * 1000,
    log,
  })
}

function createOrigin(config: BundleConfig): BundleOrigin | undefined {
  const { bundleUrl, bundleFile, bundleTokenFile, bundleTimeoutMs, maxBundleBytes: maxBytes } = config
  if (bundleFile !== undefined) return createFileOrigin({ path: bundleFile, maxBytes })
  if (bundleUrl === undefined) return undefined
  return createHttpOrigin({
    url: bundleUrl,
    tokenFile: bundleTokenFile,
    timeoutMs: bundleTimeoutMs,
    maxBytes,
  })
}
