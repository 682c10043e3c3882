import type { Command } from 'commander'
import { SCOPES } from '../authentication/caller.ts'
import type { CliIo, ExitCode } from './io.ts'
import {
  type CreateKeyOptions,
  type KeyFileOptions,
  type ListKeysOptions,
  type RotateKeyOptions,
  runCreateKey,
  runListKeys,
  runRevokeKey,
  runRotateKey,
} from './keys.ts'

const FILE = ['--file <file>', 'key file (default: the configured `keyFile`)'] as const
const EXPIRES = ['--expires <when>', '90d, a date such as 2027-12-31, or never', '365d'] as const
const ENVIRONMENT = [
  '--environment <name>',
  'where the key counts: services with this `keyEnvironment` (default: the configured one)',
] as const

/** `edict keys create | list | rotate | revoke`. */
export function addKeysCommand(program: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  const keys = program
    .command('keys')
    .summary('make and revoke API keys')
    .description('Makes, lists, rotates and revokes the API keys with which callers say who they are.')
  keys
    .command('create')
    .description('Makes a key and shows it, once, on standard output. The file holds its hash alone.')
    .argument('<name>', 'who will hold it; two keys of a name may be valid at once')
    .option('--scopes <list>', `what it may do, of ${SCOPES.join(',')}`, 'decide')
    .option(...EXPIRES)
    .option(...ENVIRONMENT)
    .option(...FILE)
    .action(async (name: string, options: CreateKeyOptions) => {
      setOutcome(await runCreateKey(name, options, io))
    })
  keys
    .command('list')
    .description('Lists keys, with when each was used last.')
    .option('--json', 'print them as JSON')
    .option(...FILE)
    .action((options: ListKeysOptions) => setOutcome(runListKeys(options, io)))
  keys
    .command('rotate')
    .description('Makes a second key like the first. The first still counts for a while.')
    .argument('<name>', 'whose key')
    .option('--grace <time>', 'how long the old key still counts', '24h')
    .option(...EXPIRES)
    .option(...ENVIRONMENT)
    .option(...FILE)
    .action(async (name: string, options: RotateKeyOptions) => {
      setOutcome(await runRotateKey(name, options, io))
    })
  keys
    .command('revoke')
    .description('Ends a key, or all keys of a name, at once.')
    .argument('<id-or-name>', 'the id of a key, or a name')
    .option(...FILE)
    .action(async (idOrName: string, options: KeyFileOptions) => {
      setOutcome(await runRevokeKey(idOrName, options, io))
    })
}
