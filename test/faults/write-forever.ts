// Changes a file of keys, or of revocations, again and again, and says of each change on standard output that it is done;
// until it is killed. `node test/faults/write-forever.ts keys FOLDER`
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { addKey, changeKeyFile, revokeKeys } from '../../packages/pdp-server/src/authentication/issue-keys.ts'
import { createRevocations } from '../../packages/pdp-server/src/authentication/tokens/revocations.ts'
import { NO_LOG } from '../../packages/pdp-server/src/telemetry/log.ts'

const [kind, folder = '.'] = process.argv.slice(2)

/** At once: what waits in a stream dies with the process. */
function say(what: string): void {
  writeSync(1, `${what}\n`)
}

async function changeKeys(): Promise<never> {
  const path = join(folder, 'keys.json')
  for (;;) {
    const wanted = {
      name: `app-${process.pid}`,
      environment: 'live',
      scopes: ['decide' as const],
      expiresAt: undefined,
    }
    const { record } = await changeKeyFile(path, (keys) => addKey(keys.slice(-20), wanted, Date.now()))
    say(`made ${record.id}`)
    await changeKeyFile(path, (keys) => revokeKeys(keys, record.id, Date.now()))
    say(`revoked ${record.id}`)
  }
}

async function revoke(): Promise<never> {
  const path = join(folder, 'revoked.jsonl')
  const revocations = createRevocations({ path, log: NO_LOG, now: Date.now, compactFromBytes: 2000 })
  for (let number = 0; ; number++) {
    const jti = `${process.pid}-${number}`
    // Every other one has expired long ago, so that there is something to drop.
    await revocations.add([
      { issuer: 'i', jti },
      { issuer: 'i', jti: `old-${number}`, expiresAt: 1 },
    ])
    say(`revoked ${jti}`)
  }
}

if (kind === 'keys') await changeKeys()
else await revoke()
