import type { AnswerDuty } from '@edict/policy-lang'
import { describe, expect, it } from 'vitest'
import { createAsk, createTestPdp, exportOpen } from '../test-support/service.ts'
import { toProfileObligations } from './obligations-profile.ts'

const checkType = (duty: AnswerDuty, type: string, properties: object) =>
  expect(toProfileObligations({ obligations: [duty] })).toEqual([{ id: duty.name, type, properties }])

describe('toProfileObligations', () => {
  it.each<[AnswerDuty, string, object]>([
    [{ name: 'stepUp', args: { acrValue: 'urn:loa:2' } }, 'step-up', { acr_value: 'urn:loa:2' }],
    [
      { name: 'step_up', args: { acr_value: 'a', amrValues: ['otp'] } },
      'step-up',
      { acr_value: 'a', amr_values: ['otp'] },
    ],
    [{ name: 'notification', args: { to: 'a', body: 'b' } }, 'notification', { to: 'a', body: 'b' }],
    [{ name: 'sessionTermination', args: { subject: 'ann' } }, 'session_termination', { subject: 'ann' }],
  ])('gives %j its type', checkType)

  it.each<[string, AnswerDuty]>([
    ['a name that the profile does not have', { name: 'watermark', args: { text: 'ann' } }],
    ['a property that is missing', { name: 'stepUp', args: {} }],
    ['a property that is no text', { name: 'stepUp', args: { acrValue: 2 } }],
    ['a property too much', { name: 'sessionTermination', args: { subject: 'ann', all: true } }],
    ['two of one name', { name: 'sessionTermination', args: { subject: 'a', Subject: 'b' } }],
    ['a name of the language of the engine', { name: '__proto__', args: { constructor: 1 } }],
  ])('makes custom, with nothing lost, of %s', (_, duty) => {
    checkType(duty, 'custom', { name: duty.name, args: duty.args })
  })

  it('gives each an id of its own, always the same', () => {
    const duty = (name: string, text: string) => ({ name, args: { text } })
    const obligations = [duty('log', 'a'), duty('mark', 'b'), duty('log', 'c')]
    expect(toProfileObligations({ obligations }).map(({ id }) => id)).toEqual(['log', 'mark', 'log.2'])
  })
})

describe('the AuthZEN endpoints', () => {
  const watermark = {
    id: 'watermark',
    type: 'custom',
    properties: { name: 'watermark', args: { text: 'eve' } },
  }
  const advice = [{ name: 'compress', args: { level: 9 } }]
  const ask = createAsk({ obligationsProfile: true })

  it('write obligations so where that is asked for, single and in a batch', async () => {
    const expected = { decision: true, context: { obligations: [watermark], advice } }
    expect((await ask('/access/v1/evaluation', { body: exportOpen })).json).toEqual(expected)
    const { json } = await ask('/access/v1/evaluations', { body: { ...exportOpen, evaluations: [{}] } })
    expect(json).toEqual({ evaluations: [expected] })
  })

  it('write them for denials, too', async () => {
    const policy = `subject User
      resource Doc { actions read }
      rule out: deny read on Doc
        obligate sessionTermination(subject: subject.id)`
    const askDenied = createAsk({ pdp: createTestPdp(policy, {}), obligationsProfile: true })
    const body = {
      subject: { type: 'User', id: 'eve' },
      action: { name: 'read' },
      resource: { type: 'Doc', id: 'd' },
    }
    expect((await askDenied('/access/v1/evaluation', { body })).json).toEqual({
      decision: false,
      context: {
        obligations: [
          { id: 'sessionTermination', type: 'session_termination', properties: { subject: 'eve' } },
        ],
      },
    })
  })

  it('leave /decide as it is', async () => {
    const { json } = await ask('/decide', { body: exportOpen })
    expect(json).toMatchObject({ obligations: [{ name: 'watermark', args: { text: 'eve' } }] })
  })
})
