import { PdpServerError } from '../errors.ts'

/** What keeps the decision log from starting. */
export function unwritable(path: string, cause: unknown): PdpServerError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new PdpServerError('unwritable-file', `the decision log cannot be written to ${path} (${code})`, {
    cause,
  })
}
