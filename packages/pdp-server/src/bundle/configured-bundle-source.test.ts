import { afterAll, beforeAll, expect, it, suite } from 'vitest'
import { loadConfig } from '../config.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createTestKey } from '../test-support/bundles.ts'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'
import { createConfiguredBundleSource } from './configured-bundle-source.ts'

let workspace: Workspace
beforeAll(() => {
  workspace = createWorkspace()
  workspace.write({ 'a.pub': createTestKey().publicPem })
})
afterAll(() => workspace.remove())

function warningsOf(flags: Readonly<Record<string, string>>): readonly string[] {
  const warnings: string[] = []
  const bundle = { bundleFile: 'a.bundle', bundleKeys: 'a.pub', bundleName: 'docs' }
  const config = loadConfig({ flags: { ...bundle, ...flags }, env: {}, cwd: workspace.directory })
  createConfiguredBundleSource(config, { ...NO_LOG, warn: (_, message) => warnings.push(message) })
  return warnings
}

suite('createConfiguredBundleSource', () => {
  it('warns where a restart forgets what was seen', () => {
    expect(warningsOf({})).toEqual([expect.stringMatching(/^without `stateDir`, a restart forgets/)])
    expect(warningsOf({ stateDir: 'state' })).toEqual([])
  })
})
