import { STATUS_CODES } from 'node:http'
import { PolicyLangError } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'
import { PdpServerError, type PdpServerErrorCode, type RequestProblem } from '../errors.ts'

export const problemSchema = z
  .object({
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          path: z.string().openapi({ description: 'JSON path in the request', example: '$.subject.id' }),
        }),
      )
      .optional(),
  })
  .openapi('Problem', { description: 'Problem details (RFC 9457)' })

/** Problem details (RFC 9457) of type `about:blank`, so the title is the status phrase. */
export type Problem = z.infer<typeof problemSchema>

/** Problems of one answer; a request can hold more, and its sender has seen enough. */
const SHOWN_ERRORS = 20

const STATUS_OF_CODE: Partial<Record<PdpServerErrorCode, number>> = {
  'malformed-request': 400,
  'bad-signature': 401,
  'insufficient-scope': 403,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  'key-reused': 422,
  'too-old': 412,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'misdirected-request': 421,
  // Nobody reads it; logs and metrics tell it from answers (as web servers do).
  abandoned: 499,
  'not-ready': 503,
  stale: 503,
  'token-not-checked': 503,
  'not-recorded': 503,
  overloaded: 503,
  'store-closed': 503,
  'store-failed': 503,
  'store-full': 507,
}

export function toProblem(status: number, detail: string, errors: readonly RequestProblem[] = []): Problem {
  return {
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(errors.length > 0 && {
      errors: errors.slice(0, SHOWN_ERRORS).map(({ detail, path }) => ({ detail, path })),
    }),
  }
}

/** What a failure looks like from outside. Whatever is no known error is a 500 that says nothing of its cause. */
export function toProblemOfError(error: unknown): Problem {
  if (error instanceof PdpServerError) {
    const status = STATUS_OF_CODE[error.code]
    if (status !== undefined) return toProblem(status, error.message, error.problems)
  }
  if (error instanceof PolicyLangError && isRequestError(error)) {
    const problems = error.problems.map(({ path, message }) => ({ path, detail: message }))
    return toProblem(400, error.message, problems)
  }
  return toProblem(500, 'the request could not be answered')
}

function isRequestError({ code }: PolicyLangError): boolean {
  return code === 'malformed-request' || code === 'invalid-request' || code === 'clock-not-allowed'
}
