import type { Command } from 'commander'
import { type HealthcheckOptions, runHealthcheck } from './healthcheck.ts'
import type { CliIo, ExitCode } from './io.ts'

/** `edict healthcheck`, for containers: images need no other client. */
export function addHealthcheckCommand(
  program: Command,
  io: CliIo,
  setOutcome: (outcome: ExitCode) => void,
): void {
  program
    .command('healthcheck')
    .summary('ask whether the service can decide')
    .description('Asks the service on this machine whether it can decide. Made for containers.')
    .option('--config <file>', 'the configuration file of the service')
    .option(
      '--url <url>',
      'the address to ask, such as https://pdp.example.com (default: from `host` and `port`)',
    )
    .option('--host <value>', 'where it listens (default: the configured `host`)')
    .option('--port <value>', 'where it listens (default: the configured `port`)')
    .option('--cacert <file>', 'authorities (PEM) to believe (default: the certificate of the configuration)')
    .option('--cert <file>', 'certificate (PEM) to show, where the service asks for one')
    .option('--key <file>', 'key (PEM) of that certificate')
    .option('--insecure', 'believe any certificate, such as a self-signed one; on this machine alone')
    .option('--live', 'ask only whether the process runs')
    .option('--timeout-ms <value>', 'how long to wait', '2000')
    .addHelpText('after', '\nExit code: 0 it can, 1 it cannot or does not answer.')
    .action(async (options: HealthcheckOptions) => setOutcome(await runHealthcheck(options, io)))
}
