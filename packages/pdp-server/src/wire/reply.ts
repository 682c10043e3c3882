// An answer before it takes the form of a web response or of node's.
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { Problem } from './problem.ts'

export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Status 200 with a text that is JSON. */
export function toJsonReply(body: string): Reply {
  return { status: 200, contentType: 'application/json', body }
}

/** Problem details, or at AuthZEN endpoints the message alone for whoever prefers plain text (AuthZEN 1.0 §10.1.2). */
export function toProblemReply(problem: Problem, { path, header }: RequestHead): Reply {
  const { status, detail } = problem
  if (path.startsWith(AUTHZEN_PATHS) && prefersText(header('accept'))) {
    return { status, contentType: 'text/plain; charset=UTF-8', body: detail }
  }
  return { status, contentType: 'application/problem+json', body: JSON.stringify(problem) }
}

interface RequestHead {
  readonly path: string
  readonly header: (name: string) => string | undefined
}

const AUTHZEN_PATHS = '/access/v1/'
/** To read one of 16 KB takes milliseconds, before anybody is known. */
const MAX_ACCEPT_LENGTH = 1024

function prefersText(accept: string | undefined): boolean {
  if (accept === undefined || accept.length > MAX_ACCEPT_LENGTH) return false
  // Of a context it reads this header, and nothing else.
  const context = { req: { header: () => accept } } as unknown as Context
  const supports = ['application/problem+json', 'application/json', 'text/plain']
  return (
    accepts(context, { header: 'Accept', supports, default: 'application/problem+json' }) === 'text/plain'
  )
}
