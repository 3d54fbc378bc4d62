#!/usr/bin/env node
import { version } from '@mintmark/server/version'
import { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { addTokenCommands } from './token/token-commands.ts'

/**
 * The `mintmark` command. Each command's code is loaded when it is called, so that help is quick.
 */
const program = new Command('mintmark')
  .description('The identity domain for machines: OAuth 2.0 client credentials, self-hosted.')
  .version(version, '-V, --version', 'print the version')
  .showHelpAfterError('(mintmark --help lists the commands)')
  .addHelpText('before', 'Examples:\n  mintmark dev\n  mintmark apply -f domain.yaml --dry-run\n')

program
  .command('dev')
  .description('a playground on this computer: demo API, demo application, a curl to paste')
  .option('--directory <path>', 'where its data is kept', './.mintmark')
  .option('--port <number>', 'first port to try for http', '8480')
  .option('--tls-port <number>', 'first port to try for https', '8482')
  .addHelpText(
    'after',
    '\nExamples:\n  mintmark dev\n  mintmark dev --port 9000 --directory /tmp/domain',
  )
  .action(async (options) => {
    const { dev } = await import('./commands/dev.ts')
    process.exitCode = await dev(options)
  })

const serve = program
  .command('serve')
  .description('run the server; settings from file, environment and flags')
  .allowUnknownOption(true)
  .allowExcessArguments(true)
  .helpOption(false)
  .action(async () => {
    const { serve: run } = await import('./commands/serve.ts')
    process.exitCode = await run(process.argv.slice(3))
  })
void serve

program
  .command('apply')
  .description('make the domain as a file says, in one transaction; shows the difference first')
  .requiredOption('-f, --file <path>', 'domain file, or a folder of them')
  .option('--dry-run', 'show and check, change nothing; exit 10 when there are changes')
  .option('--url <url>', 'the server; default MINTMARK_URL, else http://localhost:8480')
  .option('--client-id <id>', 'who signs in; default MINTMARK_CLIENT_ID')
  .option('--client-secret-stdin', 'read the secret from standard input')
  .option('-o, --output <form>', 'text, env or json', 'text')
  .addHelpText(
    'after',
    '\nExamples:\n  mintmark apply -f domain.yaml --dry-run\n' +
      '  mintmark apply -f domain.d/ -o env > .env',
  )
  .action(async (options) => {
    const { apply } = await import('./commands/apply.ts')
    process.exitCode = await apply(options)
  })

addTokenCommands(program)

// What the command line itself refuses is a usage error: exit 2, as the table of exit codes says.
const exitAsStated = (command: Command): void => {
  command.exitOverride((fault) => process.exit(fault.exitCode === 0 ? 0 : exitCodes.usage))
  for (const each of command.commands) exitAsStated(each)
}
exitAsStated(program)

await program.parseAsync(process.argv)
