import { describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { createPdp } from '../decide/pdp.ts'
import { createMetricsApp } from '../routes/metrics.ts'
import { createRecord } from '../test-support/decision-records.ts'
import {
  createAsk,
  createTestPdp,
  DATA,
  exportOpen,
  POLICY,
  readOpen,
  readShut,
} from '../test-support/service.ts'
import { LabelCounter } from './label-counter.ts'
import { Metrics, type MetricsOptions } from './metrics.ts'

function create(options: MetricsOptions = {}) {
  const metrics = new Metrics({ measuresProcess: false, ...options })
  const onDecision = (record: Parameters<Metrics['countDecision']>[0]) => {
    metrics.countDecision(record)
    return undefined
  }
  const pdp = createTestPdp(POLICY, DATA, { onDecision })
  const ask = createAsk({ pdp, metrics, observers: [metrics.countExchange] })
  return { metrics, pdp, ask }
}

/** The lines of a metric, without its name. */
async function read(metrics: Metrics, name: string): Promise<readonly string[]> {
  const { text } = await metrics.render()
  return text
    .split('\n')
    .flatMap((line) =>
      line.startsWith(`${name}{`) || line.startsWith(`${name} `) ? [line.slice(name.length)] : [],
    )
}

describe('Metrics', () => {
  it('counts decisions by what they were and why', async () => {
    const { metrics, ask } = create()
    for (const body of [readOpen, readOpen, readShut, exportOpen]) await ask('/decide', { body })
    await ask('/access/v1/evaluations', { body: { evaluations: [readOpen, readShut] } })
    expect(await read(metrics, 'edict_decisions_total')).toEqual([
      '{decision="allow",action="read",resource_type="Doc",rule="everyoneReads"} 3',
      '{decision="deny",action="read",resource_type="Doc",rule="(default)"} 2',
      '{decision="allow",action="export",resource_type="Doc",rule="smallExports"} 1',
    ])
    expect(await read(metrics, 'edict_decision_duration_seconds_count')).toEqual([' 6'])
    expect(await read(metrics, 'edict_decision_duration_seconds_bucket')).toContainEqual('{le="+Inf"} 6')
  })

  it('does not tell apart what strangers make up', async () => {
    const { metrics, ask } = create()
    for (let count = 0; count < 50; count++) {
      await ask('/decide', { body: { ...readOpen, action: { name: `a${count}` } } })
      await ask('/decide', { body: { ...readOpen, resource: { type: `T${count}`, id: 'x' } } })
      await ask(`/path-${count}`)
    }
    expect(await read(metrics, 'edict_decisions_total')).toEqual([
      '{decision="deny",action="other",resource_type="other",rule="(unknownAction)"} 50',
      '{decision="deny",action="other",resource_type="other",rule="(unknownType)"} 50',
    ])
    expect(await read(metrics, 'edict_http_request_duration_seconds_count')).toEqual([
      '{path="/decide",status="200"} 100',
      '{path="other",status="404"} 50',
    ])
  })

  it('counts what goes beyond its bound as other', async () => {
    const { metrics, ask } = create({ maxLabelSets: 1 })
    for (const body of [readOpen, readShut, exportOpen, readOpen]) await ask('/decide', { body })
    expect(await read(metrics, 'edict_decisions_total')).toEqual([
      '{decision="allow",action="read",resource_type="Doc",rule="everyoneReads"} 2',
      '{decision="other",action="other",resource_type="other",rule="other"} 2',
    ])
  })

  it('counts requests of callers by name and key', async () => {
    const { metrics } = create()
    const exchange = {
      method: 'POST',
      path: '/decide',
      header: () => undefined,
      incoming: undefined,
      setHeader: () => {},
    }
    const caller = { id: 'web', keyId: 'k1', scopes: new Set<never>() }
    metrics.countExchange({ ...exchange, caller }, 200, 1)
    metrics.countExchange({ ...exchange, caller }, 403, 1)
    metrics.countExchange(exchange, 401, 1)
    expect(await read(metrics, 'edict_caller_requests_total')).toEqual([
      '{caller="web",key="k1",status="200"} 1',
      '{caller="web",key="k1",status="403"} 1',
    ])
  })

  it('counts decisions and failures by the name and the key of the caller', async () => {
    const { metrics } = create()
    const origin = { caller: 'key:web', keyId: 'k1' }
    metrics.countDecision(createRecord(exportOpen, { origin }))
    metrics.countDecision(createRecord(readShut, { origin }))
    metrics.countDecision(createRecord(exportOpen))
    metrics.countAuthenticationFailure({ reason: 'invalid', callerId: 'key:web', keyId: 'k1' })
    metrics.countAuthenticationFailure({ reason: 'scope', callerId: 'token:x' })
    metrics.countAuthenticationFailure({ reason: 'missing' })
    expect(await read(metrics, 'edict_caller_decisions_total')).toEqual([
      '{caller="key:web",key="k1",decision="allow"} 1',
      '{caller="key:web",key="k1",decision="deny"} 1',
    ])
    expect(await read(metrics, 'edict_authentication_failures_total')).toEqual([
      '{caller="key:web",key="k1",reason="invalid"} 1',
      '{caller="token:x",key="",reason="scope"} 1',
      '{caller="",key="",reason="missing"} 1',
    ])
  })

  it('tells durations below each bound', async () => {
    const { metrics } = create()
    for (const durationMs of [0.0005, 0.005, 0.0051, 5000])
      metrics.countDecision(createRecord(readOpen, { durationMs }))
    const buckets = await read(metrics, 'edict_decision_duration_seconds_bucket')
    expect(buckets).toEqual(
      expect.arrayContaining([
        '{le="0.000001"} 1',
        '{le="0.000005"} 2',
        '{le="0.00001"} 3',
        '{le="1"} 3',
        '{le="+Inf"} 4',
      ]),
    )
    expect(Number((await read(metrics, 'edict_decision_duration_seconds_sum'))[0])).toBeCloseTo(5.0000106)
  })

  it('tells which policies and data are in use, and how old they are', async () => {
    let now = 1_000_000
    const { metrics, pdp } = create({ now: () => now, ticks: () => now - 7 })
    metrics.watchPdp(pdp)
    expect(await read(metrics, 'edict_policy_age_seconds')).toEqual([' 0'])
    metrics.countReload('policy', 'success')
    now += 5000
    metrics.countReload('policy', 'failure')
    expect(await read(metrics, 'edict_policy_age_seconds')).toEqual([' 5'])
    expect(await read(metrics, 'edict_policy_loaded_timestamp_seconds')).toEqual([' 1000'])
    expect(await read(metrics, 'edict_reloads_total')).toEqual([
      '{what="policy",outcome="success"} 1',
      '{what="policy",outcome="failure"} 1',
    ])
    const { policySet, entities } = pdp.current() ?? {}
    expect(await read(metrics, 'edict_policy_info')).toEqual([
      `{policy_version="${policySet?.version}",data_version="${entities?.version}"} 1`,
    ])
  })

  it('tells nothing of policies before any is loaded', async () => {
    const { metrics } = create()
    metrics.watchPdp(createPdp())
    expect(await read(metrics, 'edict_policy_info')).toEqual([])
  })

  it('tells how the decision log does', async () => {
    const { metrics } = create()
    metrics.watchDecisionLog(() => ({
      isRequired: false,
      ignoredCount: 4,
      notDrawnCount: 5,
      outlets: [
        {
          name: 'file',
          isSafe: false,
          failure: 'no disk',
          spooledBytes: 7,
          deliveredLines: 2,
          droppedLines: new Map([['buffer-full', 3]]),
          bufferedBytes: 9,
        },
      ],
    }))
    const { text } = await metrics.render()
    const lines = text.split('\n').filter((line) => line.startsWith('edict_decision_log_'))
    expect(lines).toEqual([
      'edict_decision_log_up{sink="file"} 0',
      'edict_decision_log_buffer_bytes{sink="file"} 9',
      'edict_decision_log_spool_bytes{sink="file"} 7',
      'edict_decision_log_lines_total{sink="file"} 2',
      'edict_decision_log_dropped_total{sink="file",reason="buffer-full"} 3',
      'edict_decision_log_skipped_total{reason="ignored"} 4',
      'edict_decision_log_skipped_total{reason="not-sampled"} 5',
    ])
  })

  it('measures the process', async () => {
    const { text } = await new Metrics().render()
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
  })

  it('keeps labels within their quotes', async () => {
    const policy = 'subject User\nresource Doc { actions "re\\"ad\\\\" }\nrule "a\\"} 9": allow * on Doc'
    const metrics = new Metrics({ measuresProcess: false })
    const pdp = createTestPdp(
      policy,
      {},
      { onDecision: (record) => void metrics.countDecision(record) as undefined },
    )
    pdp.begin().decide({ ...readOpen, action: { name: 're"ad\\' }, resource: { type: 'Doc', id: 'x' } })
    expect(await read(metrics, 'edict_decisions_total')).toEqual([
      '{decision="allow",action="re\\"ad\\\\",resource_type="Doc",rule="a\\"} 9"} 1',
    ])
  })
})

describe('GET /metrics', () => {
  it('answers in the text form of Prometheus', async () => {
    const { ask } = create()
    const { status, headers, text } = await ask('/metrics')
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(text).toContain('# TYPE edict_decisions_total counter\n')
    expect((await ask('/metrics', { method: 'POST', body: {} })).status).toBe(405)
  })

  it('is nowhere unless asked for', async () => {
    expect((await createAsk()('/metrics')).status).toBe(404)
  })

  it('has a port of its own, with nothing else there', async () => {
    const { metrics } = create()
    const { fetch } = createMetricsApp(metrics)
    const get = async (path: string, init?: RequestInit, env?: unknown) =>
      (await fetch(new Request(`http://localhost${path}`, init), env)).status
    expect(await get('/metrics')).toBe(200)
    expect(await get('/metrics', { method: 'HEAD' })).toBe(200)
    expect(await get('/metrics', { method: 'POST' })).toBe(405)
    expect(await get('/decide', { method: 'POST' })).toBe(404)
    expect(
      await get('/metrics', { headers: { host: 'attacker.example' } }, { trustsHost: () => false }),
    ).toBe(421)
  })
})

describe('LabelCounter', () => {
  it('tells apart values that would be the same if they were joined', () => {
    const counter = new LabelCounter(10, 2)
    for (const values of [
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['', ''],
      ['__proto__', 'constructor'],
    ])
      counter.count(values)
    expect(counter.counts().map(({ count }) => count)).toEqual([1, 1, 1, 1])
  })
})

describe('GET /readyz', () => {
  it.each([
    ['ok', 200, 'ready'],
    ['degraded', 200, 'ready'],
    ['failing', 503, 'not-ready'],
  ] as const)('answers while a part is %s', async (status, code, readiness) => {
    const probe = () => ({ name: 'decisionLog', status, detail: 'file: ENOSPC' })
    const app = createApp({ pdp: createTestPdp(), probes: [probe] })
    const response = await app.fetch(new Request('http://localhost/readyz'))
    expect([response.status, await response.json()]).toMatchObject([
      code,
      { status: readiness, dataVersion: expect.any(String), checks: [{ name: 'decisionLog', status }] },
    ])
  })
})
