import type { Command } from 'commander'
import type { CliIo, ExitCode } from './io.ts'
import { runSearchCommand, type SearchCommandOptions } from './search.ts'

/** `edict search`: who may, on what, and what. */
export function addSearchCommand(program: Command, io: CliIo, setOutcome: (outcome: ExitCode) => void): void {
  program
    .command('search')
    .summary('list who may, on what, or what')
    .description(
      'Lists all of the entity data, or all actions, that would be allowed. What is looked for is left open:\n' +
        'a type in place of the subject or of the resource, or no action.',
    )
    .option('--policies <dir>', 'folder of policies (default: the configured one)')
    .option('--data <dir>', 'folder of entity data (default: `data` in the folder of policies)')
    .option('--subject <entity>', `who asks: 'User::"ann"'; or a type: User`)
    .option('--action <name>', 'what for: read')
    .option('--resource <entity>', `on what: 'Document::"d1"'; or a type: Document`)
    .option('--context <json>', `what else is known: '{"ip": "10.0.0.7"}'`)
    .option('--now <time>', 'the time to decide at, such as 2027-03-01T09:00:00Z (default: now)')
    .option('--json', 'print what is found as JSON')
    .addHelpText('after', '\nExit code: 0 something is found, 1 nothing is, 2 it cannot search.')
    .action((options: SearchCommandOptions) => setOutcome(runSearchCommand(options, io)))
}
