import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import {
  ask,
  attribute,
  buildProgram,
  entityOf,
  entityType,
  equal,
  member,
  resource,
  rule,
  subject,
} from './fixtures.ts'
import { linkProgram } from './link.ts'

const types = [
  entityType('User'),
  entityType('Document', { actions: ['read'], attributes: [attribute('owner', entityOf('User'))] }),
]

describe('decide', () => {
  it('allows what a rule allows', () => {
    const linked = linkProgram(
      buildProgram({
        types,
        rules: [rule('owners', 'allow', { if: [equal(member(resource, 'owner'), subject)] })],
      }),
    )
    const answer = decide(
      linked,
      ask({ resource: { type: 'Document', id: 'd', properties: { owner: 'ann' } } }),
    )
    expect(answer).toMatchInlineSnapshot(`
      {
        "advice": [],
        "cacheable": {
          "until": null,
        },
        "decision": "allow",
        "errorCount": 0,
        "errors": [],
        "obligations": [],
        "policyVersion": "test",
        "reasons": [
          {
            "rule": "owners",
          },
        ],
      }
    `)
    expect(decide(linked, ask(), { footprint: true })).toMatchInlineSnapshot(`
      {
        "advice": [],
        "cacheable": {
          "until": null,
        },
        "decision": "deny",
        "errorCount": 1,
        "errors": [
          {
            "kind": "condition",
            "location": {
              "column": 1,
              "file": "test.edict",
              "line": 1,
            },
            "message": "\`owner\` of Document::"d" is missing",
            "rule": "owners",
          },
        ],
        "footprint": {
          "assignments": [],
          "attributes": [
            {
              "attribute": "owner",
              "type": "Document",
            },
          ],
          "parents": [],
          "request": [
            "$.action.name",
            "$.entities",
            "$.resource.id",
            "$.resource.properties.owner",
            "$.resource.type",
            "$.subject.id",
            "$.subject.type",
          ],
        },
        "obligations": [],
        "policyVersion": "test",
        "reasons": [
          {
            "builtin": "default",
          },
        ],
      }
    `)
  })
})
