import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'

/**
 * Makes the folder of what is kept over restarts, where it is not there. Throws `PdpServerError` `bad-configuration`
 * where it cannot be used, or others may write it: what is kept there may decide one day.
 */
export function openStateDirectory(path: string): void {
  let mode: number
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    mode = statSync(path).mode
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw refuse(`${path} cannot be used (${code}): name a folder that the service may write`, cause)
  }
  if (process.platform !== 'win32' && (mode & 0o022) !== 0) {
    throw refuse(`${path} may be written by others, who could put policies there: chmod 700 ${path}`)
  }
}

function refuse(detail: string, cause?: unknown): PdpServerError {
  return new PdpServerError('bad-configuration', `\`stateDir\`: ${detail}`, { cause })
}
