import { describe, expect, it } from 'vitest'
import { toProblem } from './problem.ts'
import { toProblemReply } from './reply.ts'

describe('toProblemReply', () => {
  const typeFor = (accept: string | undefined, path = '/access/v1/evaluation') =>
    toProblemReply(toProblem(401, 'who are you?'), { path, header: () => accept }).contentType

  it('is plain text at AuthZEN endpoints for whoever prefers that, and JSON else', () => {
    expect(typeFor('text/plain')).toBe('text/plain; charset=UTF-8')
    expect(typeFor('application/json;q=0.5, text/plain')).toBe('text/plain; charset=UTF-8')
    expect(typeFor('text/plain', '/decide')).toBe('application/problem+json')
    for (const accept of [undefined, '*/*', 'image/png'])
      expect(typeFor(accept)).toBe('application/problem+json')
  })

  it('reads no wish that is longer than any client has', () => {
    expect(typeFor(`text/plain${', image/png'.repeat(90)}`)).toBe('text/plain; charset=UTF-8')
    expect(typeFor(`text/plain${', image/png'.repeat(1000)}`)).toBe('application/problem+json')
  })
})
