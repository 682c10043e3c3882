import type { Command } from 'commander'
import type { CliIo, ExitCode } from './io.ts'
import { runExportStore, runImportStore, type StoreOptions } from './store.ts'

const STORE = ['--store <file>', 'the entity store (default: the configured `entityStore`)'] as const

/** `edict store import | export`. */
export function addStoreCommand(program: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  const store = program
    .command('store')
    .summary('fill and read entity stores')
    .description('Moves entity data between folders of JSON and the file of an entity store.')
  store
    .command('import')
    .description('Puts the entity data of a folder in a new store, once it fits the policies.')
    .argument('<directory>', 'folder of `*.json` files')
    .option(...STORE)
    .option('--policies <dir>', 'folder of policies that it must fit (default: the configured one)')
    .addHelpText('after', '\nExit code: 0 done, 1 the data does not fit, 2 a file cannot be read or written.')
    .action((directory: string, options: StoreOptions) => {
      setOutcome(runImportStore(directory, options, io))
    })
  store
    .command('export')
    .description('Prints what a store holds as one file of entity data. The service must not run meanwhile.')
    .option(...STORE)
    .action((options: StoreOptions) => setOutcome(runExportStore(options, io)))
}
