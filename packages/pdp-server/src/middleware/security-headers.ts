import type { MiddlewareHandler } from 'hono'

/**
 * Headers for answers that no browser should show, frame or keep. A route may say itself how long to keep it.
 * No CORS header is ever set: no page of another origin may read an answer.
 */
export const SECURITY_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cache-Control', 'no-store'],
]

export const setSecurityHeaders: MiddlewareHandler = async (c, next) => {
  for (const [name, value] of SECURITY_HEADERS) c.header(name, value)
  await next()
}
