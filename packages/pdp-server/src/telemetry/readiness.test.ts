import { describe, expect, it } from 'vitest'
import { checkDecisionLog } from './readiness.ts'

const outlet = (name: string, failure: string | undefined, isSafe: boolean) => ({
  name,
  failure,
  isSafe,
  deliveredLines: 0,
  droppedLines: {},
  bufferedBytes: 0,
  spooledBytes: 0,
})

describe('checkDecisionLog', () => {
  const well = outlet('stdout', undefined, true)
  const full = outlet('file', "ENOSPC: no space left on device, open '/var/log/edict/decisions.jsonl'", false)

  const away = outlet('http', 'the receiver of the decision log answers with 500', true)

  it('says which sinks fail, and of why no more than a code: anybody may ask', () => {
    expect(checkDecisionLog({ isRequired: false, outlets: [well, away, full] } as never)).toEqual({
      name: 'decisionLog',
      status: 'degraded',
      detail: 'decisions cannot be recorded in http, file (ENOSPC), the log says why',
    })
  })

  it.each([
    [true, [well], 'ok'],
    [true, [well, full], 'failing'],
    [true, [{ ...full, isSafe: true }], 'degraded'],
  ] as const)(
    'where records are required (%s) is failing only where they are lost',
    (isRequired, outlets, status) => {
      expect(checkDecisionLog({ isRequired, outlets } as never).status).toBe(status)
    },
  )
})
