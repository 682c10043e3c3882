import type { Command } from 'commander'
import { type BuildBundleOptions, runBuildBundle } from './build-bundle.ts'
import {
  type InspectBundleOptions,
  type KeygenOptions,
  runInspectBundle,
  runKeygen,
  runSignBundle,
  runVerifyBundle,
  type SignBundleOptions,
  type VerifyBundleOptions,
} from './bundle.ts'
import type { CliIo, ExitCode } from './io.ts'

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value]
const PUBLIC_KEY = 'file of a public key that may have signed it (PEM or JWK); repeat it for several'

/** `edict bundle keygen | build | sign | verify | inspect`. */
export function addBundleCommand(program: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  const bundle = program
    .command('bundle')
    .summary('make and check bundles')
    .description(
      'Makes and checks bundles: policies and entity data in one signed file, to be served elsewhere.',
    )
  addKeygen(bundle, io, setOutcome)
  addBuild(bundle, io, setOutcome)
  addSign(bundle, io, setOutcome)
  bundle
    .command('verify')
    .description('Checks a bundle as a service would: signature, name, end, and whether all of it loads.')
    .argument('<file>', 'a bundle')
    .requiredOption('--key <file>', PUBLIC_KEY, collect)
    .option('--name <name>', 'the name that it must have')
    .addHelpText('after', '\nExit code: 0 it counts, 1 it is refused, 2 something cannot be read.')
    .action(async (file: string, options: VerifyBundleOptions) =>
      setOutcome(await runVerifyBundle(file, options, io)),
    )
  bundle
    .command('inspect')
    .description('Shows what a bundle says of itself, and what it holds, whoever made it.')
    .argument('<file>', 'a bundle')
    .option('--key <file>', PUBLIC_KEY, collect)
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExit code: 0 shown, 1 none of the keys signed it, 2 it cannot be read.')
    .action(async (file: string, options: InspectBundleOptions) =>
      setOutcome(await runInspectBundle(file, options, io)),
    )
}

function addKeygen(bundle: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  bundle
    .command('keygen')
    .description('Makes a key that signs bundles. Prints its public half, for services, on standard output.')
    .requiredOption('--out <file>', 'where the private key goes (PKCS #8, PEM); nothing may be there yet')
    .option('--jwk', 'print the public key as JWK instead of PEM')
    .action((options: KeygenOptions) => setOutcome(runKeygen(options, io)))
}

function addBuild(bundle: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  bundle
    .command('build')
    .description('Puts policies and data that load without errors into one file.')
    .argument('[directory]', 'folder of policies (default: the configured one)')
    .requiredOption('--out <file>', 'where the bundle goes')
    .option('--data <dir>', 'folder of entity data (default: `data` in the folder of policies)')
    .option('--no-data', 'leave entity data out')
    .option(
      '--name <name>',
      'for whom it is, as `bundleName` of services says (default: as the folder is called)',
    )
    .option('--serial <number>', 'greater than that of each earlier one (default: the time in milliseconds)')
    .option('--not-after <when>', 'when it ends: 90d, or a date such as 2027-12-31 (default: never)')
    .option('--key <file>', 'private key to sign it with (default: it stays unsigned)')
    .addHelpText(
      'after',
      '\nExit code: 0 done, 1 policies or data have errors, 2 something cannot be read or written.',
    )
    .action(async (directory: string | undefined, options: BuildBundleOptions) => {
      setOutcome(await runBuildBundle(directory, options, io))
    })
}

function addSign(bundle: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  bundle
    .command('sign')
    .description('Signs a bundle that was built without a key.')
    .argument('<file>', 'an unsigned bundle')
    .requiredOption('--key <file>', 'private key (PEM), made by edict bundle keygen')
    .option('--out <file>', 'where the signed bundle goes (default: in its place)')
    .action(async (file: string, options: SignBundleOptions) =>
      setOutcome(await runSignBundle(file, options, io)),
    )
}
