import { createHmac } from 'node:crypto'
import { statSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'

const MIN_SECRET_LENGTH = 32

/**
 * The key that seals tokens of searches, made of the secret in a file.
 * Throws `PdpServerError` `unreadable-files` for a file that cannot be read, that everybody may read, or others write.
 */
export function loadTokenKey(path: string): Uint8Array {
  const secret = readTextFile(path).trim()
  refuseOpenToOthers(path)
  if (secret.length < MIN_SECRET_LENGTH) {
    throw unfit(path, 'holds fewer than 32 characters; make a secret: openssl rand -base64 32')
  }
  return createHmac('sha256', secret).update('edict search tokens').digest()
}

/** Who may write it may put a secret there that is none; what everybody may read is none. A group may have to read it. */
function refuseOpenToOthers(path: string): void {
  if (process.platform === 'win32') return
  const { mode } = statSync(path)
  if ((mode & 0o022) !== 0) throw unfit(path, `may be written by others: chmod 600 ${path}`)
  if ((mode & 0o004) !== 0) throw unfit(path, `may be read by everybody: chmod 600 ${path}`)
}

function unfit(path: string, detail: string): PdpServerError {
  return new PdpServerError('unreadable-files', `${path} ${detail}`)
}
