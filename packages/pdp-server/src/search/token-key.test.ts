import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadTokenKey } from './token-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-token-key-'))
afterAll(() => rmSync(folder, { recursive: true }))

function writeSecret(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

describe('loadTokenKey', () => {
  it('makes the same key of the same secret, blanks around it left out', () => {
    const secret = 'x'.repeat(32)
    const key = loadTokenKey(writeSecret('one', secret))
    expect(key).toHaveLength(32)
    expect(loadTokenKey(writeSecret('two', `${secret}\n`, 0o440))).toEqual(key)
    expect(loadTokenKey(writeSecret('three', `${secret}y`))).not.toEqual(key)
  })

  it.each([
    ['is not there', () => join(folder, 'none'), /there is no file/],
    [
      'is short',
      () => writeSecret('short', ` ${'x'.repeat(31)}\n`),
      /fewer than 32 characters.*openssl rand/,
    ],
    ['others may write', () => writeSecret('open', 'x'.repeat(32), 0o622), /written by others: chmod 600/],
    ['everybody may read', () => writeSecret('shown', 'x'.repeat(32), 0o644), /read by everybody: chmod 600/],
  ])('refuses a file that %s', (_, path, why) => {
    expect(() => loadTokenKey(path())).toThrow(expect.objectContaining({ code: 'unreadable-files' }))
    expect(() => loadTokenKey(path())).toThrow(why)
  })
})
