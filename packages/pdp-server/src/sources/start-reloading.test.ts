import type { EntityStore } from '@edict/policy-lang/program'
import { expect, it, suite } from 'vitest'
import { createPdp } from '../decide/pdp.ts'
import { PdpServerError } from '../errors.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createTestPdp, loadPolicy, POLICY } from '../test-support/service.ts'
import { createFreshness } from './freshness.ts'
import { type FirstState, startReloading } from './start-reloading.ts'
import { ticks } from './ticks.ts'

const [now, before] = [loadPolicy(), loadPolicy(POLICY.replace('everyoneReads', 'allRead'))]
const entities = createTestPdp().current()?.entities as EntityStore

/** @param fitting the policies that the data of the service fits */
async function start(fitting: readonly string[], first: FirstState) {
  const pdp = createPdp()
  const reloader = await startReloading({
    pdp,
    source: { name: 'test', start: async () => {}, reload: async () => {}, stop: async () => {} },
    first,
    freshness: createFreshness({ ticks }),
    stateDir: undefined,
    log: NO_LOG,
    metrics: undefined,
    provider: {
      mark: () => 1,
      entitiesFor: ({ version }) => {
        if (!fitting.includes(version)) throw new PdpServerError('bad-entity-data', `no fit: ${version}`)
        return { entities, number: 1 }
      },
    },
  })
  return { reload: reloader.probes[0]?.(), decides: pdp.current()?.policySet }
}

suite('startReloading', () => {
  let kept: string[] = []
  const first = (fallback?: FirstState): FirstState => {
    kept = []
    const keep = () => void kept.push('now')
    return { state: { policySet: now }, checkedAt: ticks(), keep, fallback: () => fallback }
  }
  const last = { state: { policySet: before }, checkedAt: ticks() - 1000 }

  it('keeps what is in place', async () => {
    const { reload, decides } = await start([now.version], first(last))
    expect([reload?.status, decides, kept]).toEqual(['ok', now, ['now']])
  })

  it('takes what loaded last where the first state does not fit the data, and says so', async () => {
    const { reload, decides } = await start([before.version], first(last))
    expect([reload?.status, decides, kept]).toEqual(['degraded', before, []])
    expect(reload?.detail).toContain(`no fit: ${now.version}`)
  })

  it('does not start where nothing fits', async () => {
    await expect(start([], first())).rejects.toThrow(`no fit: ${now.version}`)
    await expect(start([], first(last))).rejects.toThrow(/no fit/)
  })
})
