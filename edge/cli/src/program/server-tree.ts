import type { Command } from 'commander'
import { examples, finish } from './describe.ts'

/** `mintmark dev`, `serve` and `db copy`. */
export const addServer = (program: Command): void => {
  examples(program.command('dev'), [
    'mintmark dev',
    'mintmark dev --port 9000 --directory /tmp/domain',
  ])
    .description('a playground on this computer: demo API, demo application, a curl to paste')
    .option('--directory <path>', 'where its data is kept', './.mintmark')
    .option('--port <number>', 'first port to try for http', '8480')
    .option('--tls-port <number>', 'first port to try for https', '8482')
    .action((options) => finish(async () => (await import('../commands/dev.ts')).dev(options)))
  // its flags are the settings, which have a page and a help of their own
  program
    .command('serve')
    .description('run the server; settings from file, environment and flags')
    .allowUnknownOption(true)
    .allowExcessArguments(true)
    .helpOption(false)
    .action(() =>
      finish(async () => (await import('../commands/serve.ts')).serve(process.argv.slice(3))),
    )
  const db = program.command('db').description('what the server keeps its data in')
  examples(db.command('copy'), [
    'MINTMARK_DATABASE_URL_FILE=./database-url mintmark db copy --data ./data',
    'mintmark db copy --data /var/lib/mintmark --database-url-file ./database-url',
  ])
    .description('copy the data of a stopped server into an empty PostgreSQL database')
    .option('--data <path>', 'data folder of the server; else its setting')
    .option('--database-url-file <path>', 'file with the URL to copy to; else the setting')
    .action((options) =>
      finish(async () => (await import('../commands/db-copy.ts')).dbCopy(options)),
    )
}
