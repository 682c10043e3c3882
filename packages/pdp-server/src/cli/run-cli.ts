// The `edict` command: which command, its flags, and what its outcome is as an exit code.
import { Command, CommanderError } from 'commander'
import { CONFIG_FILE, CONFIG_TABLE } from '../config.ts'
import { PdpServerError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { addBundleCommand } from './add-bundle-command.ts'
import { addHealthcheckCommand } from './add-healthcheck-command.ts'
import { addKeysCommand } from './add-keys-command.ts'
import { addSearchCommand } from './add-search-command.ts'
import { addStoreCommand } from './add-store-command.ts'
import { type CheckOptions, runCheck } from './check.ts'
import { type DecideCommandOptions, runDecide } from './decide.ts'
import { type FmtOptions, runFmt } from './fmt.ts'
import { type CliIo, EXIT, type ExitCode, say, visible } from './io.ts'
import { runServe, type ServeOptions } from './serve.ts'
import { runTestCommand, type TestOptions } from './test.ts'

type SetOutcome = (outcome: ExitCode) => void

/** Runs one command line and gives the exit code. Throws nothing. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let code: ExitCode = EXIT.ok
  const program = createProgram(io, (outcome) => {
    code = outcome
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return toExitCode(error, io)
  }
}

function createProgram(io: CliIo, setOutcome: SetOutcome): Command {
  const program = new Command('edict')
    .description('Edict: policies in, decisions out, every answer explained.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(edict --help shows what there is)')
  addServe(program, io, setOutcome)
  addCheck(program, io, setOutcome)
  addTest(program, io, setOutcome)
  addDecide(program, io, setOutcome)
  addSearchCommand(program, io, setOutcome)
  addFmt(program, io, setOutcome)
  addKeysCommand(program, io, setOutcome)
  addBundleCommand(program, io, setOutcome)
  addStoreCommand(program, io, setOutcome)
  addHealthcheckCommand(program, io, setOutcome)
  return program
}

function addServe(program: Command, io: CliIo, setOutcome: SetOutcome): void {
  const serve = program
    .command('serve')
    .summary('answer over HTTP')
    .description(
      'Serves a folder of policies over HTTP: POST /decide, AuthZEN 1.0, health, OpenAPI.\n' +
        `Each flag can also be set in the environment (EDICT_PORT=9000) or in ${CONFIG_FILE} ({"port": 9000}).`,
    )
    .argument('[directory]', 'folder of policies; the same as --policies')
    .option('--config <file>', `configuration file (default: ${CONFIG_FILE}, where there is one)`)
  for (const { flag, kind, description, defaultValue } of CONFIG_TABLE) {
    const shown = defaultValue === undefined || kind === 'switch' ? '' : ` (default: ${String(defaultValue)})`
    serve.option(kind === 'switch' ? flag : `${flag} <value>`, `${description.replaceAll('`', '')}${shown}`)
  }
  serve.action(async (directory: string | undefined, options: ServeOptions) => {
    setOutcome(await runServe(directory, options, io))
  })
}

const PATHS = 'folders, each a policy set; files, which are one set together (default: the configured folder)'

function addCheck(program: Command, io: CliIo, setOutcome: SetOutcome): void {
  program
    .command('check')
    .summary('find errors in policies and data')
    .description('Checks policies, and the entity data in their folder `data`, without running anything.')
    .argument('[paths...]', PATHS)
    .option(
      '--data <dir>',
      'folder of entity data to check as well (default: `data` in the folder of policies)',
    )
    .option('--json', 'print findings as JSON')
    .addHelpText('after', '\nExit code: 0 no errors, 1 errors, 2 something cannot be read.')
    .action((paths: string[], options: CheckOptions) => setOutcome(runCheck(paths, options, io)))
}

function addTest(program: Command, io: CliIo, setOutcome: SetOutcome): void {
  program
    .command('test')
    .summary('run the tests of policies')
    .description('Runs the `test` blocks of policies.')
    .argument('[paths...]', PATHS)
    .option('--json', 'print the report as JSON')
    .option('-v, --verbose', 'name the tests that pass, too')
    .addHelpText('after', '\nExit code: 0 all pass, 1 one fails, 2 a policy set does not load.')
    .action((paths: string[], options: TestOptions) => setOutcome(runTestCommand(paths, options, io)))
}

function addDecide(program: Command, io: CliIo, setOutcome: SetOutcome): void {
  program
    .command('decide')
    .summary('ask one question')
    .description('Decides one question and says why.')
    .option('--policies <dir>', 'folder of policies (default: the configured one)')
    .option('--data <dir>', 'folder of entity data (default: `data` in the folder of policies)')
    .option('--subject <entity>', `who asks: 'User::"ann"'`)
    .option('--action <name>', 'what for: read')
    .option('--resource <entity>', `on what: 'Document::"d1"'`)
    .option('--context <json>', `what else is known: '{"ip": "10.0.0.7"}'`)
    .option('--request <file>', 'the whole question as JSON; - reads standard input')
    .option('--now <time>', 'the time to decide at, such as 2027-03-01T09:00:00Z (default: now)')
    .option('--explain', 'show all rules and the values they saw')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExit code: 0 allow, 1 deny, 2 no decision.')
    .action(async (options: DecideCommandOptions) => setOutcome(await runDecide(options, io)))
}

function addFmt(program: Command, io: CliIo, setOutcome: SetOutcome): void {
  program
    .command('fmt')
    .summary('lay policies out')
    .description(
      'Lays policy files out in the one way there is. A file that cannot be parsed stays as it is.',
    )
    .argument('[paths...]', 'folders and files; - reads standard input (default: the configured folder)')
    .option('--check', 'change nothing; name the files that would change')
    .addHelpText(
      'after',
      '\nExit code: 0 done, 1 --check found something, 2 a file cannot be parsed or read.',
    )
    .action(async (paths: string[], options: FmtOptions) => setOutcome(await runFmt(paths, options, io)))
}

/** Codes of errors that mean "cannot do what was asked", not "was asked wrongly". */
const START_ERRORS: ReadonlySet<string> = new Set(['unsafe-host', 'cannot-listen', 'bad-entity-data'])

function toExitCode(error: unknown, io: CliIo): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.error
  if (error instanceof PdpServerError) {
    for (const line of error.message.split('\n')) say(io.stderr, `error: ${visible(line)}`)
    for (const { path, detail } of error.problems) say(io.stderr, `  ${visible(`${path}: ${detail}`)}`)
    return START_ERRORS.has(error.code) ? EXIT.no : EXIT.error
  }
  say(io.stderr, 'error: this is a fault of edict itself; please report it with what follows')
  say(io.stderr, error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT.error
}
